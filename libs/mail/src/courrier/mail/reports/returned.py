"""What a bounce returns of the message that was not delivered: its id and its recipients."""

import re
from dataclasses import dataclass

from courrier.mail.headers.addresses import match_key, parse_addresses
from courrier.mail.headers.ids import message_id, message_ids
from courrier.mail.limits import MAX_PROSE_CHARS
from courrier.mail.structure.attachments import decoded_bytes
from courrier.mail.structure.fields import Fields, first, read_header
from courrier.mail.structure.mime import Entity

_RETURNED_TYPES = {
    "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers",
    "message/rfc822-headers", "text/rfc822", "message/partial", "text/rfc822-header",
}  # fmt: skip
_ID_IN_TEXT = re.compile(
    r"^[ \t>|*]{0,20}(?:x-|original[ -])?message[- ]?id\s{0,4}[:=]\s{0,80}"
    r"(<[^<>\s]{1,900}>|[^\s<>@]{1,400}@[^\s<>@]{1,400})",
    re.IGNORECASE | re.MULTILINE,
)
_ID_IN_LINE = re.compile(
    r"(?<![\w-])message[- ]?id\s{0,4}[:=]\s{0,10}(<[^<>\s@]{1,400}@[^<>\s@]{1,400}>)", re.IGNORECASE
)
_HEADER_IN_TEXT = re.compile(
    r"^[ \t>|]{0,12}(?:received|return-path|from|to|message-id|date|subject|mime-version|x-[\w-]+)"
    r": .{0,2000}\n(?:[ \t>|]{0,12}[A-Za-z][\w-]{1,60}:|[ \t>|]{1,12}\S)",
    re.IGNORECASE | re.MULTILINE,
)
_MARGIN = re.compile(rb"^[ \t]*[>|][ \t]?", re.MULTILINE)
_HEADER_BYTES = 64 * 1024
_NO_FIELDS: Fields = {}


@dataclass(frozen=True, slots=True)
class Returned:
    """`recipients` are the addresses of To and Cc; both are empty if nothing was returned."""

    message_id: str | None
    recipients: tuple[str, ...]


def read_returned(raw: bytes, leaves: list[Entity], text: str, own: str) -> Returned:
    """From the enclosed message, its headers, or the text behind the server's own words."""
    fields = _enclosed(raw, leaves) or _quoted(text[len(own) : 4 * MAX_PROSE_CHARS])
    value = first(fields, b"message-id")
    found = message_id(value) if value else None
    return Returned(found or _id_in(text), _recipients(fields))


def answered_id(fields: Fields) -> str | None:
    """Exchange and others answer the message they could not deliver."""
    value = first(fields, b"in-reply-to") or first(fields, b"references")
    ids = message_ids(value) if value else ()
    return ids[-1] if ids else None


def _enclosed(raw: bytes, leaves: list[Entity]) -> Fields:
    for leaf in leaves:
        if leaf.content_type in _RETURNED_TYPES:
            header = decoded_bytes(raw, leaf)[:_HEADER_BYTES].lstrip(b"\r\n")
            fields = read_header(header, 0, len(header)).fields
            if b"message-id" in fields or b"to" in fields:
                return fields
    return _NO_FIELDS


def _quoted(tail: str) -> Fields:
    match = _HEADER_IN_TEXT.search(tail)
    if match is None:
        return _NO_FIELDS
    block = tail[match.start() : match.start() + _HEADER_BYTES].encode("utf-8", "replace")
    block = _MARGIN.sub(b"", block).lstrip(b" \t")
    return read_header(block, 0, len(block)).fields


def _id_in(text: str) -> str | None:
    head = text[: 4 * MAX_PROSE_CHARS]
    match = _ID_IN_TEXT.search(head) or _ID_IN_LINE.search(head)
    return message_id(match.group(1).encode("utf-8")) if match is not None else None


def _recipients(fields: Fields) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in (b"to", b"cc"):
        for value in fields.get(name, []):
            for mailbox in parse_addresses(value[:_HEADER_BYTES]):
                found.setdefault(match_key(mailbox.address), mailbox.address)
    return tuple(found.values())
