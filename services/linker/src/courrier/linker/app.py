"""The linker, put together: the index, the two consumers under one lease, the commands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from courrier.events.commands import EraseEmail, MarkRead
from courrier.events.identity import Identity, load_identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.lease import LeaseLost
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import TRANSIENT, Fenced
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import Infrastructure, database_url, infrastructure
from courrier.events.runtime.retry import keep_running
from courrier.events.store import Conflict, StoreUnavailable
from courrier.events.vault import SecretMissing
from courrier.linker.adapters.index import PostgresIndex
from courrier.linker.handlers.erasing import Erasing
from courrier.linker.handlers.linking import Linking
from courrier.linker.handlers.reading import Reading
from courrier.linker.settings import LinkerSettings

LEASE = "linker.intake.0"
REFRESH_S = 1.0
"""An idle index follows the log at this pace, so that little is left to read for a message."""
INTAKES = {"MAILBOX": ("mailbox.*.*.*.msg",), "OUTBOUND": ()}
"""The streams with messages, and which of their subjects."""

PASSING: tuple[type[Exception], ...] = (*TRANSIENT, StoreUnavailable, Conflict, Fenced, LeaseLost)
"""What ends the work for now; it begins again from the checkpoints."""


async def run(settings: LinkerSettings, health: Health) -> None:
    """Link until cancelled; dependencies that are down are waited for."""

    async def serve() -> None:
        async with infrastructure(settings, "linker", health) as parts:
            await _serve(settings, parts)

    await keep_running("linker", serve, (StoreUnavailable, SecretMissing, *TRANSIENT))


async def migrate_schema(settings: LinkerSettings) -> list[str]:
    """Bring schema ``linker`` up to date; return the migrations applied."""
    return await migrate(database_url(settings), package="courrier.linker", schema="linker")


async def _serve(settings: LinkerSettings, parts: Infrastructure) -> None:
    identity = await load_identity(parts.vault)
    pool = await open_pool(database_url(settings), name="linker", service="linker")
    try:
        async with _one_fate() as tasks:
            server = NatsCommandServer(parts.client, tasks)
            await server.serve(MarkRead, Reading(parts.store, _now).mark_read)
            eraser = JetStreamEraser(parts.client)
            erasing = Erasing(parts.store, eraser, identity=identity, clock=_now)
            await server.serve(EraseEmail, erasing.answer)
            parts.health.ready("start")

            async def work() -> None:
                async with parts.leases.hold(LEASE):
                    await _work(settings, parts, pool, identity)

            await keep_running("linking", work, PASSING)
    finally:
        await pool.close()


async def _work(
    settings: LinkerSettings, parts: Infrastructure, pool: Pool, identity: Identity
) -> None:
    """Do the group's work while the lease is ours; a stand-by waits before, and is ready."""
    index = PostgresIndex(pool, parts.store)
    b2c = settings.linker_b2c
    linking = Linking(parts.store, index, identity=identity, clock=_now, contact_is_parent=b2c)
    parts.health.wait_for("index")
    await index.catch_up()
    parts.health.ready("index")
    async with _one_fate() as tasks:
        for stream, filters in INTAKES.items():
            after = await index.position(stream)
            batches = parts.store.follow(stream, after=after, filters=filters)
            tasks.create_task(linking.take_all(batches, after))
        tasks.create_task(linking.stay_current(REFRESH_S))


@asynccontextmanager
async def _one_fate() -> AsyncIterator[asyncio.TaskGroup]:
    """Run tasks that end together, and raise what ended them as it was raised, a bug first."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except ExceptionGroup as group:
        _, bugs = group.split(PASSING)
        raise (bugs or group).exceptions[0] from None


def _now() -> datetime:
    return datetime.now(UTC)
