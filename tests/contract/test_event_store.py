"""What every event store promises, in memory and over JetStream alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.envelope import Context, EventTooLarge, NewEvent
from courrier.events.families.email import EmailMarkedRead
from courrier.events.memory import MemoryEventStore
from courrier.events.store import BATCH_EVENTS, BatchTooLarge, Conflict, EventStore, History

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CONTEXT = Context("/courrier/linker", "user:ada", NOON, correlation_id="c1", causation_id="c0")
WITHIN_S = 10


@pytest.fixture(params=["memory", pytest.param("jetstream", marks=pytest.mark.integration)])
def any_store(request: pytest.FixtureRequest) -> EventStore:
    """Each adapter in turn."""
    if request.param == "memory":
        return MemoryEventStore()
    store: EventStore = request.getfixturevalue("store")
    return store


def read(
    email_id: str, version: int = 1, *, expected: int | None = 0, person: str = "ada"
) -> NewEvent:
    """'Ada has read this e-mail', about to be appended."""
    return NewEvent(
        subjects.email(email_id),
        EmailMarkedRead(email_id=email_id, person_id=person),
        uuid4(),
        version,
        CONTEXT,
        expected,
    )


async def collect(store: EventStore, count: int, after: int = 0, *filters: str) -> History:
    """The first ``count`` events over ``after``."""
    found: History = []
    async with (
        asyncio.timeout(WITHIN_S),
        aclosing(store.follow("EMAIL", after=after, filters=filters)) as batches,
    ):
        async for batch in batches:
            found += batch
            if len(found) >= count:
                return found
    return found


async def test_what_was_appended_is_read_back_whole(any_store: EventStore) -> None:
    """Event, envelope and place survive the way through the store."""
    new = read("aa")
    appended = await any_store.append([new])

    [recorded] = await any_store.load(new.subject)

    assert new.event == recorded.event
    assert (str(new.id), 1, "user:ada", "c1", "c0") == (
        recorded.id,
        recorded.version,
        recorded.actor,
        recorded.correlation_id,
        recorded.causation_id,
    )
    assert (NOON, appended.sequence, "EMAIL") == (recorded.time, recorded.sequence, recorded.stream)


async def test_a_second_claim_of_an_aggregate_is_a_conflict(any_store: EventStore) -> None:
    """Expecting 'there is none' is the claim; the loser is told."""
    await any_store.append([read("aa")])

    with pytest.raises(Conflict):
        await any_store.append([read("aa")])


async def test_an_append_names_the_last_sequence_it_saw(any_store: EventStore) -> None:
    """No lost update: a stale writer is refused, a fresh one is not (I2)."""
    first = await any_store.append([read("aa")])
    second = await any_store.append([read("aa", 2, expected=first.sequence)])

    with pytest.raises(Conflict):
        await any_store.append([read("aa", 3, expected=first.sequence)])

    assert second.sequence == (await any_store.load(subjects.email("aa")))[-1].sequence


async def test_a_batch_lands_whole_or_not_at_all(any_store: EventStore) -> None:
    """One wrong expectation refuses every event of the batch."""
    await any_store.append([read("bb")])

    with pytest.raises(Conflict):
        await any_store.append([read("aa"), read("bb"), read("cc")])

    assert [] == await any_store.load(subjects.email("aa"))
    assert 1 == await any_store.end("EMAIL")


async def test_several_events_of_one_aggregate_share_a_batch(any_store: EventStore) -> None:
    """Only the first names the expected sequence; the order is the batch's."""
    lines = [read("aa"), read("bb"), read("aa", 2, expected=None, person="bob")]
    await any_store.append(lines)

    history = await any_store.load(subjects.email("aa"))

    assert [lines[0].event, lines[2].event] == [recorded.event for recorded in history]


async def test_a_batch_of_which_a_part_is_stored_is_no_repeat(any_store: EventStore) -> None:
    """Two instances give the same cause the same event id; the one with more of them must know."""
    both = [read("e1"), read("e2")]
    await any_store.append(both[:1])

    with pytest.raises(Conflict):
        await any_store.append(both)

    assert await any_store.load(subjects.email("e2")) == []


async def test_repeating_an_append_changes_nothing(any_store: EventStore) -> None:
    """A writer that never saw the acknowledgement may send the same events again (I3)."""
    batch = [read("aa"), read("bb")]
    first = await any_store.append(batch)

    again = await any_store.append(batch)

    assert again.repeated
    assert 2 == await any_store.end("EMAIL") == first.sequence


async def test_the_last_event_of_many_aggregates_comes_in_one_call(any_store: EventStore) -> None:
    """Those that have none are left out."""
    first = await any_store.append([read("aa")])
    await any_store.append([read("aa", 2, expected=first.sequence), read("bb")])
    asked = [subjects.email(email_id) for email_id in ("aa", "bb", "cc")]

    last = await any_store.last(asked)

    assert {asked[0]: 2, asked[1]: 1} == {subject: r.version for subject, r in last.items()}


async def test_a_follower_sees_everything_once_and_in_order(any_store: EventStore) -> None:
    """From any position, across many batches."""
    for n in range(6):
        await any_store.append([read(f"e{n}-{m}") for m in range(300)])

    seen = await collect(any_store, 1700, 100)

    assert list(range(101, 1801)) == [recorded.sequence for recorded in seen]


async def test_a_follower_waits_for_what_comes(any_store: EventStore) -> None:
    """The end of the log is no end."""
    async with asyncio.timeout(WITHIN_S), aclosing(any_store.follow("EMAIL")) as batches:
        waiting: asyncio.Task[History] = asyncio.ensure_future(_next(batches))
        await any_store.append([read("aa")])

        assert 1 == len(await waiting)


async def _next(batches: AsyncIterator[History]) -> History:
    return await anext(batches)


async def test_a_follower_may_ask_for_some_partitions_only(any_store: EventStore) -> None:
    """Filters are subjects with wildcards."""
    wanted = subjects.partition("aa")
    await any_store.append([read(name) for name in ("aa", "bb", "cc", "dd")])

    seen = await collect(any_store, 1, 0, f"email.{wanted}.>")

    assert {wanted} == {recorded.subject.split(".")[1] for recorded in seen}
    assert any(_is_read(recorded.event, "aa") for recorded in seen)


def _is_read(event: object, email_id: str) -> bool:
    return isinstance(event, EmailMarkedRead) and event.email_id == email_id


async def test_batches_are_bounded(any_store: EventStore) -> None:
    """A decision larger than the broker's limit is refused before anything is sent."""
    with pytest.raises(BatchTooLarge):
        await any_store.append([read(f"e{n}") for n in range(BATCH_EVENTS + 1)])

    assert 0 == await any_store.end("EMAIL")


async def test_events_are_bounded(any_store: EventStore) -> None:
    """An event over 256 KiB is refused before anything is sent."""
    with pytest.raises(EventTooLarge):
        await any_store.append([read("aa", person="x" * 300_000)])


async def test_racing_claims_have_one_winner(any_store: EventStore) -> None:
    """Twenty writers, one aggregate: one event."""
    outcomes = await asyncio.gather(
        *(any_store.append([read("aa")]) for _ in range(20)), return_exceptions=True
    )

    assert 19 == sum(isinstance(outcome, Conflict) for outcome in outcomes)
    assert 1 == len(await any_store.load(subjects.email("aa")))


def test_the_same_cause_has_the_same_id() -> None:
    """Derived ids are UUIDv5 and never change between versions (I3)."""
    assert UUID("d4c65b1c-7f52-5c6b-8c9b-0d2c7d0e6c55").version == derived_id("a", "b").version
    assert derived_id("a", "b") == derived_id("a", "b") != derived_id("ab")


async def test_the_ids_of_an_aggregate_are_listed(any_store: EventStore) -> None:
    """All of its events and no others: what a reader compares with the world."""
    mine = [read("e1"), read("e1", 2, expected=None), read("e1", 3, expected=None)]
    await any_store.append(mine)
    await any_store.append([read("e2")])

    assert {str(new.id) for new in mine} == await any_store.ids(subjects.email("e1"))
    assert set() == await any_store.ids(subjects.email("e3"))
