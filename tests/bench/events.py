"""``courrier bench events``: the log's speed beside a bare nats-py loop.

The bare loop sends the same headers and bytes in the same batches with the library's own client
and does nothing else; the same loop on our faster client stands in ``detail``. All wait for each
batch's acknowledgement, on a broker that syncs every write. Rounds alternate, so that a drifting
machine touches all alike; the medians are compared.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

import nats
from nats.aio.client import Client

from bench import many_subjects, projecting
from bench.result import Result, cpu_s
from courrier.events import subjects
from courrier.events.base import Evidence, Mailbox, derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import BlobRef
from courrier.events.jetstream.append import lines_of
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.publishing import Line
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.local import nats_server

BATCH = 500
PROJECTED = 20_000
"""E-mails."""
ROUNDS = 5
LOADS = 300
BODY_BYTES = 1024
ACK_TIMEOUT_S = 30

Batch = list[NewEvent]


def run(messages: int, subjects_held: int) -> Result:
    """Run all parts on servers of their own and return the figures.

    ``subjects_held`` is how many subjects the full log has that appends are measured in.
    """
    result = _run_log(messages)
    more = {
        "projection": asyncio.run(projecting.measure(PROJECTED)),
        "many_subjects": many_subjects.measure(subjects_held),
    }
    return replace(result, detail=result.detail | more)


def _run_log(messages: int) -> Result:
    with (
        TemporaryDirectory(prefix="courrier-bench-") as folder,
        nats_server.start(Path(folder) / "nats") as server,
    ):
        broker = Broker(server.url, "bench", ADMIN, server.users[ADMIN])
        return asyncio.run(_run(broker, messages))


async def _run(broker: Broker, messages: int) -> Result:
    client = await connect(broker)
    try:
        await apply_streams(client)
        started = cpu_s()
        stock = await nats.connect(broker.url, user=broker.user, password=broker.password)
        rounds = await _appends(client, stock, max(1, messages // BATCH // ROUNDS))
        await stock.close()
        store = JetStreamEventStore(client)
        detail = {
            "append_rounds": [round(rate) for rate in rounds.ours],
            "bare_rounds": [round(rate) for rate in rounds.bare],
            "bare_with_our_client_rounds": [round(rate) for rate in rounds.bare_faster],
            "consume_and_decode_per_s": round(await _consume(store)),
            "load_one_aggregate_ms": round(await _load(store), 3),
        }
        value, limit = median(rounds.ours), median(rounds.bare)
        used = cpu_s() - started
        return Result("events", messages, value, "events/s", limit, value / limit, used, detail)
    finally:
        await client.close()


@dataclass(slots=True)
class Rounds:
    """Events a second of each round; ``bare_faster`` is the bare loop on our faster client."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    bare_faster: list[float] = field(default_factory=list)


async def _appends(client: Client, stock: Client, batches: int) -> Rounds:
    store = JetStreamEventStore(client)
    rounds = Rounds()
    for _ in range(ROUNDS):
        events = [_batch() for _ in range(batches)]
        prepared = [[lines_of(_batch()) for _ in range(batches)] for _ in range(2)]
        rounds.ours.append(await _timed_appends(store, events))
        rounds.bare.append(await _timed_bare(stock, prepared[0]))
        rounds.bare_faster.append(await _timed_bare(client, prepared[1]))
    return rounds


async def _timed_appends(store: JetStreamEventStore, batches: Sequence[Batch]) -> float:
    started = time.perf_counter()
    for batch in batches:
        await store.append(batch)
    return len(batches) * BATCH / (time.perf_counter() - started)


async def _timed_bare(client: Client, batches: Sequence[list[Line]]) -> float:
    started = time.perf_counter()
    for lines in batches:
        await _send_bare(client, lines)
    return len(batches) * BATCH / (time.perf_counter() - started)


async def _send_bare(client: Client, lines: list[Line]) -> None:
    batch = uuid4().hex
    for number, (subject, headers, body) in enumerate(lines[:-1], start=1):
        headers["Nats-Batch-Id"] = batch
        headers["Nats-Batch-Sequence"] = str(number)
        await client.publish(subject, body, headers=headers)
    subject, headers, body = lines[-1]
    headers |= {
        "Nats-Batch-Id": batch,
        "Nats-Batch-Sequence": str(len(lines)),
        "Nats-Batch-Commit": "1",
    }
    answer = await client.request(subject, body, timeout=ACK_TIMEOUT_S, headers=headers)
    if error := json.loads(answer.data).get("error"):
        raise RuntimeError(f"the bare loop was refused: {error}")


async def _consume(store: JetStreamEventStore) -> float:
    end = await store.end("EMAIL")
    started = time.perf_counter()
    async with aclosing(store.follow("EMAIL")) as batches:
        async for batch in batches:
            if batch[-1].sequence >= end:
                break
    return end / (time.perf_counter() - started)


async def _load(store: JetStreamEventStore) -> float:
    """Median milliseconds to load an aggregate of one event, one after the other."""
    batch = _batch()[:LOADS]
    await store.append(batch)
    times = []
    for new in batch:
        started = time.perf_counter()
        await store.load(new.subject)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def _batch() -> Batch:
    context = Context("/courrier/bench", "service:bench", datetime.now(UTC), "correlation", "cause")
    return [_event(uuid4().hex, context) for _ in range(BATCH)]


def _event(email_id: str, context: Context) -> NewEvent:
    event = EmailImported(
        email_id=email_id,
        source_id=email_id,
        status="archived",
        raw=BlobRef(digest=email_id * 2, size=16_000),
        account_id="account",
        message_id=f"{email_id}@example.org",
        thread_id=email_id,
        thread_reason=Evidence(rule="first"),
        subject="The offer of last week",
        sent_from=Mailbox(name="Ada Lovelace", address="ada@example.org"),
        to=(Mailbox(name="Charles Babbage", address="charles@example.org"),),
        date=context.time,
        snippet="x" * 180,
    )
    padding = BODY_BYTES - len(event.model_dump_json(by_alias=True))
    event = event.model_copy(update={"snippet": "x" * max(0, 180 + padding)})
    return NewEvent(
        subjects.email(email_id), event, derived_id("bench", email_id), 1, context, expected=0
    )
