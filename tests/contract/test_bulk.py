"""What bulk appends promise over every event store."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from courrier.events import subjects
from courrier.events.bulk import append_each
from courrier.events.envelope import NewEvent
from courrier.events.families.email import EmailImported, EmailMarkedRead
from courrier.events.memory import MemoryEventStore
from courrier.events.store import BATCH_BYTES, Appended, BatchTooLarge, EventStore, StoreUnavailable
from support.builders import example, new_event


@pytest.fixture(params=["memory", pytest.param("jetstream", marks=pytest.mark.integration)])
def log(request: pytest.FixtureRequest) -> EventStore:
    """Each adapter in turn."""
    if request.param == "memory":
        return MemoryEventStore()
    store: EventStore = request.getfixturevalue("store")
    return store


class Counting:
    """A store that counts appends, and loses the acknowledgement of one of them."""

    def __init__(self, inner: EventStore, lost: int = -1) -> None:
        self._inner = inner
        self._lost = lost
        self.appends = 0
        self.load, self.ids, self.last = inner.load, inner.ids, inner.last
        self.end, self.follow = inner.end, inner.follow

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Append, and maybe say nothing."""
        self.appends += 1
        appended = await self._inner.append(events)
        if self.appends - 1 == self._lost:
            raise StoreUnavailable("lost on the way back")
        return appended


def claims(*names: str) -> list[list[NewEvent]]:
    """Claim an e-mail each; another writer's claim of the same has another id."""
    return [[_read(name)] for name in names]


def _read(name: str, version: int = 1, expected: int | None = 0) -> NewEvent:
    event = EmailMarkedRead(email_id=name, person_id="ada")
    return new_event(event, id=uuid4(), version=version, expected=expected)


def names(count: int, start: int = 0) -> list[str]:
    """Return names of e-mails."""
    return [f"e{number}" for number in range(start, start + count)]


async def test_many_claims_take_few_batches(log: EventStore) -> None:
    """A thousand to a batch."""
    store = Counting(log)

    assert await append_each(store, claims(*names(2500))) == []

    assert (3, 2500) == (store.appends, await log.end("EMAIL"))


async def test_a_refused_batch_is_filtered_and_repeated(log: EventStore) -> None:
    """What somebody else has claimed is declined by itself, the rest of its batch is stored."""
    await log.append([new for each in claims("e3", "e7", "e999") for new in each])
    store, mine = Counting(log), claims(*names(1000))

    refused = await append_each(store, mine)

    assert [mine[3], mine[7], mine[999]] == refused
    assert (2, 1000) == (store.appends, await log.end("EMAIL"))


async def test_a_lost_acknowledgement_stores_nothing_twice(log: EventStore) -> None:
    """The second of three batches is stored and not acknowledged; all of it is asked for again."""
    mine = claims(*names(2500))
    with pytest.raises(StoreUnavailable):
        await append_each(Counting(log, lost=1), mine)

    assert await append_each(log, mine) == []

    assert await log.end("EMAIL") == 2500


async def test_what_is_stored_in_part_is_completed(log: EventStore) -> None:
    """Half of the batch was stored by an earlier try, cut otherwise; one is somebody else's."""
    mine = claims(*names(10))
    await append_each(log, mine[::2])
    await append_each(log, claims("e3"))

    assert await append_each(log, mine) == [mine[3]]

    assert await log.end("EMAIL") == 10


async def test_a_decision_is_stored_whole_or_not_at_all(log: EventStore) -> None:
    """Its events stay together when its batch is filtered."""
    both = [_read("a1"), _read("a2"), _read("a1", 2, None)]
    half_taken = [_read("b1"), _read("taken")]
    await append_each(log, claims("taken"))

    assert await append_each(log, [both, half_taken]) == [half_taken]

    assert [1, 2] == [each.version for each in await log.load(subjects.email("a1"))]
    assert [] == await log.load(subjects.email("b1"))


async def test_of_two_decisions_on_one_aggregate_the_second_is_declined(log: EventStore) -> None:
    """It was decided without the first."""
    mine = claims("e1", "e2", "e1")

    assert await append_each(log, mine) == [mine[2]]

    assert await log.end("EMAIL") == 2


@pytest.mark.integration
async def test_batches_are_bounded_in_bytes(store: EventStore) -> None:
    """Large events, fewer to a batch; one decision that never fits is a bug of its maker."""
    size = 200_000
    large = [
        [
            new_event(
                example(EmailImported, email_id=name, snippet="x" * size), expected=0, id=uuid4()
            )
        ]
        for name in names(50)
    ]

    assert await append_each(store, large) == []
    with pytest.raises(BatchTooLarge):
        await append_each(store, [[new for each in large for new in each]])

    assert 50 * size > 2 * BATCH_BYTES
    assert await store.end("EMAIL") == 50


async def test_two_who_claim_the_same_share_it_out(log: EventStore) -> None:
    """Each claim has one winner, who is told so, and one loser, who is told too."""
    one, two = claims(*names(700)), claims(*names(700, 200))

    lost = await asyncio.gather(append_each(log, one), append_each(log, two))

    assert len(lost[0]) + len(lost[1]) == 500
    assert await log.end("EMAIL") == 900
