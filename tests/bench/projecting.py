"""Projection into realistic e-mail tables: the gateway's own EMAIL projections, no full text.

As it happens live (batches of 500, screens told of each change) and as a rebuild does it (4000, no
telling), beside COPY of the same rows into the same tables and indexes: what PostgreSQL itself
takes. Events are decoded before; decoding has a figure of its own.
"""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psutil

from bench.result import cpu_s
from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported
from courrier.events.postgres.filling import filling_pool
from courrier.events.postgres.migrations import create_views, migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Checkpoint, Projector
from courrier.events.postgres.views import Feed, Views
from courrier.events.store import History
from courrier.local import postgres_server

SERVICE = "gateway"
STREAM = "EMAIL"
LIVE_BATCH = 500
BULK = 4000
PEOPLE = 40
CUSTOMERS = 2000
TABLES = ("emails", "email_links", "email_holders")
SELECT = "SELECT t.* FROM {table} AS t"
WORDS = ("offer", "meeting", "invoice", "question", "delivery", "project", "budget", "answer")


async def measure(emails: int) -> dict[str, Any]:
    """Return e-mails a second, live, in bulk and by COPY."""
    with (
        TemporaryDirectory(prefix="courrier-bench-") as folder,
        postgres_server.start(Path(folder) / "cluster") as server,
    ):
        return await _measure(server.dsn(), _history(emails))


async def _measure(url: str, history: History) -> dict[str, Any]:
    views: Views = next(p.load() for p in entry_points(group="courrier.views", name=SERVICE))
    feed = next(feed for feed in views.feeds if feed.stream == STREAM)
    async with AsyncExitStack() as stack:
        pool = await open_pool(url, name="bench", service=SERVICE, size=1)
        stack.push_async_callback(pool.close)
        await pool.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        await migrate(url, package=views.package, schema=SERVICE)
        live = await _project(pool, feed, SERVICE, _cut(history, LIVE_BATCH))
        rows = await _rows(pool)
        copied = await _copy(pool, rows)
        shadow = views.schemas.shadow
        async with pool.acquire() as db:
            await create_views(db, package=views.package, schema=shadow)
        bulk_pool = await stack.enter_async_context(filling_pool(url, views, shadow))
        bulk = await _project(bulk_pool, feed, shadow, _cut(history, BULK))
    count = len(history)
    return {
        "projected_emails_per_s": live.rate(count),
        "projected_in_bulk_emails_per_s": bulk.rate(count),
        "copied_emails_per_s": copied.rate(count),
        "rows_per_email": round(sum(map(len, rows.values())) / count, 2),
        "cpu_us_per_email": {
            "projected": live.cpu_us(count),
            "projected_in_bulk": bulk.cpu_us(count),
            "copied": copied.cpu_us(count),
        },
    }


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds on the wall; CPU seconds of this process and of its PostgreSQL backend.

    Other work on the machine stretches the first and not the second.
    """

    wall_s: float
    own_s: float
    server_s: float

    def rate(self, emails: int) -> int:
        """Return e-mails a second."""
        return round(emails / self.wall_s)

    def cpu_us(self, emails: int) -> dict[str, float]:
        """Return microseconds of CPU an e-mail, of either side."""
        own, server = self.own_s / emails * 1e6, self.server_s / emails * 1e6
        return {"own": round(own, 1), "postgres": round(server, 1)}


async def _cost(pool: Pool, work: Callable[[], Awaitable[None]]) -> _Cost:
    """Run the work on a pool whose one connection does it all, and return what it took."""
    backend = psutil.Process(await pool.fetchval("SELECT pg_backend_pid()"))
    served, own, started = sum(backend.cpu_times()[:2]), cpu_s(), time.perf_counter()
    await work()
    wall = time.perf_counter() - started
    return _Cost(wall, cpu_s() - own, sum(backend.cpu_times()[:2]) - served)


async def _project(pool: Pool, feed: Feed, schema: str, batches: Sequence[History]) -> _Cost:
    projector = Projector(pool, Checkpoint(schema, feed.consumer, STREAM), feed.projections)

    async def work() -> None:
        seen = 0
        for batch in batches:
            await projector.apply(batch, seen)
            seen = batch[-1].sequence

    return await _cost(pool, work)


async def _rows(pool: Pool) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for table in TABLES:
        found[table] = [tuple(row) for row in await pool.fetch(SELECT.format(table=table))]
    return found


async def _copy(pool: Pool, rows: dict[str, list[tuple[Any, ...]]]) -> _Cost:
    await pool.execute("TRUNCATE emails, email_links, email_holders, folder_counters")

    async def work() -> None:
        async with pool.acquire() as db:
            for table, records in rows.items():
                for start in range(0, len(records), LIVE_BATCH):
                    some = records[start : start + LIVE_BATCH]
                    await db.copy_records_to_table(table, records=some, schema_name=SERVICE)

    return await _cost(pool, work)


def _cut(history: History, size: int) -> list[History]:
    return [history[start : start + size] for start in range(0, len(history), size)]


def _history(emails: int) -> History:
    dice = random.Random(1)
    return [_recorded(dice, number) for number in range(1, emails + 1)]


def _recorded(dice: random.Random, sequence: int) -> Recorded[EmailImported]:
    email_id = uuid4().hex
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=sequence)
    return Recorded(
        event=EmailImported.model_validate(_email(dice, email_id, at)),
        id=str(derived_id("bench", email_id)),
        type=EmailImported.TYPE,
        time=at,
        subject=subjects.email(email_id),
        stream=STREAM,
        sequence=sequence,
        version=1,
        actor="service:linker",
        source="/courrier/linker",
    )


def _email(dice: random.Random, email_id: str, at: datetime) -> dict[str, Any]:
    customer, person = dice.randrange(CUSTOMERS), dice.randrange(PEOPLE)
    reason = {"rule": "address", "field": "from", "value": f"customer{customer}@example.org"}
    record = {"type": "contact", "id": f"{customer:032x}"}
    people = dice.sample(range(PEOPLE), 1 + (dice.random() < 0.3))
    return {
        "email_id": email_id,
        "source_id": str(derived_id("bench-source", email_id)),
        "status": "archived",
        "raw": {"digest": email_id * 2, "size": dice.randrange(2_000, 200_000)},
        "account_id": f"{person:032x}",
        "message_id": f"{email_id}@example.org",
        "references": [f"{uuid4().hex}@example.org" for _ in range(dice.randrange(4))],
        "thread_id": f"{dice.randrange(1 + int(at.timestamp()) % 100_000):032x}",
        "thread_reason": {"rule": "references"},
        "subject": " ".join(dice.choices(WORDS, k=5)),
        "from": {"name": f"Customer {customer}", "address": f"customer{customer}@example.org"},
        "to": [{"name": f"Person {n}", "address": f"person{n}@example.org"} for n in people],
        "date": at,
        "snippet": " ".join(dice.choices(WORDS, k=25))[:180],
        "attachment_count": dice.randrange(3),
        "links": [{"record": record, "parent": True, "reason": reason}],
        "holdings": [
            {"holder_id": f"{n:032x}", "folder": "inbox", "reason": reason} for n in people
        ],
    }
