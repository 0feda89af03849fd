"""Blobs that nobody refers to are erased once they are old enough.

A writer stores a blob before it appends the event that refers to it, so that a young blob without
a reference is normal. One that nobody refers to for the whole grace is left over from a crash, a
refused append or an erasure. References are read after the blob was looked at and again right
before it is taken; a writer that uses it meanwhile makes ``BlobShelf.collect`` decline.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from courrier.events.blobs import BlobShelf
from courrier.events.lease import Leases
from courrier.events.store import EventStore
from courrier.gateway.ports import Collected, References

LEASE = "gateway.blobs"
EVERY_S = 3600.0
LEAST_GRACE = timedelta(days=2)
"""Writers renew what is older than ``RENEW_AFTER``: a grace near it would race with them."""

log = structlog.get_logger(__name__)


async def collect_for_ever(
    collecting: "Collecting", leases: Leases, report: Callable[[Collected], None]
) -> None:
    """Look over all blobs now and every hour, one instance at a time."""
    async with leases.hold(LEASE):
        while True:
            report(await collecting.collect())
            await asyncio.sleep(EVERY_S)


class Collecting:
    """One look over all blobs."""

    def __init__(
        self,
        store: EventStore,
        shelf: BlobShelf,
        references: References,
        *,
        grace: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._references = references
        self._grace = max(grace, LEAST_GRACE)
        self._clock = clock

    async def collect(self, *, dry_run: bool = False) -> Collected:
        """Take away what nobody refers to; ``dry_run`` counts what it would be.

        Raises:
            StoreUnavailable: broker or blob store did not answer; what is done is done.
        """
        seen = unreferenced = young = collected = 0
        async for page in self._shelf.digests():
            seen += len(page)
            for digest in await self._unreferenced(page):
                unreferenced += 1
                outcome = await self._take(digest, dry_run=dry_run)
                young += outcome is None
                collected += bool(outcome)
        found = Collected(seen, unreferenced, young, collected)
        log.info("blobs.collected", seen=seen, collected=collected, dry_run=dry_run)
        return found

    async def _unreferenced(self, page: list[str]) -> list[str]:
        return sorted(set(page) - await self._references.referred(page))

    async def _take(self, digest: str, *, dry_run: bool) -> bool | None:
        """Take one blob; None for one that is too young to tell."""
        blob = await self._shelf.look(digest)
        if blob is None:
            return False
        if self._clock() - blob.used_at < self._grace:
            return None
        # Looked at first: whoever stores or uses it from now on changes its mark, and whoever
        # has appended a reference until now is counted here.
        ends = {stream: await self._store.end(stream) for stream in self._references.streams}
        is_counted = await self._references.are_complete(ends)
        if not is_counted or await self._references.referred([digest]):
            return False
        return True if dry_run else await self._shelf.collect(blob)
