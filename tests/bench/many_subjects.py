"""Append rate into a log that holds many subjects already, beside an empty one.

The broker keeps each subject in memory; what an append costs must not grow with their number.
"""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from courrier.events import subjects
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.email import EmailMarkedRead
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.local import nats_server

BATCH = 1000
ROUNDS = 5
BATCHES_A_ROUND = 6


def measure(count: int) -> dict[str, Any]:
    """Return events a second into an empty log and into one with ``count`` subjects."""
    with (
        TemporaryDirectory(prefix="courrier-bench-") as folder,
        nats_server.start(Path(folder) / "nats") as server,
    ):
        return asyncio.run(_measure(Broker(server.url, "bench", ADMIN, server.users[ADMIN]), count))


async def _measure(broker: Broker, count: int) -> dict[str, Any]:
    client = await connect(broker)
    try:
        await apply_streams(client)
        store = JetStreamEventStore(client)
        empty = await _rate(store)
        while (held := await store.end("EMAIL")) < count:
            await store.append(_batch())
        full = await _rate(store)
        return {
            "subjects": held,
            "append_into_empty_per_s": round(empty),
            "append_into_full_per_s": round(full),
            "full_to_empty": round(full / empty, 3),
        }
    finally:
        await client.close()


async def _rate(store: JetStreamEventStore) -> float:
    rates = []
    for _ in range(ROUNDS):
        batches = [_batch() for _ in range(BATCHES_A_ROUND)]
        started = time.perf_counter()
        for batch in batches:
            await store.append(batch)
        rates.append(BATCHES_A_ROUND * BATCH / (time.perf_counter() - started))
    return median(rates)


def _batch() -> list[NewEvent]:
    context = Context("/courrier/bench", "service:bench", datetime.now(UTC), "correlation", "cause")
    return [_event(uuid4(), context) for _ in range(BATCH)]


def _event(key: UUID, context: Context) -> NewEvent:
    event = EmailMarkedRead(email_id=key.hex, person_id="person")
    return NewEvent(subjects.email(key.hex), event, key, 1, context, expected=0)
