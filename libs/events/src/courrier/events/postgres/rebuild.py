"""``courrier rebuild``: views built anew from the log and put in the place of the live ones (I5).

Killed in any phase, it is simply run again: a shadow that the same code has begun is filled
further, the swap is one transaction, and what was swapped out is dropped by the next run at the
latest. Projections write rows only, and cursors of what acts on events are outside (I10).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import asyncpg
import structlog

from courrier.events.postgres.digest import count_rows
from courrier.events.postgres.filling import Pages
from courrier.events.postgres.shadow import (
    BETWEEN_TRIES_S,
    TRIES,
    NeverStill,
    Shadow,
    building,
    drop,
)
from courrier.events.postgres.views import Views

UNSTAMP = "SELECT format('DROP TABLE %I.made_from', $1::text)"
RENAME = "SELECT format('ALTER SCHEMA %I RENAME TO %I', $1::text, $2::text)"

Progress = Callable[[int, int], None]
"""Called with the sequences passed since the last call, and those there are in all."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did: rows by table, positions by stream, time in all and at the swap."""

    service: str
    rows: dict[str, int]
    positions: dict[str, int]
    events: int
    seconds: float
    swap_seconds: float


async def rebuild(url: str, views: Views, log_pages: Pages, progress: Progress) -> Rebuilt:
    """Build the views anew, swap them in and drop the old ones; readers are served throughout.

    Raises:
        RebuildUnderWay: another process is at it.
        NeverStill: the live views could not be halted; the shadow stays for the next try.
        StoreUnavailable: broker or database did not answer; run it again.
    """
    started = monotonic()
    names = views.schemas
    async with building(url, views, names.shadow, log_pages) as shadow:
        total = await shadow.remaining()

        def report(passed: int) -> None:
            progress(passed, total)

        await shadow.approach(report)
        swap_seconds = await _swap_when_level(shadow, report)
        positions = {feed.stream: at for feed, at in (await shadow.live()).items()}
        await drop(shadow.admin, names.retired)
        rows = await count_rows(shadow.admin, names.views)
    seconds = round(monotonic() - started, 3)
    log.info("views.rebuilt", service=views.service, events=total, seconds=seconds)
    return Rebuilt(views.service, rows, positions, total, seconds, swap_seconds)


async def _swap_when_level(shadow: Shadow, report: Callable[[int], None]) -> float:
    """Return the seconds for which the live projectors were halted."""
    names = shadow.views.schemas
    for _ in range(TRIES):
        started = monotonic()
        try:
            async with shadow.level(report):
                await shadow.admin.execute(await shadow.admin.fetchval(UNSTAMP, shadow.schema))
                for old, new in ((names.views, names.retired), (names.shadow, names.views)):
                    await shadow.admin.execute(await shadow.admin.fetchval(RENAME, old, new))
        except (asyncpg.LockNotAvailableError, TimeoutError):
            await asyncio.sleep(BETWEEN_TRIES_S)
            await shadow.approach(report)
        else:
            return round(monotonic() - started, 3)
    raise NeverStill(
        f"the views of {shadow.views.service} could not be swapped: a transaction holds their "
        "checkpoints; see pg_stat_activity, then run the command again"
    )
