"""Views of a service built beside the live ones, and the moment when both are equally far.

Built views never pass the live ones: what is on the log but not yet live stays for the live
projectors, which therefore go on as if nothing had happened, and tell screens of it once.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256

import asyncpg
import structlog

from courrier.events.postgres.filling import Filling, Pages, Report, Targets, filling_pool
from courrier.events.postgres.migrations import create_views, migrations_of
from courrier.events.postgres.pool import DatabaseUnavailable, Db
from courrier.events.postgres.projector import Checkpoint
from courrier.events.postgres.views import Feed, Views

TIMEOUT_S = 600.0
"""For statements that read or drop whole tables."""
LOCK_WAIT = "2s"
TRIES = 30
BETWEEN_TRIES_S = 1.0
CLOSE = 2000
"""Events: this near to the live views, the rest is filled while those wait."""
LAST_STEP_S = 10.0
"""The live projectors wait no longer than this, readers not at all."""

ONE_AT_A_TIME = "SELECT pg_try_advisory_lock(hashtext($1))"
EXISTS = "SELECT true FROM pg_namespace WHERE nspname = $1"
DROP = "SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', $1::text)"
SET_LOCK_WAIT = "SELECT set_config('lock_timeout', $1, true)"
HALT = "SELECT format('LOCK TABLE %I.checkpoints IN ACCESS EXCLUSIVE MODE', $1::text)"
STAMP = """
    SELECT format('CREATE TABLE %1$I.made_from AS SELECT %2$L AS stamp', $1::text, $2::text)
"""
STAMPED = "SELECT to_regclass(format('%I.made_from', $1::text)) IS NOT NULL"
READ_STAMP = "SELECT format('SELECT stamp FROM %I.made_from', $1::text)"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY 1
"""
ANALYSE = "SELECT format('ANALYZE %I.%I', $1::text, $2::text)"

log = structlog.get_logger(__name__)


class RebuildUnderWay(RuntimeError):
    """Somebody else rebuilds or verifies the same views."""


class NeverStill(RuntimeError):
    """The live views could not be halted for a moment; the text says what may be in the way."""


class Shadow:
    """Views under construction; one for each service at a time (``building``)."""

    def __init__(self, admin: Db, filling: Filling, views: Views, schema: str) -> None:
        self.admin = admin
        self.views = views
        self.schema = schema
        self._filling = filling

    async def live(self) -> Targets:
        """Return where the live views are."""
        return {feed: await self._live(feed) for feed in self.views.feeds}

    async def remaining(self) -> int:
        """Return the sequences still to be passed until the live views are reached."""
        targets, at = await self.live(), await self._filling.positions()
        return sum(max(0, target - at[feed]) for feed, target in targets.items())

    async def approach(self, report: Report) -> None:
        """Fill until the live views are close, then let the planner know the new tables."""
        while await self.remaining() > CLOSE:
            await self._filling.run(await self.live(), report)
        for row in await self.admin.fetch(TABLES, self.schema):
            statement = await self.admin.fetchval(ANALYSE, self.schema, row["relname"])
            await self.admin.execute(statement, timeout=TIMEOUT_S)

    @asynccontextmanager
    async def level(self, report: Report) -> AsyncGenerator[None, None]:
        """Run the body in a transaction in which live and built views are equally far.

        Only the live projectors wait meanwhile: they lock a checkpoint before anything else.

        Raises:
            LockNotAvailableError, TimeoutError: not now.
        """
        async with self.admin.transaction():
            await self.admin.execute(SET_LOCK_WAIT, LOCK_WAIT)
            await self.admin.execute(await self.admin.fetchval(HALT, self.views.schemas.views))
            async with asyncio.timeout(LAST_STEP_S):
                await self._filling.run(await self.live(), report)
            yield

    async def _live(self, feed: Feed) -> int:
        at = Checkpoint(self.views.schemas.views, feed.consumer, feed.stream)
        return await at.read(self.admin)


@asynccontextmanager
async def building(
    url: str, views: Views, schema: str, log_pages: Pages
) -> AsyncGenerator[Shadow, None]:
    """Yield the views under construction in ``schema``, those of an interrupted try if they fit.

    Raises:
        RebuildUnderWay: another process is at it.
        DatabaseUnavailable: PostgreSQL cannot be reached.
    """
    admin = await _connect(url, views)
    try:
        if not await admin.fetchval(ONE_AT_A_TIME, f"courrier.rebuild.{views.service}"):
            raise RebuildUnderWay(
                f"the views of {views.service} are being rebuilt or verified by another process"
            )
        await _prepare(admin, views, schema)
        async with filling_pool(url, views, schema) as pool:
            yield Shadow(admin, Filling(pool, views, schema, log_pages), views, schema)
    finally:
        await admin.close()


async def drop(admin: Db, schema: str) -> None:
    """Drop a schema that nobody looks for any more; who still reads it is waited for.

    Raises:
        NeverStill: somebody reads it for ever.
    """

    async def attempt() -> None:
        async with admin.transaction():
            await admin.execute(SET_LOCK_WAIT, LOCK_WAIT)
            await admin.execute(await admin.fetchval(DROP, schema), timeout=TIMEOUT_S)

    for _ in range(TRIES):
        try:
            return await attempt()
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(BETWEEN_TRIES_S)
    raise NeverStill(f"schema {schema} cannot be dropped: a transaction still reads it")


async def _connect(url: str, views: Views) -> "asyncpg.Connection[asyncpg.Record]":
    settings = {"application_name": f"courrier-{views.service}-rebuild", "timezone": "UTC"}
    try:
        return await asyncpg.connect(url, command_timeout=TIMEOUT_S, server_settings=settings)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        text = f"cannot use PostgreSQL as {views.service}: {error}"
        raise DatabaseUnavailable(text) from error


async def _prepare(admin: Db, views: Views, schema: str) -> None:
    """Leave empty views in the schema, or those that the same code has begun to fill."""
    await drop(admin, views.schemas.retired)
    stamp = _stamp(views)
    if await _stamp_in(admin, schema) == stamp:
        log.info("rebuild.resumed", schema=schema)
        return
    await drop(admin, schema)
    async with admin.transaction():
        await create_views(admin, package=views.package, schema=schema)
        await admin.execute(await admin.fetchval(STAMP, schema, stamp))


async def _stamp_in(admin: Db, schema: str) -> object:
    if not await admin.fetchval(STAMPED, schema):
        return None
    return await admin.fetchval(await admin.fetchval(READ_STAMP, schema))


def _stamp(views: Views) -> str:
    """Return what the rows depend on besides the log: tables, and versions of projections."""
    parts = [f"{name}\n{sql}" for name, sql in migrations_of(views.package)]
    for feed in views.feeds:
        parts += [f"{feed.consumer} {feed.stream} {p.name} {p.version}" for p in feed.projections]
    return sha256("\n".join(parts).encode()).hexdigest()
