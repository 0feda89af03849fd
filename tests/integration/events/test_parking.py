"""A bad event stops nobody: it is parked with its reason, and replayed after a fix (I6)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest
from nats.aio.client import Client

from courrier.events import envelope, subjects
from courrier.events.base import Event
from courrier.events.catalogue import EVENTS, Catalogue
from courrier.events.envelope import Recorded, encode
from courrier.events.families.dead import EventParked, EventReplayed
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Db, Pool, open_pool
from courrier.events.postgres.projector import Projector
from courrier.events.projection import Projection
from courrier.events.store import EventStore, StoreUnavailable
from support.builders import new_event
from support.notes import CONSUMER, SET_UP, TABLE, at, digest, first, notes, put, states
from support.waiting import eventually

pytestmark = pytest.mark.integration

POISON = frozenset({"bad"})
MARKS = [
    ("e1", "ada"),
    ("e2", "ada"),
    ("e1", "bad"),
    ("e3", "ada"),
    ("e1", "bob"),
    ("e2", "bob"),
    ("e1", "cyd"),
]
"""The third breaks; the fifth and the seventh follow from it."""


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
    projector: Projector, store: EventStore, leases: JetStreamLeases
) -> AsyncIterator[None]:
    """The projector at work while the body runs."""
    task = asyncio.create_task(projector.run(store, leases))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def never_failed(store: EventStore, pool: Pool) -> str:
    """The digest of the rows as they are where nothing fails."""
    await pool.execute("TRUNCATE gateway.notes, gateway.checkpoints, gateway.parked")
    await Projector(pool, at(), [notes()]).apply(await first(store), 0)
    return await digest(pool)


async def told(store: EventStore) -> list[Event]:
    """What DEAD says."""
    return [recorded.event for recorded in await first(store, "DEAD")]


async def test_others_go_on_and_what_follows_waits(
    store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """Replayed after the fix, the rows are as if it had never failed."""
    await put(store, *MARKS)
    async with running(Projector(pool, at(), [notes(POISON)]), store, leases):
        await eventually(lambda: _holds(store, 1))
        await put(store, ("e4", "ada"), ("e1", "dan"))
        await eventually(lambda: _parked(pool, 4))
    parked = await states(pool)
    applied = await pool.fetch("SELECT email_id, people FROM gateway.notes ORDER BY 1")

    standing = await Projector(pool, at(), [notes()]).replay(store, subjects.email("e1"))
    after = await digest(pool)

    assert [(3, "parked"), (5, "waiting"), (7, "waiting"), (9, "waiting")] == parked
    assert [("e1", "ada"), ("e2", "ada,bob"), ("e3", "ada"), ("e4", "ada")] == [
        tuple(row) for row in applied
    ]
    assert [] == standing
    assert await never_failed(store, pool) == after


async def test_what_still_fails_stays_with_its_reason(
    store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """A replay that meets another fault parks that one, and says so without content."""
    await put(store, *MARKS)
    await Projector(pool, at(), [notes(POISON)]).apply(await first(store), 0)

    projector = Projector(pool, at(), [notes(frozenset({"bob"}))])
    [standing] = await projector.replay(store, subjects.email("e1"))
    waiting = await states(pool)
    async with running(projector, store, leases):
        await eventually(lambda: _holds(store, 1))
        await projector.replay(store, subjects.email("e1"))
    facts = await told(store)

    assert 5 == standing.sequence
    assert [(3, "replayed"), (5, "parked"), (7, "waiting")] == waiting
    [fact] = facts
    assert isinstance(fact, EventParked)
    assert (CONSUMER, 5, "failed") == (fact.consumer, fact.sequence, fact.reason)
    assert fact.text.startswith("Poison at notes.py:")


async def test_a_crash_before_the_announcement_is_made_good(
    store: JetStreamEventStore, leases: JetStreamLeases, pool: Pool
) -> None:
    """Rows, parked rows and checkpoint are one commit; DEAD learns of it later, and once."""
    await put(store, *MARKS)
    await Projector(pool, at(), [notes(POISON)]).apply(await first(store), 0)
    before = await store.end("DEAD")

    for _ in range(2):
        async with running(Projector(pool, at(), [notes(POISON)]), store, leases):
            await eventually(lambda: _announced(pool))
        await pool.execute("UPDATE gateway.parked SET announced = false")
    await Projector(pool, at(), [notes()]).replay(store, subjects.email("e1"))
    async with running(Projector(pool, at(), [notes()]), store, leases):
        await eventually(lambda: _parked(pool, 0))

    assert 0 == before
    assert [EventParked, EventReplayed] == [type(fact) for fact in await told(store)]


async def test_a_dependency_that_is_down_parks_nothing(
    store: JetStreamEventStore, pool: Pool
) -> None:
    """What passes is waited for, never blamed on an event."""
    await put(store, *MARKS)
    down: Projection[Db] = Projection("down", stream="EMAIL", version=1)

    async def fail(_: Db, __: Sequence[Recorded[Event]]) -> None:
        raise StoreUnavailable("the vault does not answer")

    for kind in EVENTS:
        down.on(kind)(fail)
    with pytest.raises(StoreUnavailable):
        await Projector(pool, at(), [down]).apply(await first(store), 0)

    async with pool.acquire() as db:
        position = await at().read(db)
    assert ([], 0) == (await states(pool), position)


async def test_a_missing_table_parks_nothing(store: JetStreamEventStore, pool: Pool) -> None:
    """Where every event would fail, none is to blame: the consumer stops instead."""
    await put(store, *MARKS)
    await pool.execute("DROP TABLE gateway.notes")

    with pytest.raises(Exception, match="does not exist"):
        await Projector(pool, at(), [notes()]).apply(await first(store), 0)

    assert [] == await states(pool)


class EmailFolded(Event):
    """What only a newer version knows."""

    TYPE: ClassVar[str] = "courrier.email.EmailFolded.v9"

    email_id: str


async def test_an_unknown_type_waits_for_the_version_that_knows_it(
    client: Client, store: JetStreamEventStore, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is parked unread, later events of its e-mail behind it, and replayed once it is known."""
    await put(store, ("e1", "ada"), ("e2", "ada"))
    headers, body = encode(new_event(EmailFolded(email_id="e1")))
    await client.request(subjects.email("e1"), body, headers=headers)
    await put(store, ("e1", "bob"), ("e2", "bob"))
    await Projector(pool, at(), [notes()]).apply(await first(store), 0)
    parked = await states(pool)
    early = await Projector(pool, at(), [notes()]).replay(store, subjects.email("e1"))

    knows_it = Catalogue((*EVENTS, EmailFolded), ())
    monkeypatch.setattr(envelope, "CATALOGUE", knows_it)
    late = await Projector(pool, at(), [notes()]).replay(store, subjects.email("e1"))
    after = await digest(pool)

    assert [(3, "parked"), (4, "waiting")] == parked
    assert ["unknown-type"] == [each.failure.reason for each in early if each.failure]
    assert [] == late
    assert await never_failed(store, pool) == after


async def _holds(store: EventStore, count: int) -> bool:
    return await store.end("DEAD") >= count


async def _parked(pool: Pool, count: int) -> bool:
    return count == len(await states(pool))


async def _announced(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT bool_or(announced) FROM gateway.parked"))
