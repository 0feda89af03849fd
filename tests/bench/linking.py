"""``courrier bench link``: the whole linker with its broker and its database beside it.

Messages stand on ``MAILBOX``; the clock runs while the linker takes them in its batches: reads,
looks up, decides, appends durably, indexes. Then healing takes the same e-mails (in ``detail``).
This is done over an index that holds some thousand e-mails already, and over larger ones, each
with a broker and a database of its own, in turns of some hundred messages, so that whatever else
the machine does weighs on all of them alike: what a message costs there, by the first, is in
``flat`` (own CPU and PostgreSQL's). 4 000 a second is what is wanted.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import psutil

from bench.deciding import ACCOUNT, BATCH, CUSTOMERS, IDENTITY, USER, conversations, customer
from bench.result import Result, cpu_s
from courrier.events import subjects
from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.crm import AddressAssigned
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.runtime.process import calm_the_collector
from courrier.events.store import History
from courrier.linker.adapters.index import PostgresIndex
from courrier.linker.handlers.healing import Healing, Ways
from courrier.linker.handlers.linking import Linking
from courrier.linker.ports import HEALING, INTAKE
from courrier.local import nats_server, postgres_server

WANTED = 4_000.0
TURNS = 5
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
"""What a server has that holds a million e-mails: a laptop's cache is smaller than their index."""
CREATE = 'CREATE DATABASE "{name}"'
CONTEXT = Context("/bench", "service:bench", datetime(2026, 1, 1, tzinfo=UTC))
EMAILS = """
    INSERT INTO linker.emails (email_id, thread_id, subject_key, fingerprint, holders, email_seq,
                               date, parties, ancestors, proven, links_seq)
    SELECT md5('e' || n), md5('t' || n / 4), md5('s' || n / 4), md5('f' || n), ARRAY[$3], -n,
           now(), ARRAY['from:old' || n % 50000 || '@x.test', 'to:me@bench.example'],
           ARRAY[md5('e' || n - 1)], '{}', -n
      FROM generate_series($1::int, $2::int) AS n
"""
KEYS = """
    INSERT INTO linker.thread_keys (key, email_id)
    SELECT hashtextextended('k' || n || k, 0), md5('e' || n)
      FROM generate_series($1::int, $2::int) AS n, generate_series(1, 4) AS k
"""
NAMED = """
    INSERT INTO linker.email_addresses (address_key, email_id)
    SELECT hashtextextended('a' || n % 50000 || k, 0), md5('e' || n)
      FROM generate_series($1::int, $2::int) AS n, generate_series(1, 3) AS k
"""
LINKS = """
    INSERT INTO linker.email_links (email_id, record_type, record_id, is_parent)
    SELECT md5('e' || n), 'account', md5('r' || n % 50000), true
      FROM generate_series($1::int, $2::int) AS n
"""
ADDRESSES = """
    INSERT INTO linker.addresses (address, owner_type, owner_id, account_id, owned, crm_seq,
                                  address_key)
    SELECT 'old' || n || '@x.test', 'contact', md5('c' || n), md5('r' || n), true, -n, md5('h' || n)
      FROM generate_series($1::int, $2::int) AS n
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the wall, of this process and of PostgreSQL, for so many messages."""

    messages: int
    wall_s: float
    own_s: float
    server_s: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.wall_s

    def shown(self) -> dict[str, float]:
        """Return what stands in ``detail``."""
        own, server = self.own_s / self.messages * 1e6, self.server_s / self.messages * 1e6
        return {"per_s": round(self.rate), "own_us": round(own), "postgres_us": round(server)}


def run(messages: int, sizes: tuple[int, ...]) -> Result:
    """Link ``messages`` over an index of each of these sizes; the first one gives the value."""
    with (
        TemporaryDirectory(prefix="courrier-bench-") as folder,
        postgres_server.start(Path(folder) / "cluster", settings=SERVER) as postgres,
        ExitStack() as brokers,
    ):
        places = {}
        for size in sizes:
            nats = brokers.enter_context(nats_server.start(Path(folder) / f"nats-{size}"))
            broker = Broker(nats.url, "bench", ADMIN, nats.users[ADMIN])
            places[size] = (broker, postgres.dsn(f"bench_{size}"))
        return asyncio.run(_run(postgres.dsn(), places, messages))


async def _run(url: str, places: dict[int, tuple[Broker, str]], messages: int) -> Result:
    found: dict[int, list[tuple[Cost, Cost]]] = {size: [] for size in places}
    async with AsyncExitStack() as open_:
        linkers = {}
        for size, (broker, own_url) in places.items():
            await _create(url, f"bench_{size}")
            linkers[size] = linker = await open_.enter_async_context(_linker(broker, own_url))
            await _set_up(linker.store)
            await _fill(linker.pool, 1, size)
        calm_the_collector()  # as its process does
        for turn in range(TURNS):
            for size, linker in linkers.items():
                found[size].append(await linker.measure(messages // TURNS, turn))
    costs = {
        size: (_sum(c[0] for c in own), _sum(c[1] for c in own)) for size, own in found.items()
    }
    return _result(messages, costs)


def _result(messages: int, costs: dict[int, tuple[Cost, Cost]]) -> Result:
    linked, healed = next(iter(costs.values()))
    detail: dict[str, Any] = {
        "stored": {f"{size:,}": cost.shown() for size, (cost, _) in costs.items()},
        "healing": {f"{size:,}": cost.shown() for size, (_, cost) in costs.items()},
        "flat": {f"{size:,}": _beside(cost, linked) for size, (cost, _) in costs.items()},
        "flat_healing": {f"{size:,}": _beside(cost, healed) for size, (_, cost) in costs.items()},
        "with_healing_per_s": round(messages / (linked.wall_s + healed.wall_s)),
    }
    rate = linked.rate
    return Result("link", messages, rate, "messages/s", WANTED, rate / WANTED, cpu_s(), detail)


def _beside(cost: Cost, first: Cost) -> float:
    return round((cost.own_s + cost.server_s) / (first.own_s + first.server_s), 2)


def _sum(costs: Iterable[Cost]) -> Cost:
    """Return all turns as one."""
    columns = zip(*((c.messages, c.wall_s, c.own_s, c.server_s) for c in costs), strict=True)
    messages, wall, own, server = map(sum, columns)
    return Cost(int(messages), wall, own, server)


async def _create(url: str, name: str) -> None:
    db = await asyncpg.connect(url)
    await db.execute(CREATE.format(name=name))
    await db.close()


@dataclass(frozen=True, slots=True)
class _Linker:
    """A linker as its process puts it together, on one connection to the database."""

    store: JetStreamEventStore
    pool: Pool
    index: PostgresIndex
    linking: Linking
    healing: Healing

    async def measure(self, messages: int, seed: int) -> tuple[Cost, Cost]:
        """Return what linking and what healing new messages costs."""
        await self._heal()
        await _put_messages(self.store, messages, seed)
        linked = await self._cost(messages, self._link)
        return linked, await self._cost(messages, self._heal)

    async def _link(self) -> None:
        after = await self.index.position("MAILBOX", INTAKE)
        async for batch in _batches(self.store, "MAILBOX", after):
            await self.linking.take(batch, after)
            after = batch[-1].sequence

    async def _heal(self) -> None:
        after = await self.index.position("EMAIL", HEALING)
        async for batch in _batches(self.store, "EMAIL", after):
            await self.healing.take(batch, after)
            after = batch[-1].sequence

    async def _cost(self, messages: int, work: Any) -> Cost:
        backend = psutil.Process(await self.pool.fetchval("SELECT pg_backend_pid()"))
        served, own, started = sum(backend.cpu_times()[:2]), cpu_s(), time.perf_counter()
        await work()
        wall = time.perf_counter() - started
        return Cost(messages, wall, cpu_s() - own, sum(backend.cpu_times()[:2]) - served)


@asynccontextmanager
async def _linker(broker: Broker, url: str) -> AsyncIterator[_Linker]:
    client = await connect(broker)
    await apply_streams(client)
    await migrate(url, package="courrier.linker", schema="linker")
    pool = await open_pool(url, name="bench", service="linker", size=1)
    store = JetStreamEventStore(client)
    index = PostgresIndex(pool, store)
    linking = Linking(store, index, identity=IDENTITY, clock=lambda: datetime.now(UTC))
    ways = Ways(lambda: datetime.now(UTC), linking.turn)
    yield _Linker(store, pool, index, linking, Healing(store, index, ways))
    await pool.close()
    await client.close()


async def _batches(store: JetStreamEventStore, stream: str, after: int) -> AsyncIterator[History]:
    end = await store.end(stream)
    if end <= after:
        return
    async with aclosing(store.follow(stream, after=after)) as batches:
        async for batch in batches:
            yield batch
            if batch[-1].sequence >= end:
                return


async def _set_up(store: JetStreamEventStore) -> None:
    account = EmailAccountAdded.model_validate(
        {
            "account_id": ACCOUNT,
            "owner_id": USER,
            "name": "Bench",
            "address": "me@bench.example",
            "imap": {"host": "x", "port": 993, "user": "x", "secret": "x"},
        }
    )
    await _append(store, [(subjects.email_account(ACCOUNT), account)], "settings")
    owners: list[tuple[str, Event]] = [
        (
            subjects.address(f"{n:032x}"),
            AddressAssigned(
                address=customer(n),
                owner=RecordRef(type="contact", id=f"c{n}"),
                account_id=f"a{n // 4}",
            ),
        )
        for n in range(0, CUSTOMERS, 2)
    ]
    await _append(store, owners, "crm")


async def _put_messages(store: JetStreamEventStore, count: int, seed: int) -> None:
    subject = subjects.folder_messages(ACCOUNT, f"INBOX{seed}")
    events: list[tuple[str, Event]] = [(subject, each) for each in conversations(count, seed)]
    await _append(store, events, f"m{seed}")


async def _append(store: JetStreamEventStore, events: list[tuple[str, Event]], name: str) -> None:
    for start in range(0, len(events), BATCH):
        guarded: set[str] = set()
        batch = []
        for number, (subject, event) in enumerate(events[start : start + BATCH], start=start):
            last = await store.last([subject]) if subject not in guarded else {}
            expected = None if subject in guarded else (last[subject].sequence if last else 0)
            guarded.add(subject)
            event_id = derived_id(name, str(number))
            batch.append(NewEvent(subject, event, event_id, number + 1, CONTEXT, expected))
        await store.append(batch)


async def _fill(pool: Pool, first: int, last: int) -> None:
    """Fill the index, not the log: what a message costs must not depend on either."""
    for statement in (EMAILS, KEYS, NAMED, LINKS, ADDRESSES):
        values = (first, last, f"user:{USER}") if statement is EMAILS else (first, last)
        await pool.execute(statement, *values, timeout=600)
    await pool.execute("ANALYZE", timeout=600)
