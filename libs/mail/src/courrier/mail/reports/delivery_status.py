"""The machine-readable part of a delivery report (RFC 3464 section 2, RFC 6533)."""

import re
from dataclasses import dataclass

from courrier.mail.headers.addresses import match_key
from courrier.mail.headers.ids import message_id
from courrier.mail.headers.words import field_text
from courrier.mail.limits import MAX_REPORT_RECIPIENTS
from courrier.mail.message import BouncedRecipient
from courrier.mail.reports.bounce_addresses import ADDRESS
from courrier.mail.reports.bounce_kind import specific_status
from courrier.mail.structure.fields import Fields, first, read_header

_GROUP_END = re.compile(rb"(?:\r?\n[ \t]*){2,}|\r{2,}")
_HEX = re.compile(r"\+([0-9A-F]{2})|\\x\{([0-9A-Fa-f]{1,6})\}")
# RFC 3461 section 4 and RFC 6533 section 3; `ann+tag` is no code.
_XTEXT = re.compile(r"\+(?:2B|3D|40)|\\x\{")
_COMMENT = re.compile(r"\s*\([^()]*\)")
_TYPE = re.compile(r"\s*[A-Za-z][\w-]{0,30}\s*;\s*")
_REPLY = re.compile(r"(?<!\d)([245])\d\d\b")
_FAILED = ("fail", "undeliver", "expire", "bounce", "reject", "not deliver")
_ARRIVED = ("deliver", "relay", "expand", "success", "sent")
_RECIPIENT_FIELDS = (
    b"final-recipient", b"original-recipient", b"x-actual-recipient", b"x-original-to",
    b"x-failed-recipient", b"x-failed-recipients",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What a report says; `arrived` is the number of recipients of whom it tells no failure.

    `reached` are those of them that it names.
    """

    recipients: tuple[BouncedRecipient, ...]
    arrived: int
    original_message_id: str | None
    reached: tuple[BouncedRecipient, ...] = ()


def read_delivery_status(content: bytes) -> DeliveryStatus:
    """The recipients not reached, each once; none if the report tells of success only."""
    found: dict[str, BouncedRecipient] = {}
    reached: dict[str, BouncedRecipient] = {}
    arrived = 0
    original: str | None = None
    for fields in _groups(content):
        original = original or _original_id(fields)
        action = _action(fields)
        if action in {"delivered", "relayed", "expanded"}:
            arrived += 1
            there = _recipient(fields, action or "")
            if there is not None:
                reached.setdefault(match_key(there.address), there)
        elif action is not None:
            recipient = _recipient(fields, action)
            if recipient is not None:
                found.setdefault(match_key(recipient.address), recipient)
    return DeliveryStatus(tuple(found.values()), arrived, original, tuple(reached.values()))


def _groups(content: bytes) -> list[Fields]:
    """The groups of fields; a group without address joins the one before, which was cut in two."""
    blocks = _GROUP_END.split(content.strip(b"\r\n \t"), MAX_REPORT_RECIPIENTS)
    groups = [read_header(block + b"\n\n", 0, len(block) + 2).fields for block in blocks]
    joined: list[Fields] = []
    for group in groups:
        if joined and not _names_someone(group) and _names_someone(joined[-1]):
            for name, values in group.items():
                joined[-1].setdefault(name, values)
        elif joined and _is_half(joined[-1], group):
            for name, values in joined.pop().items():
                group.setdefault(name, values)
            joined.append(group)
        else:
            joined.append(group)
    return joined


def _names_someone(fields: Fields) -> bool:
    return any(name in fields for name in _RECIPIENT_FIELDS)


def _is_half(before: Fields, group: Fields) -> bool:
    """Whether the group before holds a status but no address, and this one the reverse."""
    told = b"action" in before or b"status" in before
    return told and not _names_someone(before) and b"status" not in group


def _action(fields: Fields) -> str | None:
    """`failed`, `delayed` or one of the good ones; `None` if the group tells of no delivery."""
    word = _COMMENT.sub("", _text(fields, b"action") or "").strip().lower()
    status = _text(fields, b"status") or ""
    if word.startswith(("delay", "defer")):
        return "delayed"
    if word.startswith(_FAILED):
        return "failed"
    if word.startswith(_ARRIVED):
        return {"relayed": "relayed", "expanded": "expanded"}.get(word, "delivered")
    if not _names_someone(fields):
        return None
    digits = status.strip()[:1] or _first_digit(_text(fields, b"diagnostic-code") or "") or "5"
    return {"2": "delivered", "4": "delayed"}.get(digits, "failed")


def _first_digit(text: str) -> str:
    match = _REPLY.search(text)
    return match.group(1) if match is not None else ""


def _recipient(fields: Fields, action: str) -> BouncedRecipient | None:
    diagnostic = _diagnostic(fields)
    address = _address(fields) or _address_in(diagnostic)
    if not address:
        return None
    extra = _text(fields, b"x-supplementary-info") or _text(fields, b"x-display-name")
    return BouncedRecipient(
        address=address,
        status=specific_status(_text(fields, b"status"), diagnostic, extra),
        action=action,
        diagnostic=diagnostic or _text(fields, b"x-supplementary-info"),
    )


def _address(fields: Fields) -> str:
    """The final recipient, or another one if that is no address (RFC 3464 2.3.1, 2.3.2)."""
    candidates = [_typed(_text(fields, name)) for name in _RECIPIENT_FIELDS]
    internal = [each for each in candidates if "@" in each and not _is_internal(each)]
    return next(iter(internal or [each for each in candidates if each]), "")


def _is_internal(address: str) -> bool:
    """Exchange's wrapping of a directory name, which is no one's address outside."""
    return address.upper().startswith(("IMCEAEX-", "IMCEA")) or address.startswith("|")


def _typed(value: str | None) -> str:
    """The bare address in `rfc822; ann@example.org`, with whatever was put around it."""
    text = (value or "").strip()
    text = _TYPE.sub("", text, count=1)
    text = _COMMENT.sub("", text).strip().strip("<>\"' ").strip()
    if _XTEXT.search(text) is not None:
        text = _HEX.sub(_character, text)
    if text.startswith("@") and ":" in text:
        # An obsolete source route (RFC 5321 appendix C).
        text = text.rpartition(":")[2]
    match = ADDRESS.search(text) if " " in text or "<" in text else None
    return match.group(1) if match is not None else text.removeprefix("mailto:")


def _character(code: re.Match[str]) -> str:
    number = int(code.group(1) or code.group(2), 16)
    return chr(number) if number < 0xD800 or 0xDFFF < number < 0x110000 else ""


def _address_in(text: str | None) -> str:
    match = ADDRESS.search(text) if text else None
    return match.group(1) if match is not None else ""


def _diagnostic(fields: Fields) -> str | None:
    text = _text(fields, b"diagnostic-code")
    if text is None:
        return None
    kind, semicolon, rest = text.partition(";")
    return " ".join((rest if semicolon and " " not in kind.strip() else text).split()) or None


def _original_id(fields: Fields) -> str | None:
    value = first(fields, b"x-original-message-id") or first(fields, b"original-message-id")
    return message_id(value) if value else None


def _text(fields: Fields, name: bytes) -> str | None:
    value = first(fields, name)
    return field_text(value) or None if value is not None else None
