"""What cannot be decoded breaks no reader and no decision is taken on it, in every store."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import uuid4

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.envelope import (
    NO_TIME,
    BadEnvelope,
    Context,
    NewEvent,
    Recorded,
    Unreadable,
    UnreadableHistory,
    encode,
)
from courrier.events.families.email import EmailMarkedRead
from courrier.events.memory import MemoryEventStore
from courrier.events.store import EventStore, History, Place

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CONTEXT = Context("/courrier/linker", "user:ada", NOON)
WITHIN_S = 10
SUBJECT = subjects.email("aa")
NEWER = "courrier.email.EmailFolded.v9"


@dataclass(frozen=True)
class Log:
    """A store, and a way past its checks."""

    store: EventStore
    put: Callable[[str, Mapping[str, str], bytes], Awaitable[object]]


@pytest.fixture(params=["memory", pytest.param("jetstream", marks=pytest.mark.integration)])
def log(request: pytest.FixtureRequest) -> Log:
    """Each adapter in turn."""
    if request.param == "memory":
        memory = MemoryEventStore()
        return Log(memory, memory.put)
    client: Client = request.getfixturevalue("client")

    async def put(subject: str, headers: Mapping[str, str], body: bytes) -> None:
        await client.request(subject, body, headers=dict(headers) or None)

    return Log(request.getfixturevalue("store"), put)


def read(version: int = 1, expected: int = 0, email_id: str = "aa") -> NewEvent:
    """'Ada has read this e-mail', about to be appended."""
    event = EmailMarkedRead(email_id=email_id, person_id="ada")
    return NewEvent(subjects.email(email_id), event, uuid4(), version, CONTEXT, expected)


def headers_of(new: NewEvent, **changed: str) -> dict[str, str]:
    """Its headers, some of them changed (``type`` for ``ce-type``)."""
    return encode(new)[0] | {f"ce-{name}": value for name, value in changed.items()}


async def first(log: Log, count: int, place: Place | None = None) -> History:
    """The first events of ``EMAIL``."""
    found: History = []
    async with asyncio.timeout(WITHIN_S), aclosing(log.store.follow("EMAIL", place=place)) as all_:
        async for batch in all_:
            found += batch
            if len(found) >= count:
                return found
    return found


async def following(batches: AsyncGenerator[History, None]) -> History:
    """The next batch."""
    return await anext(batches)


async def stopped(task: "asyncio.Task[History]") -> None:
    """End a read that waits."""
    task.cancel()
    await asyncio.wait({task})


def unread(recorded: Recorded[Event]) -> Unreadable:
    """What stands for the event."""
    assert isinstance(recorded.event, Unreadable)
    return recorded.event


async def test_an_unknown_type_breaks_no_reader(log: Log) -> None:
    """An event of a newer Courrier is named; before and behind it everything is read."""
    await log.store.append([read()])
    await log.put(SUBJECT, headers_of(read(2), type=NEWER), b'{"folder": "hush"}')
    await log.put(SUBJECT, *encode(read(3)))

    followed = await first(log, 3)
    loaded = await log.store.load(SUBJECT)

    assert followed == loaded
    assert [1, 2, 3] == [recorded.version for recorded in followed]
    assert [EmailMarkedRead, Unreadable, EmailMarkedRead] == [type(r.event) for r in followed]
    event = unread(followed[1])
    digest = sha256(b'{"folder": "hush"}').hexdigest()
    assert (NEWER, "unknown-type", digest) == (event.type, event.reason, event.digest)
    assert NEWER == followed[1].type


async def test_damage_is_told_without_content(log: Log) -> None:
    """Neither bytes of the body nor values in it leave the envelope."""
    await log.put(SUBJECT, headers_of(read()), b'{"email_id": {"hush": 1}}')
    await log.put(SUBJECT, headers_of(read(2)), b"\xff\x00 hush")

    last = (await log.store.last([SUBJECT]))[SUBJECT]
    history = await log.store.load(SUBJECT)

    assert last == history[1]
    assert ["damaged", "damaged"] == [unread(recorded).reason for recorded in history]
    assert "hush" not in repr(history)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"not JSON", b"[]", b""])
async def test_no_body_of_an_unknown_type_breaks_a_reader(log: Log, body: bytes) -> None:
    """What nobody here can know the meaning of is not trusted to be small or well formed."""
    await log.put(SUBJECT, headers_of(read(), type=NEWER), body)

    [recorded] = await log.store.load(SUBJECT)

    assert NEWER == unread(recorded).type


async def test_a_message_without_any_envelope_has_a_place_and_an_id(log: Log) -> None:
    """Whoever publishes past the library stops nobody; the same message is always the same."""
    await log.put(SUBJECT, {}, b"hello")

    [once], [again] = await log.store.load(SUBJECT), await first(log, 1)

    assert once == again
    assert ("unknown", 0, NO_TIME, 1) == (once.type, once.version, once.time, once.sequence)
    assert 36 == len(once.id)


@pytest.mark.parametrize(
    "wrong", [{"time": "yesterday"}, {"aggregateversion": "-"}, {"id": "a b"}, {"time": "9" * 30}]
)
async def test_a_wrong_header_breaks_no_reader(log: Log, wrong: dict[str, str]) -> None:
    """A header that means nothing is replaced by one that says so."""
    new = read()
    await log.put(SUBJECT, headers_of(new, type=NEWER, **wrong), b"{}")

    [recorded] = await log.store.load(SUBJECT)

    assert NEWER == unread(recorded).type
    assert recorded.time in (NOON, NO_TIME)


async def test_nothing_is_decided_on_what_cannot_be_read(log: Log) -> None:
    """A state that misses an event is no state; neither can the stand-in be appended."""
    await log.put(SUBJECT, headers_of(read(), type=NEWER), b"{}")
    [recorded] = await log.store.load(SUBJECT)
    counting: Decider[int, None, Event] = Decider(0, lambda _, __: [], lambda state, _: state + 1)

    with pytest.raises(UnreadableHistory, match="EmailFolded"):
        counting.fold(each.event for each in [recorded])
    with pytest.raises(BadEnvelope):
        await log.store.append(
            [NewEvent(SUBJECT, recorded.event, uuid4(), 2, CONTEXT, recorded.sequence)]
        )


async def test_a_follower_knows_what_still_waits(log: Log) -> None:
    """The events in the reader's hand count until it asks for more."""
    place = Place()
    for number in range(3):
        await log.store.append([read(email_id=f"e{number}")])

    async with aclosing(log.store.follow("EMAIL", place=place)) as batches:
        batch = await anext(batches)
        waiting = place.pending
        later = asyncio.create_task(following(batches))
        await asyncio.sleep(0)
        dealt_with = (place.pending, place.reached)
        await stopped(later)

    assert (3, 3) == (len(batch), waiting)
    assert (0, 3) == dealt_with


async def test_a_follower_of_some_subjects_knows_how_far_the_stream_is(log: Log) -> None:
    """What is not for it moves its place, so that a group without news does not lag for ever."""
    place = Place()
    await log.store.append([read()])
    other = read(email_id="zz")

    async with aclosing(log.store.follow("EMAIL", filters=[SUBJECT], place=place)) as batches:
        await anext(batches)
        later = asyncio.create_task(following(batches))
        await log.store.append([other])
        async with asyncio.timeout(WITHIN_S):
            while place.reached < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await stopped(later)

    assert 0 == place.pending
