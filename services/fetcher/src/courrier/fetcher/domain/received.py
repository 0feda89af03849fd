"""From a fetched message to the fact ``MessageReceived``, within the limits of an event.

What is cut is told in ``warnings``; the whole message is in the blob.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from courrier.events.base import Mailbox, derived_id
from courrier.events.envelope import body_of
from courrier.events.families.mailbox import (
    TEXT_LIMIT,
    AttachmentSummary,
    AuthenticationStamp,
    BlobRef,
    MessageReceived,
)
from courrier.mail.headers.origin import Stamp, way_of
from courrier.mail.message import Attachment, Summary
from courrier.mail.message import Mailbox as ReadMailbox

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
    if summary is None:
        return _received(origin, fetched, ref, warnings=("the message could not be read",))
    event = _described(origin, fetched, ref, summary)
    if _most_bytes(event) <= COMFORTABLE_BYTES or event_bytes(event) <= COMFORTABLE_BYTES:
        return event
    return _cut(event)


def event_bytes(event: MessageReceived) -> int:
    """Return the size of the event's body in bytes."""
    return len(body_of(event))


def _received(
    origin: Origin, fetched: Fetched, ref: BlobRef, *, warnings: tuple[str, ...]
) -> MessageReceived:
    return MessageReceived(
        account_id=origin.account_id,
        folder=origin.folder,
        special_use=origin.special_use,
        uidvalidity=origin.uidvalidity,
        uid=fetched.uid,
        raw=ref,
        received_at=fetched.received_at,
        flags=fetched.flags[:LIST_LIMIT],
        warnings=warnings,
        holder_id=origin.holder_id,
        target_folder=origin.target_folder,
    )


def _described(origin: Origin, fetched: Fetched, ref: BlobRef, summary: Summary) -> MessageReceived:
    way = way_of(fetched.raw, summary.from_.address if summary.from_ else None)
    return MessageReceived(
        account_id=origin.account_id,
        folder=origin.folder,
        special_use=origin.special_use,
        uidvalidity=origin.uidvalidity,
        uid=fetched.uid,
        raw=ref,
        received_at=fetched.received_at,
        flags=fetched.flags[:LIST_LIMIT],
        message_id=_line(summary.message_id),
        in_reply_to=_line(summary.in_reply_to),
        references=_references(summary.references),
        date=summary.date,
        sent_from=_mailbox(summary.from_),
        sender=_mailbox(summary.sender),
        reply_to=_mailboxes(summary.reply_to),
        to=_mailboxes(summary.to),
        cc=_mailboxes(summary.cc),
        recipient_count=len(summary.to) + len(summary.cc),
        subject=_line(summary.subject),
        text=_clean(summary.text[:TEXT_LIMIT]),
        text_cut=len(summary.text) >= TEXT_LIMIT,
        attachments=_attachments(summary.attachments),
        attachment_count=len(summary.attachments),
        auto_reply=summary.auto_reply,
        auto_reply_kind=summary.auto_reply_kind,
        unanswerable=summary.unanswerable,
        list_id=_line(summary.list_id),
        is_from_outside=way.is_from_outside,
        authentication=tuple(map(_stamp, way.stamps)),
        warnings=tuple(
            _clean(warning[:LINE_LIMIT]) for warning in summary.warnings[:SHORTEST_LIST]
        ),
        holder_id=origin.holder_id,
        target_folder=origin.target_folder,
    )


def _most_bytes(event: MessageReceived) -> int:
    """Return a bound of the body's size that costs nothing: JSON takes 6 bytes a character."""
    mailboxes = 2 + len(event.to) + len(event.cc) + len(event.reply_to)
    lines = 10 + 2 * mailboxes + 3 * len(event.attachments) + len(event.references)
    return 6 * (len(event.text) + LINE_LIMIT * (lines + len(event.warnings)))


def _cut(event: MessageReceived) -> MessageReceived:
    """Keep the start of everything: a mail made to burst an event is still reported."""
    return event.model_copy(
        update={
            "text": event.text[:SHORTEST_TEXT],
            "text_cut": True,
            "references": _ends(event.references, SHORTEST_LIST),
            "reply_to": event.reply_to[:SHORTEST_LIST],
            "to": event.to[:SHORTEST_LIST],
            "cc": event.cc[:SHORTEST_LIST],
            "attachments": event.attachments[:SHORTEST_LIST],
            "warnings": (*event.warnings, "too much for an event: lists and text are cut"),
        }
    )


def _references(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(_clean(one[:LINE_LIMIT]) for one in _ends(ids, LIST_LIMIT))


def _ends(ids: Sequence[str], limit: int) -> tuple[str, ...]:
    """Keep the oldest reference, which names the thread, and the newest ones."""
    return tuple(ids) if len(ids) <= limit else (ids[0], *ids[1 - limit :])


def _mailboxes(mailboxes: Sequence[ReadMailbox]) -> tuple[Mailbox, ...]:
    return tuple(
        Mailbox(name=_line(one.name), address=_clean(one.address[:LINE_LIMIT]))
        for one in mailboxes[:LIST_LIMIT]
    )


def _mailbox(mailbox: ReadMailbox | None) -> Mailbox | None:
    return _mailboxes([mailbox])[0] if mailbox else None


def _stamp(stamp: Stamp) -> AuthenticationStamp:
    server = _clean(stamp.server[:_SERVER_CHARS])
    return AuthenticationStamp(server=server, is_own=stamp.is_own, verdict=stamp.verdict)


def _attachments(attachments: Sequence[Attachment]) -> tuple[AttachmentSummary, ...]:
    return tuple(
        AttachmentSummary(
            position=position,
            filename=_line(one.filename),
            content_type=_clean(one.content_type[:LINE_LIMIT]),
            size=one.size,
            sha256=one.sha256,
            content_id=_line(one.content_id),
            inline=one.inline,
        )
        for position, one in enumerate(attachments[:LIST_LIMIT])
    )


def _line(text: str | None) -> str | None:
    return None if text is None else _clean(text[:LINE_LIMIT])


def _clean(text: str) -> str:
    """Replace lone surrogates, which no JSON can carry (RFC 8259 section 8.2)."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode()
