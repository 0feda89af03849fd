"""``courrier verify`` tells whether the live views are what the log gives (I5).

The views are built anew beside the live ones, up to the very same position, and compared by digest
on one snapshot of both. Nothing live is changed.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from courrier.events.postgres.digest import Compared, compare
from courrier.events.postgres.filling import Pages
from courrier.events.postgres.pool import Db
from courrier.events.postgres.rebuild import Progress
from courrier.events.postgres.shadow import (
    BETWEEN_TRIES_S,
    TRIES,
    NeverStill,
    Shadow,
    building,
    drop,
)
from courrier.events.postgres.views import Views

FIX_SNAPSHOT = "SELECT 1"


@dataclass(frozen=True, slots=True)
class Verified:
    """The tables of one service, at ``positions`` by stream."""

    service: str
    positions: dict[str, int]
    tables: tuple[Compared, ...]

    @property
    def is_equal(self) -> bool:
        """Whether all of them hold what the log gives."""
        return all(table.is_equal for table in self.tables)


async def verify(url: str, views: Views, log_pages: Pages, progress: Progress) -> Verified:
    """Compare the live views of a service with views built anew.

    Raises:
        RebuildUnderWay: another process rebuilds or verifies them.
        NeverStill: the live views could not be halted for the moment of the snapshot.
        StoreUnavailable: broker or database did not answer; run it again.
    """
    trial = views.schemas.trial
    async with building(url, views, trial, log_pages) as shadow:
        total = await shadow.remaining()

        def report(passed: int) -> None:
            progress(passed, total)

        await shadow.approach(report)
        async with _one_snapshot(url, shadow, report) as (db, positions):
            tables = await compare(db, views.schemas.views, trial)
        await drop(shadow.admin, trial)
    return Verified(views.service, positions, tuple(tables))


@asynccontextmanager
async def _one_snapshot(
    url: str, shadow: Shadow, report: Callable[[int], None]
) -> AsyncGenerator[tuple[Db, dict[str, int]], None]:
    """Yield a connection that sees live and built views equally far, and how far.

    The live projectors wait only until the snapshot is taken, not while it is read.
    """
    settings = {"application_name": f"courrier-{shadow.views.service}-verify", "timezone": "UTC"}
    db = await asyncpg.connect(url, server_settings=settings)
    try:
        for _ in range(TRIES):
            transaction = db.transaction(isolation="repeatable_read", readonly=True)
            try:
                async with shadow.level(report):
                    live = await shadow.live()
                    await transaction.start()
                    await db.execute(FIX_SNAPSHOT)
            except (asyncpg.LockNotAvailableError, TimeoutError):
                await asyncio.sleep(BETWEEN_TRIES_S)
                await shadow.approach(report)
            else:
                yield db, {feed.stream: at for feed, at in live.items()}
                return
        raise NeverStill(f"the views of {shadow.views.service} were never still: try again")
    finally:
        await db.close()
