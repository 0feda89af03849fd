"""A batch under way and a swap do not meet: its rows and its position land in the same views."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from nats.aio.client import Client

from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Db
from courrier.events.postgres.projector import Fenced, Projector
from courrier.events.projection import Projection
from courrier.gateway.projections.every import VIEWS
from support.lives import lived, streams_of
from support.waiting import eventually

from .views import in_step, migrated, projecting, put, rebuilt, verified

pytestmark = pytest.mark.integration

MAILS = 20
SWAP_WAITS = "SELECT true FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted"
PATIENCE_S = 1.5


async def test_a_batch_under_way_is_waited_for(
    database_url: str, client: Client, store: JetStreamEventStore
) -> None:
    """Rows written, position not yet moved: the swap waits, and nothing of the batch is lost."""
    written, go_on = asyncio.Event(), asyncio.Event()
    slow: Projection[Db] = Projection("slow", stream="EMAIL", version=1)

    @slow.on(EmailImported)
    async def wait(_: Db, __: Sequence[Recorded[EmailImported]]) -> None:
        written.set()
        await go_on.wait()

    events = lived(seed=4, mails=MAILS)["EMAIL"]
    half = len(events) // 2
    await put(store, {"EMAIL": events}, part=slice(half))
    feed = next(feed for feed in VIEWS.feeds if feed.stream == "EMAIL")
    checkpoint = VIEWS.checkpoint(feed)
    async with migrated(database_url, VIEWS) as pool:
        async with projecting(pool, VIEWS, client):
            await in_step(pool, VIEWS, store)
        await put(store, {"EMAIL": events}, part=slice(half, None))
        late = Projector(pool, checkpoint, (*feed.projections, slow))
        rest = streams_of(seed=4, mails=MAILS)["EMAIL"][half:]
        batch = asyncio.create_task(late.apply(rest, half))
        await written.wait()

        swap = asyncio.create_task(rebuilt(database_url, VIEWS, client))
        with suppress(AssertionError):
            await eventually(lambda: pool.fetchval(SWAP_WAITS), PATIENCE_S)
        go_on.set()
        await swap
        with suppress(Fenced):
            await batch

        told = await verified(database_url, VIEWS, client)

    assert [] == [table.table for table in told.tables if not table.is_equal]
    assert len(events) == told.positions["EMAIL"]
