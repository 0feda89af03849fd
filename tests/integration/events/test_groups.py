"""Groups share the partitions; a change of their number or a death loses and doubles nothing."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from courrier.events.gauges import LAG
from courrier.events.groups import Group, groups
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Fenced, Projector
from support.notes import CONSUMER, SET_UP, TABLE, at, digest, first, notes, put
from support.waiting import eventually

pytestmark = pytest.mark.integration

MEMBERS = 24
TAKE_OVER_S = 15.0
POSITIONS = """
    SELECT first_partition, last_partition, seq FROM gateway.checkpoints ORDER BY first_partition
"""


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool over a database with the projection's tables."""
    made = await open_pool(database_url, name="test", service="gateway")
    await made.execute(SET_UP)
    await made.execute(TABLE)
    yield made
    await made.close()


@asynccontextmanager
async def running(
    count: int, pool: Pool, store: JetStreamEventStore, leases: JetStreamLeases
) -> AsyncIterator[None]:
    """All groups of such a cut at work while the body runs."""
    projectors = [Projector(pool, at(group), [notes()]) for group in groups(count)]
    tasks = [asyncio.create_task(each.run(store, leases)) for each in projectors]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def round_of(store: JetStreamEventStore, person: str) -> None:
    """One more event on each e-mail."""
    await put(store, *((f"e{number}", person) for number in range(MEMBERS)))


async def positions(pool: Pool) -> dict[Group, int]:
    """Where each group stands."""
    return {Group(row[0], row[1]): row[2] for row in await pool.fetch(POSITIONS)}


async def once_by_one(store: JetStreamEventStore, pool: Pool) -> str:
    """The digest of the rows that one projector makes of the log in one go."""
    await pool.execute("TRUNCATE gateway.notes, gateway.checkpoints")
    await Projector(pool, at(), [notes()]).apply(await first(store), 0)
    return await digest(pool)


def test_groups_cut_the_partitions() -> None:
    """Every partition belongs to one group, whatever their number."""
    cuts = [[p for g in groups(n) for p in range(g.first, g.last + 1)] for n in (1, 3, 8, 64)]

    assert [list(range(64))] * 4 == cuts
    assert ["mailbox.62.*.*.msg", "mailbox.63.*.*.msg"] == groups(32)[-1].filters(
        "MAILBOX", ["mailbox.*.*.*.msg"]
    )
    assert [] == groups(1)[0].filters("EMAIL")


async def test_from_one_to_four_to_two(
    store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """Rows are those of one projector that was never cut."""
    for count, person in ((1, "ada"), (4, "bob"), (2, "cyd"), (3, "dan")):
        await round_of(store, person)
        end = await store.end("EMAIL")
        async with running(count, pool, store, leases):
            await eventually(lambda: _all_at(pool, count, end), 30)  # noqa: B023
    made = await digest(pool)

    assert await once_by_one(store, pool) == made


async def test_new_groups_start_where_the_one_behind_most_stood(
    store: JetStreamEventStore, pool: Pool
) -> None:
    """A group that was never read makes its successor read all; the old cut is fenced."""
    await round_of(store, "ada")
    log = await first(store)
    upper, lower = groups(2)[1], groups(2)[0]
    whole = Projector(pool, at(), [notes()])
    async with pool.acquire() as db:
        starts = [await at(upper).claim(db)]
        await at(upper).move(db, 0, 20)
        starts += [await at(lower).claim(db), await at().claim(db), await at(lower).claim(db)]
    with pytest.raises(Fenced):
        await whole.apply(log, 0)

    assert [0, 0, 0, 0] == starts
    assert {lower: 0, upper: 0} == await positions(pool)


async def test_a_killed_process_is_replaced_within_fifteen_seconds(
    nats_url: str, database_url: str, store: JetStreamEventStore, pool: Pool
) -> None:
    """Two processes over four groups, one killed with SIGKILL while events come: one at a time."""
    await round_of(store, "ada")
    async with AsyncExitStack() as stack:
        victim = await stack.enter_async_context(_process(nats_url, database_url))
        await eventually(lambda: _all_at(pool, 4, MEMBERS), 30)
        await stack.enter_async_context(_process(nats_url, database_url))
        await round_of(store, "bob")
        victim.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        await round_of(store, "cyd")
        end = await store.end("EMAIL")
        await eventually(lambda: _all_at(pool, 4, end), 40)
        took = time.monotonic() - killed
    made = await digest(pool)

    assert took < TAKE_OVER_S
    assert await once_by_one(store, pool) == made


async def test_lag_is_told_by_group(
    store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """A held-up group shows what waits; one that has caught up shows nothing."""
    await round_of(store, "ada")
    async with pool.acquire() as db, db.transaction():
        await db.execute("LOCK TABLE gateway.notes IN ACCESS EXCLUSIVE MODE")
        async with running(1, pool, store, leases):
            await eventually(lambda: _lag("0-63") == MEMBERS)
            await db.execute("LOCK TABLE gateway.notes IN ACCESS EXCLUSIVE MODE")
    async with running(1, pool, store, leases):
        await eventually(lambda: _lag("0-63") == 0)
        shown = _lag("0-63")

    assert 0 == shown


def _lag(group: str) -> float:
    found = [
        sample.value
        for metric in LAG.collect()
        for sample in metric.samples
        if sample.labels == {"consumer": CONSUMER, "stream": "EMAIL", "group": group}
    ]
    return found[0] if found else -1


async def _all_at(pool: Pool, count: int, end: int) -> bool:
    return dict.fromkeys(groups(count), end) == await positions(pool)


@asynccontextmanager
async def _process(nats_url: str, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    script = str(Path(__file__).parent / "projecting.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, nats_url, url, "4", env=os.environ.copy()
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
