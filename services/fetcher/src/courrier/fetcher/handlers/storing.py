"""Record a fetched batch: bytes first, then messages and cursor in one atomic append."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from courrier.events import subjects
from courrier.events.blobs import Blobs
from courrier.events.store import EventStore
from courrier.fetcher.domain.advance import after, append_of, steps
from courrier.fetcher.domain.batches import Arrival
from courrier.fetcher.domain.cursor import Cursor, cursor_of
from courrier.fetcher.domain.received import Origin, message_received
from courrier.fetcher.handlers.reading import summaries

Clock = Callable[[], datetime]


class Recorder:
    """Writes what was fetched; holds no state, so that two of them are as safe as one."""

    def __init__(self, store: EventStore, blobs: Blobs, now: Clock) -> None:
        self._store = store
        self._blobs = blobs
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
        fetched = arrival.messages
        refs, read = await asyncio.gather(
            self._blobs.put([message.raw for message in fetched]), summaries(fetched)
        )
        messages = [
            message_received(origin, *parts) for parts in zip(fetched, refs, read, strict=True)
        ]
        for step in steps(messages, arrival.skipped, arrival.batch.covers):
            appended = await self._store.append(append_of(origin, cursor, step, self._now()))
            cursor = after(cursor, step, appended.sequence)
        return cursor
