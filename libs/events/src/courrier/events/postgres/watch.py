"""What goes on beside a consumer: gauges are set, parked events are made known, groups keep up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from courrier.events.gauges import LAG, PARKED
from courrier.events.groups import Group
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Pool
from courrier.events.store import EventStore, Place

EVERY_S = 1.0

log = structlog.get_logger(__name__)


class Watch:
    """Looks after one consumer, or one group of it, on one stream, while it runs."""

    def __init__(
        self, pool: Pool, store: EventStore, parked: ParkedRows, group: Group, place: Place
    ) -> None:
        self._pool = pool
        self._store = store
        self._parked = parked
        self._labels = (parked.name, parked.stream, str(group))
        self._place = place

    @asynccontextmanager
    async def running(self, keep_up: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Look every second while the body runs; whatever fails is tried again."""
        task = asyncio.create_task(self._run(keep_up))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            LAG.remove(*self._labels)

    async def _run(self, keep_up: Callable[[], Awaitable[None]]) -> None:
        LAG.labels(*self._labels).set(self._place.pending)
        while True:
            try:
                await self._look()
                await keep_up()
            except Exception as error:  # noqa: BLE001  nothing beside a consumer may stop it
                log.warning("watch.failed", consumer=self._labels[0], error=repr(error))
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> None:
        LAG.labels(*self._labels).set(self._place.pending)
        async with self._pool.acquire() as db:
            PARKED.labels(self._labels[0]).set(await self._parked.count(db))
        await self._parked.announce(self._pool, self._store)
