"""Answer ``drop-blobs``: bytes that nobody wants kept go as soon as nobody refers to them.

Unlike what a crash leaves over (``collecting``), these were told by name, so that no grace of days
is needed: only that nobody who found them stored is about to refer to them. A writer renews what it
finds after ``RENEW_AFTER`` and has appended, or given up, ``APPENDED_S`` later.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from courrier.events.blobs import RENEW_AFTER, BlobShelf
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import DropBlobs
from courrier.events.lease import Leases
from courrier.events.store import EventStore
from courrier.gateway.ports import References

LEASE = "gateway.dropping"
EVERY_S = 2.0
APPENDED_S = 45.0
"""No writer goes on trying to append for longer (``jetstream.persistence``)."""
GRACE = RENEW_AFTER + timedelta(seconds=APPENDED_S)
GIVEN_UP = timedelta(hours=1)
"""What somebody still refers to after so long is theirs; ``collecting`` takes it one day."""
AT_ONCE = 100

log = structlog.get_logger(__name__)


class UnwantedBlobs(Protocol):
    """What was asked for and is not done yet."""

    async def ask(self, digests: Sequence[str], now: datetime) -> None:
        """Note that these are to go."""
        ...

    async def next(self, after: str, limit: int) -> list[tuple[str, datetime]]:
        """Return the next ones by digest, and when they were asked for."""
        ...

    async def done(self, digest: str, asked_at: datetime) -> None:
        """Forget one, unless it was asked for again."""
        ...


class Dropping:
    """Takes blobs away by name."""

    def __init__(
        self,
        store: EventStore,
        shelf: BlobShelf,
        references: References,
        *,
        unwanted: UnwantedBlobs,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._references = references
        self._unwanted = unwanted
        self._clock = clock

    async def answer(self, command: DropBlobs) -> Answer:
        """Note which bytes are to go; ``for_ever`` takes them."""
        await self._unwanted.ask(command.digests, self._clock())
        return Done(created=True)

    async def for_ever(self, leases: Leases) -> None:
        """Look every two seconds, one instance at a time."""
        async with leases.hold(LEASE):
            while True:
                await self.look()
                await asyncio.sleep(EVERY_S)

    async def look(self) -> int:
        """Take what can be taken now; return how many.

        Raises:
            StoreUnavailable: broker or blob store did not answer; what is done is done.
        """
        taken, after = 0, ""
        while page := await self._unwanted.next(after, AT_ONCE):
            for digest, asked_at in page:
                taken += await self._take(digest, asked_at)
            after = page[-1][0]
        if taken:
            log.info("blobs.dropped", count=taken)
        return taken

    async def _take(self, digest: str, asked_at: datetime) -> bool:
        blob, now = await self._shelf.look(digest), self._clock()
        if blob is None:
            await self._unwanted.done(digest, asked_at)
            return False
        if now - blob.used_at < GRACE:
            return False
        # Looked at first, as in ``collecting``: who uses it from now on changes its mark.
        ends = {stream: await self._store.end(stream) for stream in self._references.streams}
        if not await self._references.are_complete(ends):
            return False
        if await self._references.referred([digest]):
            if now - asked_at > GIVEN_UP:
                await self._unwanted.done(digest, asked_at)
            return False
        if not await self._shelf.collect(blob):
            return False
        await self._unwanted.done(digest, asked_at)
        return True
