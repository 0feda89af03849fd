"""Rows and checkpoint move together, whatever is repeated, raced or cut off (I4)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.email import EmailMarkedRead, EmailMarkedUnread
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import CREATE_BOOKKEEPING
from courrier.events.postgres.pool import Db, Pool, open_pool
from courrier.events.postgres.projector import Checkpoint, Fenced, Projector
from courrier.events.projection import Projection
from courrier.events.store import EventStore, History
from support.waiting import eventually

pytestmark = pytest.mark.integration

AT = Checkpoint("gateway", "reading", "EMAIL")
SET_UP = CREATE_BOOKKEEPING.format(schema="gateway")
TABLE = "CREATE TABLE gateway.reading (at bigint PRIMARY KEY, what text NOT NULL)"
INSERT = "INSERT INTO gateway.reading (at, what) SELECT * FROM unnest($1::bigint[], $2::text[])"
SHOW = "SELECT at, what FROM gateway.reading ORDER BY at"

reading: Projection[Db] = Projection("reading", stream="EMAIL", version=1)


@reading.on(EmailMarkedRead)
async def marked_read(db: Db, run: Sequence[Recorded[EmailMarkedRead]]) -> None:
    """One row an event."""
    await db.execute(INSERT, [r.sequence for r in run], ["read"] * len(run))


@reading.on(EmailMarkedUnread)
async def marked_unread(db: Db, run: Sequence[Recorded[EmailMarkedUnread]]) -> None:
    """The same for the opposite."""
    await db.execute(INSERT, [r.sequence for r in run], ["unread"] * len(run))


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool over a database with the projection's table."""
    made = await open_pool(database_url, name="test", service="gateway")
    await made.execute(SET_UP)
    await made.execute(TABLE)
    yield made
    await made.close()


async def fill(store: EventStore, count: int) -> History:
    """``count`` events, every third an 'unread', and how the log holds them."""
    context = Context("/courrier/linker", "user:ada", datetime(2026, 3, 2, tzinfo=UTC))
    batch = []
    for n in range(count):
        kind: type[Event] = EmailMarkedUnread if n % 3 == 0 else EmailMarkedRead
        event = kind.model_validate({"email_id": f"e{n}", "person_id": "ada"})
        batch.append(NewEvent(subjects.email(f"e{n}"), event, uuid4(), 1, context, 0))
    await store.append(batch)
    async for recorded in store.follow("EMAIL"):
        return recorded
    return []


async def rows(pool: Pool) -> list[tuple[int, str]]:
    """What the projection wrote."""
    return [(row["at"], row["what"]) for row in await pool.fetch(SHOW)]


async def position(pool: Pool) -> int:
    """Where the checkpoint stands."""
    async with pool.acquire() as db:
        return await AT.read(db)


async def test_a_running_projector_keeps_up(
    store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """Runs of one type are written together, and still everything in order."""
    seen: list[int] = []

    async def note(batch: History) -> None:
        seen.append(batch[-1].sequence)

    projector = Projector(pool, AT, [reading], note)
    running = asyncio.ensure_future(projector.run(store, leases))
    await fill(store, 100)
    await eventually(lambda: 100 in seen)
    running.cancel()

    assert [(n + 1, "unread" if n % 3 == 0 else "read") for n in range(100)] == await rows(pool)
    assert 100 == await position(pool)


async def test_a_failing_batch_leaves_no_trace(store: JetStreamEventStore, pool: Pool) -> None:
    """Rows and checkpoint roll back together."""
    batch = await fill(store, 10)
    broken: Projection[Db] = Projection("broken", stream="EMAIL", version=1)

    @broken.on(EmailMarkedRead)
    async def explode(_: Db, __: Sequence[Recorded[EmailMarkedRead]]) -> None:
        raise ConnectionResetError("cut off")

    with pytest.raises(ConnectionResetError):
        await Projector(pool, AT, [reading, broken]).apply(batch, 0)

    assert [] == await rows(pool)
    assert 0 == await position(pool)


async def test_a_second_instance_on_the_same_batch_is_fenced(
    store: JetStreamEventStore, pool: Pool
) -> None:
    """Frozen and late, it can neither repeat rows nor move the checkpoint."""
    batch = await fill(store, 10)
    await Projector(pool, AT, [reading]).apply(batch, 0)
    idle: Projection[Db] = Projection("idle", stream="EMAIL", version=1)

    with pytest.raises(Fenced):
        await Projector(pool, AT, [idle]).apply(batch[:5], 0)

    assert 10 == len(await rows(pool)) == await position(pool)


async def test_two_at_once_on_one_batch_have_one_winner(
    store: JetStreamEventStore, pool: Pool
) -> None:
    """The checkpoint row is the lock."""
    batch = await fill(store, 30)
    idle: Projection[Db] = Projection("idle", stream="EMAIL", version=1)

    outcomes = await asyncio.gather(
        *(Projector(pool, AT, [idle]).apply(batch, 0) for _ in range(4)), return_exceptions=True
    )

    assert 3 == sum(isinstance(outcome, Fenced) for outcome in outcomes)
    assert 30 == await position(pool)
