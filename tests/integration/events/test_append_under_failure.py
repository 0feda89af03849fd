"""An acknowledged append is stored, an unacknowledged one is found out about (I1, I3)."""

import asyncio
import os
import signal
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest

from courrier.events import subjects
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.email import EmailMarkedRead
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.local import nats_server
from courrier.local.nats_server import NatsServer
from support.waiting import eventually

pytestmark = pytest.mark.integration

BATCH = 50
WITHIN_S = 40


def a_batch() -> list[NewEvent]:
    """Claims of fresh aggregates."""
    context = Context("/courrier/linker", "user:ada", datetime(2026, 3, 2, tzinfo=UTC))
    ids = [uuid4().hex for _ in range(BATCH)]
    return [
        NewEvent(
            subjects.email(i), EmailMarkedRead(email_id=i, person_id="u"), uuid4(), 1, context, 0
        )
        for i in ids
    ]


def _is_dead(server: NatsServer) -> bool:
    return not server.running.is_alive()


async def test_a_broker_killed_and_restarted_under_load_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Kill -9 between any two bytes: every append ends acknowledged and stored exactly once."""
    folder = tmp_path_factory.mktemp("nats")
    server = nats_server.start(folder)
    port = server.address.port
    client = await connect(Broker(server.url, "test", "admin", server.users["admin"]))
    try:
        await apply_streams(client)
        store = JetStreamEventStore(client)
        acknowledged: list[NewEvent] = []
        killed = asyncio.Event()

        async def write() -> None:
            while not killed.is_set() or len(acknowledged) < 40 * BATCH:
                batch = a_batch()
                await store.append(batch)
                acknowledged.extend(batch)

        async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(write())
            for _ in range(2):
                await asyncio.wait({asyncio.ensure_future(killed.wait())}, timeout=0.3)
                os.kill(server.running.pid, signal.SIGKILL)
                await eventually(partial(_is_dead, server))
                server = nats_server.start(folder, port)
            killed.set()

        stored = []
        end = await store.end("EMAIL")
        async for batch in store.follow("EMAIL"):
            stored += [recorded.id for recorded in batch]
            if batch[-1].sequence >= end:
                break
        assert len(stored) == len(set(stored))
        assert {str(new.id) for new in acknowledged} == set(stored)
    finally:
        await client.close()
        server.stop()
