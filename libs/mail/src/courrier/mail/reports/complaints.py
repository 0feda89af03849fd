"""Complaints of recipients, as their providers report them (ARF, RFC 5965)."""

from dataclasses import dataclass

from courrier.mail.headers.addresses import match_key, parse_addresses
from courrier.mail.headers.ids import message_id
from courrier.mail.headers.words import field_text
from courrier.mail.limits import MAX_REPORT_RECIPIENTS
from courrier.mail.reports.returned import read_returned
from courrier.mail.structure.attachments import decoded_bytes
from courrier.mail.structure.fields import Fields, first, read_header
from courrier.mail.structure.mime import Entity, leaves_of, read_entity

_REPORT_BYTES = 64 * 1024
_RECIPIENT_FIELDS = (b"original-rcpt-to", b"removal-recipient", b"x-original-rcpt-to")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody complained about; each value `None` or empty where the provider hides it.

    `feedback_type` is `abuse`, `fraud`, `opt-out`, `not-spam`, ... in lower case. `recipients`
    are those who complained: from the report, or the only recipient of the message itself.
    """

    feedback_type: str
    recipients: tuple[str, ...]
    original_message_id: str | None
    user_agent: str | None


def read_complaint(raw: bytes) -> Complaint | None:
    """The complaint in a message whose kind is `feedback-report`; `None` if it holds none."""
    root = read_entity(raw, [])
    leaves = leaves_of(root)
    report = next((each for each in leaves if each.content_type == _REPORT_TYPE), None)
    if report is None:
        return None
    fields = _report_fields(raw, report)
    returned = read_returned(raw, leaves, "", "")
    told = _recipients(fields) or returned.recipients[:1] * (len(returned.recipients) == 1)
    value = first(fields, b"original-message-id")
    return Complaint(
        feedback_type=(_text(fields, b"feedback-type") or "abuse").lower(),
        recipients=told,
        original_message_id=returned.message_id or (message_id(value) if value else None),
        user_agent=_text(fields, b"user-agent"),
    )


_REPORT_TYPE = "message/feedback-report"


def _report_fields(raw: bytes, report: Entity) -> Fields:
    content = decoded_bytes(raw, report)[:_REPORT_BYTES].lstrip(b"\r\n") + b"\n\n"
    return read_header(content, 0, len(content)).fields


def _recipients(fields: Fields) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in _RECIPIENT_FIELDS:
        for value in fields.get(name, ())[:MAX_REPORT_RECIPIENTS]:
            for mailbox in parse_addresses(value):
                found.setdefault(match_key(mailbox.address), mailbox.address)
    return tuple(found.values())


def _text(fields: Fields, name: bytes) -> str | None:
    value = first(fields, name)
    return field_text(value) or None if value is not None else None
