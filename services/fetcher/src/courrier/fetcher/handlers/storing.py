"""Record a fetched batch: bytes first, then messages and cursor in one atomic append."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from courrier.events import subjects
from courrier.events.blobs import Blobs, ref_of
from courrier.events.families.mailbox import MessageReceived, SkippedUid
from courrier.events.store import EventStore
from courrier.fetcher.domain.advance import after, append_of, steps
from courrier.fetcher.domain.batches import Arrival
from courrier.fetcher.domain.cursor import Cursor, cursor_of
from courrier.fetcher.domain.received import Fetched, Origin, message_received
from courrier.fetcher.handlers.reading import summaries
from courrier.fetcher.handlers.refusing import Refusals
from courrier.mail.message import Summary

ERASED = "erased"
"""Why a copy of an erased message is left out (``SkippedUid.reason``)."""

Clock = Callable[[], datetime]


class Recorder:
    """Writes what was fetched; holds no state, so that two of them are as safe as one."""

    def __init__(self, store: EventStore, blobs: Blobs, *, refusals: Refusals, now: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._refusals = refusals
        self._now = now

    async def cursor(self, account_id: str, folder: str) -> Cursor:
        """Return how far the log says the folder is read."""
        subject = subjects.folder_cursor(account_id, folder)
        return cursor_of((await self._store.last([subject])).get(subject))

    async def record(self, origin: Origin, cursor: Cursor, arrival: Arrival) -> Cursor:
        """Store what has come and return the cursor behind it.

        Raises:
            Conflict: another fetcher has moved the cursor; nothing of this append is stored.
            StoreUnavailable: it may or may not be stored; read the cursor again.
        """
        messages, refused = await self._stored(origin, arrival.messages)
        skipped = (*arrival.skipped, *refused)
        for step in steps(messages, skipped, arrival.batch.covers):
            appended = await self._store.append(append_of(origin, cursor, step, self._now()))
            cursor = after(cursor, step, appended.sequence)
        return cursor

    async def _stored(
        self, origin: Origin, fetched: Sequence[Fetched]
    ) -> tuple[list[MessageReceived], list[SkippedUid]]:
        """Store the bytes of messages; return what they say, and which are left out as erased."""
        if not self._refusals.any:
            _, read = await asyncio.gather(
                self._blobs.put([message.raw for message in fetched]), summaries(fetched)
            )
            return _received(origin, fetched, read), []
        # What was erased must not even reach the disk, so reading comes first.
        messages = _received(origin, fetched, await summaries(fetched))
        refused = {message.uid for message in messages if self._refusals.refuses(message)}
        await self._blobs.put([message.raw for message in fetched if message.uid not in refused])
        kept = [message for message in messages if message.uid not in refused]
        return kept, [SkippedUid(uid=uid, reason=ERASED) for uid in sorted(refused)]


def _received(
    origin: Origin, fetched: Sequence[Fetched], read: Sequence[Summary | None]
) -> list[MessageReceived]:
    return [
        message_received(origin, message, ref_of(message.raw), summary)
        for message, summary in zip(fetched, read, strict=True)
    ]
