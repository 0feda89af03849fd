"""Reports that a message was not delivered, structured (RFC 3464) or in prose; and about which one.

Complaints (RFC 5965), read receipts (RFC 8098) and reports of success are none.
"""

import re

from courrier.mail.addresses import match_key, parse_addresses
from courrier.mail.attachments import decoded_bytes
from courrier.mail.bounce_kind import kind_of
from courrier.mail.bounce_prose import looks_like_bounce, own_words, prose_recipients
from courrier.mail.delivery_status import failed_recipients
from courrier.mail.fields import Fields, first, read_header
from courrier.mail.ids import message_id, message_ids
from courrier.mail.limits import MAX_PROSE_CHARS
from courrier.mail.message import Bounce, BouncedRecipient, BounceKind
from courrier.mail.mime import Entity
from courrier.mail.words import field_text

_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED_TYPES = {
    "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers",
    "message/rfc822-headers",
}  # fmt: skip
_OTHER_REPORTS = {"feedback-report", "disposition-notification"}
_OTHER_REPORT_TYPES = {"message/feedback-report", "message/disposition-notification"}
_ID_IN_TEXT = re.compile(
    r"^[ \t>|]*message-id:\s{0,80}(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE
)
_HEADER_BYTES = 64 * 1024


def read_bounce(raw: bytes, root: Entity, text: str) -> Bounce | None:
    """The bounce that a message is; `None` if it is none.

    Args:
        raw: the message.
        root: its parts.
        text: its body as text.
    """
    if not _may_be(root):
        return None
    leaves = _leaves(root)
    if root.parameters.get("report-type", "").lower() in _OTHER_REPORTS or any(
        leaf.content_type in _OTHER_REPORT_TYPES for leaf in leaves
    ):
        return None
    recipients = _recipients(raw, root, leaves, text)
    if recipients is None:
        return None
    original = _original_id(raw, leaves, text) or _answered_id(root.fields)
    return Bounce(_kind(recipients, text), recipients, original)


def _may_be(root: Entity) -> bool:
    """Most messages are turned away here, by two fields."""
    if root.content_type == "multipart/report" or b"x-failed-recipients" in root.fields:
        return True
    fields = root.fields
    sender = field_text(first(fields, b"from") or b"")
    subject = field_text(first(fields, b"subject") or b"")
    return_path = first(fields, b"return-path")
    empty = return_path is None or return_path.strip() in {b"<>", b""}
    return looks_like_bounce(subject, sender, empty_return_path=empty)


def _leaves(root: Entity) -> list[Entity]:
    found: list[Entity] = []
    waiting = [root]
    while waiting:
        entity = waiting.pop()
        waiting.extend(reversed(entity.children))
        if not entity.children:
            found.append(entity)
    return found


def _recipients(
    raw: bytes, root: Entity, leaves: list[Entity], text: str
) -> tuple[BouncedRecipient, ...] | None:
    reports = [leaf for leaf in leaves if leaf.content_type in _STATUS_TYPES]
    if reports:
        found = failed_recipients(decoded_bytes(raw, reports[0]), own_words(text))
        return found or None
    fields = root.fields
    failed = b", ".join(fields.get(b"x-failed-recipients", []))
    named = [each.address for each in parse_addresses(failed)]
    excluded = {
        match_key(each.address)
        for name in (b"from", b"to", b"reply-to", b"return-path")
        for each in parse_addresses(first(fields, name) or b"")
    }
    if not text.strip() and root.content_type != "multipart/report":
        return None
    found_in_prose = prose_recipients(text, named, excluded)
    return found_in_prose or None


def _kind(recipients: tuple[BouncedRecipient, ...], text: str) -> BounceKind:
    """Hard if one address is dead; the prose decides where the recipients' fields say nothing."""
    kinds = {kind_of(each.status, each.action, each.diagnostic) for each in recipients}
    if kinds == {"unknown"}:
        return kind_of(None, recipients[0].action, own_words(text)[:4_000])
    return "hard" if "hard" in kinds else "soft"


def _original_id(raw: bytes, leaves: list[Entity], text: str) -> str | None:
    for leaf in leaves:
        if leaf.content_type in _RETURNED_TYPES:
            header = decoded_bytes(raw, leaf)[:_HEADER_BYTES].lstrip(b"\r\n")
            value = first(read_header(header, 0, len(header)).fields, b"message-id")
            if value:
                return message_id(value)
    match = _ID_IN_TEXT.search(text[: 4 * MAX_PROSE_CHARS])
    return message_id(match.group(1).encode("utf-8")) if match is not None else None


def _answered_id(fields: Fields) -> str | None:
    """Exchange and others answer the message they could not deliver."""
    value = first(fields, b"in-reply-to") or first(fields, b"references")
    ids = message_ids(value) if value else ()
    return ids[-1] if ids else None
