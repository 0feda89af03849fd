"""The body of ``POST /emails/thread``, read by hand: a large one takes no time for models."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from courrier.gateway.domain.refusals import Unfit
from courrier.mail.conversations import Headers, conversations

MOST = 100_000
"""Messages of one request."""
MOST_REFERENCES = 1_000
"""Ids read of one message's references, the last ones: as many as are read of a message."""
MOST_CHARS = 2_000
"""Characters of one id, subject or address that count."""


def threads_of(body: bytes) -> list[list[str]]:
    """Return the ids of the messages, by thread.

    Raises:
        Unfit: the body is no such request; the pointer says where.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise Unfit("send a JSON object with messages") from None
    messages = request.get("messages") if isinstance(request, dict) else None
    if not isinstance(messages, list):
        raise Unfit("a list of messages is needed", pointer="/messages")
    if len(messages) > MOST:
        raise Unfit(f"at most {MOST} messages at once", pointer="/messages")
    found = [_headers(each, number) for number, each in enumerate(messages)]
    _check_ids(found)
    return conversations(found)


def _headers(message: object, number: int) -> Headers:
    at = f"/messages/{number}"
    if not isinstance(message, dict):
        raise Unfit("a message is an object", pointer=at)
    key = message.get("id")
    if not isinstance(key, str) or not key:
        raise Unfit("each message needs an id: a text", pointer=f"{at}/id")
    return Headers(
        key,
        _id(_text(message, "message_id", at)),
        _id(_text(message, "in_reply_to", at)),
        _references(message.get("references"), f"{at}/references"),
        _text(message, "subject", at),
        _date(_text(message, "date", at)),
        _address(message.get("from"), f"{at}/from"),
    )


def _check_ids(messages: list[Headers]) -> None:
    seen: set[str] = set()
    for number, message in enumerate(messages):
        if message.key in seen:
            raise Unfit("two messages have this id", pointer=f"/messages/{number}/id")
        seen.add(message.key)


def _text(message: Mapping[str, Any], name: str, at: str) -> str | None:
    value = message.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Unfit("a text or null is needed", pointer=f"{at}/{name}")
    return value[:MOST_CHARS]


def _references(value: object, at: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Unfit("a list of ids is needed", pointer=at)
    ids = (_id(each[:MOST_CHARS]) for each in value[-MOST_REFERENCES:])
    return tuple(each for each in ids if each)


def _id(value: str | None) -> str | None:
    """Return an id without blanks and brackets around it."""
    return value.strip("<> \t\r\n") or None if value else None


def _date(value: str | None) -> datetime | None:
    """Return the moment; what is no date says nothing."""
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        return None


def _address(value: object, at: str) -> str | None:
    address = value.get("address") if isinstance(value, dict) else value
    if address is not None and not isinstance(address, str):
        raise Unfit("a mailbox with an address is needed", pointer=at)
    return address[:MOST_CHARS] if address else None
