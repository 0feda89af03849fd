"""From a fetched message to the fact ``MessageReceived``, within the limits of an event.

What is cut is told in ``warnings``; the whole message is in the blob.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from courrier.events.base import derived_id, rfc3339
from courrier.events.envelope import body_of
from courrier.events.families.mailbox import TEXT_LIMIT, BlobRef, MessageReceived
from courrier.mail.headers.origin import Stamp, way_of
from courrier.mail.message import Attachment, Mailbox, Summary

Fields = dict[str, Any]
"""Fields of an event by the names that they have in JSON, their values as JSON has them."""

LIST_LIMIT = 200
"""Entries kept of each list of an event."""
LINE_LIMIT = 1000
"""Characters kept of a subject, a name, an id or a file name."""
COMFORTABLE_BYTES = 240 * 1024
"""Bytes of a body that surely fits into an event (256 KiB)."""
SHORTEST_TEXT = 2 * 1024
SHORTEST_LIST = 20
_SERVER_CHARS = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message was found; for an import by hand, whose it is and where it goes."""

    account_id: str
    folder: str
    uidvalidity: int = 0
    special_use: str | None = None
    holder_id: str | None = None
    target_folder: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as the server gave it; ``flags`` as written, INTERNALDATE, all its bytes."""

    uid: int
    raw: bytes
    flags: tuple[str, ...] = ()
    received_at: datetime | None = None


def message_event_id(origin: Origin, uid: int) -> UUID:
    """Return the id of the fact that this UID was received: the same from every fetcher."""
    return derived_id(
        "message-received", origin.account_id, origin.folder, str(origin.uidvalidity), str(uid)
    )


def message_received(
    origin: Origin, fetched: Fetched, ref: BlobRef, summary: Summary | None
) -> MessageReceived:
    """Return the fact; without a summary, that the bytes are there and could not be read."""
    return MessageReceived.model_validate_json(written(origin, fetched, ref, summary))


def written(origin: Origin, fetched: Fetched, ref: BlobRef, summary: Summary | None) -> bytes:
    """Return the fact as it stands on the log, byte for byte as ``body_of`` would write it.

    Written in one pass: to make the model first, and JSON of it then, takes five times as long.
    """
    if summary is None:
        fields: Fields = {"warnings": ("the message could not be read",)}
    else:
        fields = _read(fetched, summary)
    whole = _in_order(_NOTHING_READ | _found(origin, fetched, ref) | fields)
    body = to_json(whole)
    return body if len(body) <= COMFORTABLE_BYTES else to_json(_cut(whole))


def event_bytes(event: MessageReceived) -> int:
    """Return the size of the event's body in bytes."""
    return len(body_of(event))


_ORDER = tuple(field.alias or name for name, field in MessageReceived.model_fields.items())
_NOTHING_READ: Fields = {
    field.alias or name: field.default
    for name, field in MessageReceived.model_fields.items()
    if not field.is_required()
}


def _in_order(fields: Fields) -> Fields:
    return {name: fields[name] for name in _ORDER}


def _found(origin: Origin, fetched: Fetched, ref: BlobRef) -> Fields:
    return {
        "account_id": origin.account_id,
        "folder": origin.folder,
        "special_use": origin.special_use,
        "uidvalidity": origin.uidvalidity,
        "uid": fetched.uid,
        "raw": {"digest": ref.digest, "size": ref.size},
        "received_at": _time(fetched.received_at),
        "flags": fetched.flags[:LIST_LIMIT],
        "holder_id": origin.holder_id,
        "target_folder": origin.target_folder,
    }


def _read(fetched: Fetched, summary: Summary) -> Fields:
    way = way_of(fetched.raw, summary.from_.address if summary.from_ else None)
    return {
        "message_id": _line(summary.message_id),
        "in_reply_to": _line(summary.in_reply_to),
        "references": _references(summary.references),
        "date": _time(summary.date),
        "from": _mailbox(summary.from_),
        "sender": _mailbox(summary.sender),
        "reply_to": _mailboxes(summary.reply_to),
        "to": _mailboxes(summary.to),
        "cc": _mailboxes(summary.cc),
        "recipient_count": len(summary.to) + len(summary.cc),
        "subject": _line(summary.subject),
        "text": _clean(summary.text[:TEXT_LIMIT]),
        "text_cut": len(summary.text) >= TEXT_LIMIT,
        "attachments": _attachments(summary.attachments),
        "attachment_count": len(summary.attachments),
        "auto_reply": summary.auto_reply,
        "auto_reply_kind": summary.auto_reply_kind,
        "reports_on": _line(summary.bounce.original_message_id) if summary.bounce else None,
        "unanswerable": summary.unanswerable,
        "list_id": _line(summary.list_id),
        "warnings": [_clean(one[:LINE_LIMIT]) for one in summary.warnings[:SHORTEST_LIST]],
        "is_from_outside": way.is_from_outside,
        "authentication": [_stamp(stamp) for stamp in way.stamps],
    }


def _cut(fields: Fields) -> Fields:
    """Keep the start of everything: a mail made to burst an event is still reported."""
    shorter = {name: fields[name][:SHORTEST_LIST] for name in ("reply_to", "to", "cc")}
    return fields | {
        **shorter,
        "text": fields["text"][:SHORTEST_TEXT],
        "text_cut": True,
        "references": _ends(fields["references"], SHORTEST_LIST),
        "attachments": fields["attachments"][:SHORTEST_LIST],
        "warnings": [*fields["warnings"], "too much for an event: lists and text are cut"],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _references(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(_clean(one[:LINE_LIMIT]) for one in _ends(ids, LIST_LIMIT))


def _ends(ids: Sequence[str], limit: int) -> tuple[str, ...]:
    """Keep the oldest reference, which names the thread, and the newest ones."""
    return tuple(ids) if len(ids) <= limit else (ids[0], *ids[1 - limit :])


def _mailboxes(mailboxes: Sequence[Mailbox]) -> list[Fields]:
    return [
        {"name": _line(one.name), "address": _clean(one.address[:LINE_LIMIT])}
        for one in mailboxes[:LIST_LIMIT]
    ]


def _mailbox(mailbox: Mailbox | None) -> Fields | None:
    return _mailboxes([mailbox])[0] if mailbox else None


def _stamp(stamp: Stamp) -> Fields:
    server = _clean(stamp.server[:_SERVER_CHARS])
    return {"server": server, "is_own": stamp.is_own, "verdict": stamp.verdict}


def _attachments(attachments: Sequence[Attachment]) -> list[Fields]:
    return [
        {
            "position": position,
            "filename": _line(one.filename),
            "content_type": _clean(one.content_type[:LINE_LIMIT]),
            "size": one.size,
            "sha256": one.sha256,
            "content_id": _line(one.content_id),
            "inline": one.inline,
        }
        for position, one in enumerate(attachments[:LIST_LIMIT])
    ]


def _line(text: str | None) -> str | None:
    return None if text is None else _clean(text[:LINE_LIMIT])


def _clean(text: str) -> str:
    """Replace lone surrogates, which no JSON can carry (RFC 8259 section 8.2)."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()
