"""The parsed form by the standard library alone, as a careful programmer writes it."""

import email
import email.policy
from collections.abc import Iterable
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

Reading = dict[str, object]
ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc", "bcc")


def by_compat32(raw: bytes) -> Reading:
    """Read with the default policy of old, decoding by hand."""
    message = email.message_from_bytes(raw)
    return {
        "message_id": message.get("message-id"),
        "references": (message.get("references") or "").split(),
        "date": _date(message.get("date")),
        "subject": _decoded(message.get("subject", "")),
        "people": {name: _people(message.get_all(name, [])) for name in ADDRESS_FIELDS},
        **_parts(message.walk()),
    }


def by_default_policy(raw: bytes) -> Reading:
    """Read with ``policy.default``, which parses header fields by their grammar."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return {
        "message_id": _field(message, "message-id"),
        "references": (_field(message, "references") or "").split(),
        "date": _date(_field(message, "date")),
        "subject": _field(message, "subject"),
        "people": {name: _field(message, name) for name in ADDRESS_FIELDS},
        **_parts(message.walk()),
    }


def _field(message: EmailMessage, name: str) -> str | None:
    try:
        value = message.get(name)
    except (IndexError, AttributeError, ValueError, TypeError):
        return None  # the library's own faults on damaged fields
    return None if value is None else str(value)


def _parts(parts: Iterable[Message]) -> Reading:
    texts: list[str] = []
    attachments: list[tuple[str | None, int, str]] = []
    for part in parts:
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue
        if part.get_content_maintype() == "text" and not part.get_filename():
            texts.append(_text(content, part.get_content_charset()))
        else:
            attachments.append((part.get_filename(), len(content), sha256(content).hexdigest()))
    return {"texts": texts, "attachments": attachments}


def _text(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def _people(values: list[str]) -> list[tuple[str, str]]:
    return [(_decoded(name), address) for name, address in getaddresses(map(str, values))]


def _date(value: str | None) -> object:
    if not value:
        return None
    try:
        return parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
