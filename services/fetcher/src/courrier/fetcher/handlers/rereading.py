"""Answer ``reread-messages``: stored bytes are the fact, and a better parser reads them anew.

Nothing changes unless the order says so; applying it twice adds one reading. A message that was
erased is not read: its event is gone, and its bytes with it.
"""

from dataclasses import dataclass, field

import structlog

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.bus import Answer
from courrier.events.commands.rereading import (
    MessageDifference,
    MessagesReread,
    MessageToReread,
    RereadMessages,
)
from courrier.events.envelope import Context, NewEvent
from courrier.events.eraser import Eraser
from courrier.events.families.mailbox import MessageFields, MessageReceived, MessageReread
from courrier.events.store import Conflict, EventStore
from courrier.fetcher.domain.advance import SOURCE
from courrier.fetcher.domain.rereading import (
    as_fetched,
    difference,
    differing,
    message_reread,
    origin_of,
)
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.storing import Clock
from courrier.fetcher.ports import MessageReader

STREAM = "MAILBOX"
TRIES = 3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a message passes through: whoever reads it, and the list of those erased."""

    reader: MessageReader
    refusals: Refusals


@dataclass(slots=True)
class _Report:
    """What has come of an order so far."""

    read: int = 0
    missing: int = 0
    applied: int = 0
    differences: list[MessageDifference] = field(default_factory=list)
    position: str | None = None


class Rereading:
    """Reads messages again; any instance may."""

    def __init__(
        self, store: EventStore, eraser: Eraser, blobs: Blobs, *, screen: Screen, now: Clock
    ) -> None:
        self._store = store
        self._eraser = eraser
        self._blobs = blobs
        self._screen = screen
        self._now = now

    async def answer(self, command: RereadMessages) -> Answer:
        """Read these messages again, and record what differs if that is wanted.

        Raises:
            Conflict: others read a message again and again.
            StoreUnavailable: it may be half done; repeat it.
        """
        wanted = {one.sequence: one for one in command.messages}
        there = {r.sequence: r for r in await self._eraser.read(STREAM, wanted)}
        report = _Report()
        for sequence, message in wanted.items():
            recorded = there.get(sequence)
            if recorded is None or not isinstance(recorded.event, MessageReceived):
                report.missing += 1
                continue
            await self._read(command, message, recorded.id, recorded.event, report)
        log.info("messages.reread", read=report.read, applied=report.applied)
        return MessagesReread(
            read=report.read,
            missing=report.missing,
            applied=report.applied,
            differences=tuple(report.differences),
            position=report.position,
        )

    async def _read(
        self,
        command: RereadMessages,
        message: MessageToReread,
        source_id: str,
        received: MessageReceived,
        report: _Report,
    ) -> None:
        now = await self._now_read(received)
        if now is None:
            report.missing += 1
            return
        report.read += 1
        for _ in range(TRIES):
            history = await self._store.load(subjects.reread_message(source_id))
            readings = [r.event for r in history if isinstance(r.event, MessageReread)]
            before: MessageFields = readings[-1] if readings else received
            fields = differing(before, now)
            if not fields:
                return
            event = message_reread(now, fields, source_id=source_id, email_id=message.email_id)
            if command.apply:
                last = history[-1] if history else None
                sequence, version = (last.sequence, last.version) if last else (0, 0)
                new = self._new(command, event, sequence, version)
                try:
                    report.position = (await self._store.append([new])).position
                except Conflict:
                    continue
                report.applied += 1
            report.differences.append(difference(message.email_id, before, now, fields))
            return
        raise Conflict(f"message {source_id} was read again by others {TRIES} times meanwhile")

    async def _now_read(self, received: MessageReceived) -> MessageReceived | None:
        """Return how the message is read now; None: it was erased, or its bytes are gone."""
        try:
            raw = await self._blobs.get(received.raw.digest)
        except BlobMissing:
            return None
        (reading,) = await self._screen.reader.read(
            origin_of(received), [as_fetched(received, raw)]
        )
        now = reading.message.event
        return None if self._screen.refusals.refuses(now) else now

    def _new(
        self, command: RereadMessages, event: MessageReread, sequence: int, version: int
    ) -> NewEvent:
        cause = str(command.command_id)
        context = Context(SOURCE, command.actor, self._now(), cause, cause)
        subject = subjects.reread_message(event.source_id)
        event_id = derived_id("message-reread", event.source_id, str(sequence), cause)
        return NewEvent(subject, event, event_id, version + 1, context, sequence)
