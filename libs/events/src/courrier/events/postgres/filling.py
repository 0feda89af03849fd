"""Fill one schema of views from the log, at bulk speed, exactly up to where others are.

Projections are the live ones; only the schema, the size of a transaction and the wait for the disk
differ. Each stream is filled by a task of its own: handlers of different streams commute (I5).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Checkpoint, Projector
from courrier.events.postgres.views import Feed, Views
from courrier.events.store import History

BULK_PAGES = 8
"""Pages of one transaction: up to 4000 events, or 32 MiB of them."""

REBUILDING = "courrier.rebuilding"
"""Set on a connection that fills a shadow: projections tell no screen and take no lock for it."""

Targets = Mapping[Feed, int]
Report = Callable[[int], None]
"""Called with the number of sequences that were passed."""


class Pages(Protocol):
    """The log, read page by page."""

    async def page(self, stream: str, after: int) -> History:
        """Return the next events over ``after``, oldest first; empty only at the stream's end."""
        ...


@asynccontextmanager
async def filling_pool(url: str, views: Views, schema: str) -> AsyncGenerator[Pool, None]:
    """Yield a pool whose table names mean those of ``schema``, for the filling of it.

    A commit does not wait for the disk: what a crash of the server takes back, the checkpoint
    beside the rows takes back with it.
    """
    settings = {
        "search_path": views.schemas.path(schema),
        "synchronous_commit": "off",
        REBUILDING: "on",
    }
    name = f"{views.service}-rebuild"
    size = len(views.feeds) + 1
    pool = await open_pool(url, name=name, service=views.service, size=size, settings=settings)
    try:
        yield pool
    finally:
        await pool.close()


class Filling:
    """The views of one service in one schema, brought from their checkpoints to the targets."""

    def __init__(self, pool: Pool, views: Views, schema: str, log: Pages) -> None:
        self._pool = pool
        self._views = views
        self._schema = schema
        self._log = log

    async def run(self, targets: Targets, report: Report) -> None:
        """Fill every feed up to its target and no further.

        Raises:
            StoreUnavailable: the broker did not answer; what was filled stays.
            Fenced: somebody else fills the same schema.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                for feed, target in targets.items():
                    tasks.create_task(self._fill(feed, target, report))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def positions(self) -> dict[Feed, int]:
        """Return where each feed is."""
        async with self._pool.acquire() as db:
            return {feed: await self._checkpoint(feed).read(db) for feed in self._views.feeds}

    def _checkpoint(self, feed: Feed) -> Checkpoint:
        return Checkpoint(self._schema, feed.consumer, feed.stream)

    async def _fill(self, feed: Feed, target: int, report: Report) -> None:
        checkpoint = self._checkpoint(feed)
        projector = Projector(self._pool, checkpoint, feed.projections)
        async with self._pool.acquire() as db:
            at = await checkpoint.read(db)
        if at >= target:
            return
        reading = asyncio.create_task(self._bulk(feed.stream, at, target))
        try:
            while bulk := await reading:
                end = bulk[-1].sequence
                reading = asyncio.create_task(self._bulk(feed.stream, end, target))
                await projector.apply(bulk, at)
                report(end - at)
                at = end
        finally:
            reading.cancel()
        await self._skip_to(checkpoint, at, target)
        report(target - at)

    async def _bulk(self, stream: str, after: int, target: int) -> History:
        """Return the next events up to the target, ``BULK_PAGES`` pages of them at most."""
        bulk: History = []
        for _ in range(BULK_PAGES):
            if after >= target:
                break
            page = await self._log.page(stream, after)
            if not page:
                break
            bulk += (recorded for recorded in page if recorded.sequence <= target)
            after = page[-1].sequence
        return bulk

    async def _skip_to(self, checkpoint: Checkpoint, at: int, target: int) -> None:
        """Pass over what was erased at the end of the way."""
        if at < target:
            async with self._pool.acquire() as db, db.transaction():
                await checkpoint.lock(db, at)
                await checkpoint.move(db, at, target)
