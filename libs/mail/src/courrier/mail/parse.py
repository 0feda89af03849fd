"""Any bytes become a message: `summarise` for what is cheap, `parse` for everything.

Neither raises, whatever the bytes; both are linear in their number (see `limits`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courrier.mail.content.bodies import Parts, body_html, body_text, sort_parts, unsigned_text
from courrier.mail.content.enclosed import open_enclosed
from courrier.mail.headers.addresses import parse_addresses
from courrier.mail.headers.dates import read_date
from courrier.mail.headers.ids import message_id, message_ids
from courrier.mail.headers.words import field_text
from courrier.mail.html.sanitise import safe_html
from courrier.mail.limits import MAX_ADDRESSES, MAX_IDS, SUMMARY_TEXT_CHARS
from courrier.mail.message import Mailbox, ParsedMessage, Summary
from courrier.mail.replies.reply_text import reply_text
from courrier.mail.reports.answering import unanswerable
from courrier.mail.reports.automatic import automatic_kind
from courrier.mail.reports.bounces import read_bounce
from courrier.mail.structure.attachments import decoded_bytes, describe
from courrier.mail.structure.fields import Fields, first
from courrier.mail.structure.mime import Entity, read_entity


@dataclass(slots=True)
class _Opened:
    """A message cut into parts, and its body as text."""

    raw: bytes
    root: Entity
    parts: Parts
    text: str
    warnings: list[str]


def summarise(raw: bytes) -> Summary:
    """All of the message but HTML and quotation; the text is cut short. The fetcher's entry."""
    opened = _open(raw)
    return Summary(**_told(opened), text=opened.text[:SUMMARY_TEXT_CHARS])


def parse(raw: bytes, *, with_html: bool = True) -> ParsedMessage:
    """The whole message, with the HTML made safe and the newly written text found.

    Args:
        raw: the message as it came.
        with_html: without it `html` stays `None`: to sanitise takes longer than all the rest.
    """
    opened = _open(raw)
    told = _told(opened)
    sources = body_html(opened.raw, opened.parts) if with_html else None
    return ParsedMessage(
        **told,
        text=opened.text,
        html=safe_html(sources) if sources is not None else None,
        reply_text=_newly_written(opened, told["from_"]),
    )


def _newly_written(opened: _Opened, author: Mailbox | None) -> str:
    unsigned = unsigned_text(opened.raw, opened.parts.pieces)
    new = reply_text(unsigned, author) if unsigned is not None else ""
    return new if new and not new.isspace() else reply_text(opened.text, author)


def attachment_bytes(raw: bytes, number: int) -> bytes | None:
    """The decoded bytes of the attachment at `number` in `attachments`; `None` if there is none."""
    opened = _open(raw)
    entities = opened.parts.attachments
    return decoded_bytes(opened.raw, entities[number]) if 0 <= number < len(entities) else None


def _open(raw: bytes) -> _Opened:
    if raw.find(b"\n") < 0:
        # Line ends of old Macintosh software.
        raw = raw.replace(b"\r", b"\n")
    warnings: list[str] = []
    root = read_entity(raw, warnings)
    parts = sort_parts(root)
    open_enclosed(raw, parts, warnings)
    return _Opened(raw, root, parts, body_text(raw, parts.pieces), warnings)


def _told(opened: _Opened) -> dict[str, Any]:
    """All fields of a summary but the text."""
    root, fields, warnings = opened.root, opened.root.fields, opened.warnings
    subject = _text(fields, b"subject")
    bounce = read_bounce(opened.raw, root, subject or "", opened.text)
    kind = automatic_kind(root, bounced=bounce is not None, subject=subject, text=opened.text)
    people = {name: _mailboxes(fields, name) if name in fields else () for name in _ADDRESS_FIELDS}
    references = _references(fields)
    _warn_of_limits(people, references, warnings)
    return {
        "message_id": _message_id(fields),
        "in_reply_to": _in_reply_to(fields),
        "references": references,
        "date": _date(fields, warnings),
        "from_": _first_of(people[b"from"]),
        "sender": _first_of(_mailboxes(fields, b"sender")),
        "reply_to": people[b"reply-to"],
        "to": people[b"to"],
        "cc": people[b"cc"],
        "bcc": people[b"bcc"],
        "subject": subject,
        "has_html": any(piece.html for piece in opened.parts.pieces),
        "attachments": tuple([describe(opened.raw, each) for each in opened.parts.attachments]),
        "auto_reply": kind is not None,
        "auto_reply_kind": kind,
        "unanswerable": unanswerable(fields),
        "bounce": bounce,
        "list_id": _text(fields, b"list-id"),
        "list_unsubscribe": _text(fields, b"list-unsubscribe"),
        "authentication_results": _text(fields, b"authentication-results"),
        "warnings": tuple(warnings),
    }


def _references(fields: Fields) -> tuple[str, ...]:
    value = first(fields, b"references")
    return message_ids(value) if value else ()


def _message_id(fields: Fields) -> str | None:
    value = first(fields, b"message-id")
    return message_id(value) if value else None


def _in_reply_to(fields: Fields) -> str | None:
    value = first(fields, b"in-reply-to")
    ids = message_ids(value) if value else ()
    return ids[0] if ids else None


def _date(fields: Fields, warnings: list[str]) -> datetime | None:
    values = fields.get(b"date")
    if values is None:
        return None
    for value in values:
        date = read_date(field_text(value))
        if date is not None:
            return date
    warnings.append("the Date cannot be read")
    return None


_ADDRESS_FIELDS = (b"from", b"reply-to", b"to", b"cc", b"bcc")


def _warn_of_limits(
    people: dict[bytes, tuple[Mailbox, ...]], references: tuple[str, ...], warnings: list[str]
) -> None:
    """Lists cut short are named."""
    warnings += ["too many addresses" for each in people.values() if len(each) >= MAX_ADDRESSES]
    if len(references) >= MAX_IDS:
        warnings.append("too many references")


def _mailboxes(fields: Fields, name: bytes) -> tuple[Mailbox, ...]:
    """All mailboxes of a field; written twice against RFC 5322 section 3.6, both count."""
    values = fields.get(name)
    if not values:
        return ()
    if len(values) == 1:
        return parse_addresses(values[0])
    return tuple(mailbox for value in values for mailbox in parse_addresses(value))


def _first_of(mailboxes: tuple[Mailbox, ...]) -> Mailbox | None:
    return mailboxes[0] if mailboxes else None


def _text(fields: Fields, name: bytes) -> str | None:
    if name not in fields:
        return None
    value = first(fields, name)
    return field_text(value) if value is not None else None
