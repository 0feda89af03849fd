"""What goes on beside a consumer: gauges are set, parked events are made known, groups keep up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from courrier.events.families.dead import EventParked
from courrier.events.gauges import LAG, PARKED
from courrier.events.groups import Group
from courrier.events.parking import all_cases, announce
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Pool
from courrier.events.store import EventStore, Place

EVERY_S = 1.0
CANCEL_AGAIN_S = 0.5
"""``wait_for`` of Python 3.11, inside the database's client, can lose a cancellation."""

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
        self._cases: list[EventParked] | None = None

    @asynccontextmanager
    async def running(
        self, keep_up: Callable[[], Awaitable[None]] | None = None
    ) -> AsyncIterator[None]:
        """Look every second while the body runs; whatever fails is tried again."""
        task = asyncio.create_task(self._run(keep_up))
        try:
            yield
        finally:
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=CANCEL_AGAIN_S)
            LAG.remove(*self._labels)

    async def _run(self, keep_up: Callable[[], Awaitable[None]] | None) -> None:
        LAG.labels(*self._labels).set(self._place.pending)
        while True:
            try:
                await self._look()
                if keep_up:
                    await keep_up()
            except Exception as error:  # noqa: BLE001  nothing beside a consumer may stop it
                log.warning("watch.failed", consumer=self._labels[0], error=repr(error))
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> None:
        LAG.labels(*self._labels).set(self._place.pending)
        async with self._pool.acquire() as db:
            PARKED.labels(self._labels[0]).set(await self._parked.count(db))
        await self._parked.announce(self._pool, self._store)
        await self._close_cases()

    async def _close_cases(self) -> None:
        """Tell ``DEAD`` of what is parked no longer, because the rows were made anew."""
        if self._cases is None:
            self._cases = [
                case.event
                for case in await all_cases(self._store)
                if (case.event.consumer, case.event.stream) == self._labels[:2]
            ]
        for case in [each for each in self._cases if each.sequence <= self._place.reached]:
            async with self._pool.acquire() as db:
                standing = await self._parked.standing(db, case.subject)
            await announce(self._store, case.consumer, subject=case.subject, standing=standing)
            self._cases.remove(case)
