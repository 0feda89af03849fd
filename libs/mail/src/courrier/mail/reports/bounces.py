"""Reports that a message was not delivered, structured (RFC 3464) or in prose; and about which one.

Complaints (RFC 5965), read receipts (RFC 8098) and reports of success are none.
"""

import re
from dataclasses import dataclass, replace

from courrier.mail.headers.addresses import match_key, parse_addresses
from courrier.mail.headers.words import field_text
from courrier.mail.message import Bounce, BouncedRecipient, BounceKind, Confidence
from courrier.mail.reports.automatic_subjects import is_answer
from courrier.mail.reports.bounce_addresses import ADDRESS
from courrier.mail.reports.bounce_kind import answer_status, is_vague, kind_of, specific_status
from courrier.mail.reports.bounce_prose import only_answer, prose_recipients, said_of, told_action
from courrier.mail.reports.bounce_signs import (
    Signs,
    Verdict,
    header_signs,
    is_hopeless,
    judge,
)
from courrier.mail.reports.bounce_text import own_words
from courrier.mail.reports.delivery_status import DeliveryStatus, read_delivery_status
from courrier.mail.reports.returned import Returned, answered_id, read_returned
from courrier.mail.structure.attachments import decoded_bytes
from courrier.mail.structure.fields import Fields, first
from courrier.mail.structure.mime import Entity, leaves_of

_STATUS_TYPES = {
    "message/delivery-status", "message/global-delivery-status", "text/delivery-status",
    "message/delivery_status",
}  # fmt: skip
_OTHER_REPORTS = {"feedback-report", "disposition-notification"}
_OTHER_REPORT_TYPES = {"message/feedback-report", "message/disposition-notification"}
_STATUS_IN_TEXT = re.compile(
    r"^(?:(?:reporting-mta|arrival-date|action|status|original-envelope-id):.{0,1000}\n){0,9}"
    r"(?:final|original)-recipient:",
    re.IGNORECASE | re.MULTILINE,
)
_VERP = re.compile(
    r"(?:\+|-(?:return|bounces?)-(?:\d{1,9}-)?|-)([^+=@\s<]{1,64})=([A-Za-z0-9.-]{3,190}\.[A-Za-z]{2,20})@"
)
_HIDDEN_STATUS_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Opened:
    """A suspicious message: its parts, text and what it returns."""

    fields: Fields
    leaves: list[Entity]
    own: str
    returned: Returned


def read_bounce(raw: bytes, root: Entity, subject: str, text: str) -> Bounce | None:
    """The bounce that a message is; `None` if it is none.

    Args:
        raw: the message.
        root: its parts.
        subject: decoded.
        text: its body as text.
    """
    leaves = leaves_of(root)
    signs = header_signs(root, subject)
    structured = [leaf for leaf in leaves if leaf.content_type in _STATUS_TYPES]
    if structured and (signs is None or signs.only_subject) and is_answer(subject):
        # Forwarded by a person, with all its parts.
        return None
    if (signs is None and not structured) or _is_other_report(root, leaves):
        return None
    if signs is not None and not structured and is_hopeless(signs, text):
        return None
    own = own_words(text)
    opened = _Opened(root.fields, leaves, own, read_returned(raw, leaves, text, own))
    status = _delivery_status(raw, structured or leaves, text)
    trusted = structured or (signs is not None and not signs.only_subject)
    if status is not None and status.recipients and trusted:
        return _reported(opened, status, structured=bool(structured))
    if signs is None or (status is not None and status.arrived):
        return None
    verdict = judge(signs, root.fields, subject, own or text)
    return _told(opened, signs, verdict, text) if verdict is not None else None


def _is_other_report(root: Entity, leaves: list[Entity]) -> bool:
    if root.parameters.get("report-type", "").lower() in _OTHER_REPORTS:
        return True
    return any(leaf.content_type in _OTHER_REPORT_TYPES for leaf in leaves)


def _delivery_status(raw: bytes, leaves: list[Entity], text: str) -> DeliveryStatus | None:
    """The structured report, also where it is not marked as one or stands in the text."""
    found: list[DeliveryStatus] = []
    for leaf in leaves:
        content = decoded_bytes(raw, leaf) if leaf.end - leaf.start < _HIDDEN_STATUS_BYTES else b""
        if leaf.content_type in _STATUS_TYPES or _looks_structured(leaf, content):
            found.append(read_delivery_status(content or decoded_bytes(raw, leaf)))
    inside = None if found else _STATUS_IN_TEXT.search(text)
    if inside is not None:
        block = text[inside.start() :][:_HIDDEN_STATUS_BYTES].encode("utf-8", "replace")
        found.append(read_delivery_status(block))
    failed = [each for each in found if each.recipients]
    return next(iter(failed or found), None)


def _looks_structured(leaf: Entity, content: bytes) -> bool:
    if leaf.content_type.startswith(("text/html", "message/rfc822", "text/rfc822", "image/")):
        return False
    return content.lstrip()[:14].lower() in _FIRST_FIELDS


_FIRST_FIELDS = {b"reporting-mta:", b"final-recipien", b"original-recip"}


def _reported(opened: _Opened, status: DeliveryStatus, *, structured: bool) -> Bounce:
    original = opened.returned.message_id or status.original_message_id
    recipients = _explained(_addressed(opened, status.recipients), opened.own)
    return Bounce(
        _kind(recipients, opened.own),
        recipients,
        original or answered_id(opened.fields),
        "high" if structured else "medium",
        "RFC 3464 report" if structured else "RFC 3464 fields outside their part",
    )


def _addressed(
    opened: _Opened, recipients: tuple[BouncedRecipient, ...]
) -> tuple[BouncedRecipient, ...]:
    """A single recipient who is named by no address gets the one of the returned message."""
    known = opened.returned.recipients
    if len(recipients) != 1 or "@" in recipients[0].address or len(known) != 1:
        return recipients
    return (replace(recipients[0], address=known[0]),)


def _explained(recipients: tuple[BouncedRecipient, ...], own: str) -> tuple[BouncedRecipient, ...]:
    """Where the fields say nothing special of a recipient, the text for people may."""
    vague = [each.diagnostic is None or is_vague(each.status) for each in recipients]
    if not any(vague):
        return recipients
    said = said_of(own, [each.address for each in recipients])
    return tuple(
        replace(
            each,
            status=specific_status(each.status, words),
            diagnostic=each.diagnostic or words,
        )
        if lacks
        else each
        for each, lacks, words in zip(recipients, vague, said, strict=True)
    )


def _told(opened: _Opened, signs: Signs, verdict: Verdict, text: str) -> Bounce | None:
    own = opened.own if opened.own.strip() else text
    named = _addresses(opened.fields, b"x-failed-recipients") if signs.named else []
    known = {match_key(each) for each in opened.returned.recipients}
    found = prose_recipients(own, named, _excluded(opened.fields), known)
    recipients = found or _otherwise_known(opened, own)
    if verdict.server is None and not recipients:
        return None
    original = opened.returned.message_id or answered_id(opened.fields)
    evidence = f"prose of {verdict.server}" if verdict.server else "prose of a mail server"
    confidence: Confidence = "high" if verdict.points >= 6 and found else "medium"
    if verdict.points < 5 or not recipients:
        confidence = "low"
    if signs.named:
        confidence, evidence = "high", f"X-Failed-Recipients, {evidence}"
    return Bounce(_kind(recipients, own), recipients, original, confidence, evidence)


def _excluded(fields: Fields) -> set[str]:
    names = (b"from", b"to", b"reply-to", b"return-path", b"sender", b"errors-to")
    return {match_key(each) for name in names for each in _addresses(fields, name)}


def _addresses(fields: Fields, name: bytes) -> list[str]:
    return [each.address for value in fields.get(name, []) for each in parse_addresses(value)]


def _otherwise_known(opened: _Opened, own: str) -> tuple[BouncedRecipient, ...]:
    """The one recipient of a report whose text names none: from subject, copy or return path."""
    fields = opened.fields
    excluded = _excluded(fields)
    subject = field_text(first(fields, b"subject") or b"")
    candidates = [match.group(1) for match in ADDRESS.finditer(subject)]
    candidates = [each for each in candidates if match_key(each) not in excluded]
    if not candidates and len(opened.returned.recipients) == 1:
        candidates = list(opened.returned.recipients)
    if not candidates:
        verp = _VERP.search(field_text(first(fields, b"to") or b""))
        candidates = [f"{verp.group(1)}@{verp.group(2)}"] if verp is not None else []
    status = answer_status(own) or answer_status(subject)
    answer = only_answer(own)
    return tuple(
        BouncedRecipient(each, status, told_action(own), answer) for each in candidates[:1]
    )


def _kind(recipients: tuple[BouncedRecipient, ...], text: str) -> BounceKind:
    """Hard if one address is dead; the prose decides where the recipients' fields say nothing."""
    kinds = {kind_of(each.status, each.action, each.diagnostic) for each in recipients}
    if kinds <= {"unknown"}:
        return kind_of(None, told_action(text), text)
    return "hard" if "hard" in kinds else "soft"
