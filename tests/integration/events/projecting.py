"""A process that projects ``notes`` in groups: ``projecting.py NATS_URL DATABASE_URL COUNT``."""

import asyncio
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from courrier.events.groups import groups
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.lease import LeaseLost
from courrier.events.postgres.pool import open_pool
from courrier.events.postgres.projector import TRANSIENT, Fenced, Projector
from courrier.events.runtime.retry import keep_running
from courrier.events.store import StoreUnavailable
from support.notes import at, notes

WAITED_OUT = (StoreUnavailable, LeaseLost, Fenced, *TRANSIENT)


async def main(nats_url: str, database_url: str, count: int) -> None:
    """Project until killed."""
    client = await connect(Broker(url=nats_url, name=f"projecting-{os.getpid()}"))
    pool = await open_pool(database_url, name="projecting", service="gateway")
    store, leases = JetStreamEventStore(client), JetStreamLeases(client, str(os.getpid()))
    async with asyncio.TaskGroup() as tasks:
        for group in groups(count):
            projector = Projector(pool, at(group), [notes()])
            tasks.create_task(_keep(projector, store, leases, str(group)))


async def _keep(
    projector: Projector, store: JetStreamEventStore, leases: JetStreamLeases, name: str
) -> None:
    await keep_running(name, lambda: projector.run(store, leases), WAITED_OUT)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
