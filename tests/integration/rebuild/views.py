"""Views of each service over a real log and database, kept in step as their services do."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from nats.aio.client import Client

from courrier.events.base import Event
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.pages import JetStreamPages
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.digest import digests
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Projector
from courrier.events.postgres.rebuild import Rebuilt, rebuild
from courrier.events.postgres.verify import Verified, verify
from courrier.events.postgres.views import Views
from courrier.gateway.projections.every import VIEWS as GATEWAY
from courrier.linker.adapters.index import VIEWS as LINKER
from courrier.sender.projections.every import VIEWS as SENDER
from support.lives import appended, batches
from support.waiting import eventually

ALL = {views.service: views for views in (GATEWAY, LINKER, SENDER)}
BATCH = 500
ALL_OF_IT = slice(None)
REBUILD = """
import asyncio, sys
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.pages import JetStreamPages
from courrier.events.postgres.rebuild import rebuild
from courrier.gateway.projections.every import VIEWS

async def main(nats, url):
    pages = JetStreamPages(await connect(Broker(nats, "rebuild")))
    await rebuild(url, VIEWS, pages, lambda passed, total: print(passed, flush=True))

asyncio.run(main(*sys.argv[1:]))
"""
"""As the command does, telling each step it has done."""


async def put(
    store: JetStreamEventStore, streams: Mapping[str, Sequence[Event]], *, part: slice = ALL_OF_IT
) -> None:
    """Append a life, or a part of it that follows what is there."""
    for stream, events in streams.items():
        for batch in batches(appended(events, stream)[part], BATCH):
            await store.append(batch)


@asynccontextmanager
async def migrated(url: str, views: Views) -> AsyncIterator[Pool]:
    """Yield a pool over empty tables of a service."""
    await migrate(url, package=views.package, schema=views.service)
    pool = await open_pool(url, name="test", service=views.service, size=len(views.feeds) + 3)
    yield pool
    await pool.close()


@asynccontextmanager
async def projecting(pool: Pool, views: Views, client: Client) -> AsyncIterator[None]:
    """Keep the views in step with the log while the body runs."""
    store, leases = JetStreamEventStore(client), JetStreamLeases(client, "test")
    tasks = [
        asyncio.create_task(
            Projector(pool, views.checkpoint(feed), feed.projections).run(store, leases)
        )
        for feed in views.feeds
    ]
    try:
        yield
    finally:
        failed = [task.exception() for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    assert [] == failed


async def in_step(pool: Pool, views: Views, store: JetStreamEventStore) -> None:
    """Wait until the views show all that is on the log."""
    for feed in views.feeds:
        await eventually(partial(_reached, pool, views, feed.stream, await store.end(feed.stream)))


async def digest(pool: Pool, schema: str) -> dict[str, str]:
    """Return the digest of each table of a schema of views."""
    async with pool.acquire() as db:
        return await digests(db, schema)


async def _reached(pool: Pool, views: Views, stream: str, end: int) -> bool:
    async with pool.acquire() as db:
        at = [await views.checkpoint(f).read(db) for f in views.feeds if f.stream == stream]
    return min(at) >= end


def ignore(_: int, __: int) -> None:
    """Show no progress."""


async def rebuilt(url: str, views: Views, client: Client) -> Rebuilt:
    """Rebuild as the command does."""
    return await rebuild(url, views, JetStreamPages(client), ignore)


async def verified(url: str, views: Views, client: Client) -> Verified:
    """Verify as the command does."""
    return await verify(url, views, JetStreamPages(client), ignore)


async def start_rebuild(nats_url: str, database_url: str) -> asyncio.subprocess.Process:
    """Rebuild the gateway's views in a process that can be killed; it prints a line a step."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", REBUILD, nats_url, database_url, stdout=asyncio.subprocess.PIPE
    )
