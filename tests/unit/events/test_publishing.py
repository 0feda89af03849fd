"""Bytes under way over one connection have a limit, and everybody gets a turn."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import nats.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg

from courrier.events.jetstream.publishing import Line, Publisher, Room

ROOM = 1000
TURNS = 20

Receive = Callable[[Msg], Awaitable[None]]


@dataclass
class QuietBroker:
    """A connection whose other end answers when the test says so."""

    sent: list[tuple[str, int]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    receive: Receive | None = None

    def new_inbox(self) -> str:
        """As nats-py has it."""
        return "_INBOX.x"

    async def subscribe(self, _: str, cb: Receive) -> None:
        """Note where answers go."""
        self.receive = cb

    async def publish(
        self, _: str, body: bytes, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        """Take a message; the last one of a batch wants an answer."""
        self.under_way += len(body)
        self.most_under_way = max(self.most_under_way, self.under_way)
        if reply:
            self.sent.append((reply, self.under_way))

    async def answer(self, number: int, data: bytes = b'{"seq": 1}', **headers: str) -> None:
        """Acknowledge the ``number``-th request."""
        assert self.receive
        reply, _ = self.sent[number]
        await self.receive(
            Msg(_client=cast("Any", None), subject=reply, data=data, headers=headers)
        )

    async def answer_all(self, sizes: list[int]) -> None:
        """Acknowledge everything, one after the other, as it comes."""
        for number, size in enumerate(sizes):
            while len(self.sent) <= number:  # noqa: ASYNC110 - nobody else can tell
                await asyncio.sleep(0)
            self.under_way -= size
            await self.answer(number)


def publisher(broker: QuietBroker) -> Publisher:
    """Return a publisher with little room."""
    return Publisher(cast("Client", broker), ROOM)


def lines(*sizes: int) -> list[Line]:
    """Return messages of these sizes."""
    return [("email.00.x", {}, b"x" * size) for size in sizes]


async def turns() -> None:
    """Let everybody do what can be done now."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


@given(st.lists(st.integers(1, ROOM), min_size=1, max_size=60))
def test_never_more_bytes_than_there_is_room(sizes: list[int]) -> None:
    """However many send at once; and all of them are served."""

    async def run() -> QuietBroker:
        broker = QuietBroker()
        sender = publisher(broker)
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            for size in sizes:
                tasks.create_task(sender.send(lines(size), 5.0))
            await broker.answer_all(sizes)
        return broker

    broker = asyncio.run(run())

    assert broker.most_under_way <= ROOM
    assert len(broker.sent) == len(sizes)


async def test_what_is_larger_than_the_room_goes_alone() -> None:
    """A batch of many bytes waits for all before it, and those after it wait for the batch."""
    broker = QuietBroker()
    sender = publisher(broker)
    tasks = [
        asyncio.ensure_future(sender.send(each, 5.0))
        for each in (lines(100), lines(900, 900, 900), lines(100))
    ]
    seen = []
    for number in range(3):
        await turns()
        seen.append(len(broker.sent))
        await broker.answer(number)
    await asyncio.gather(*tasks)

    assert seen == [1, 2, 3]


async def test_whoever_gives_up_leaves_the_room_to_others() -> None:
    """Cancelled while waiting or while under way: its bytes are not counted any more."""
    broker = QuietBroker()
    sender = publisher(broker)
    first, second, third = (
        asyncio.ensure_future(sender.send(lines(size), 5.0)) for size in (ROOM, 10, ROOM)
    )
    await turns()
    second.cancel()
    first.cancel()
    await turns()
    await broker.answer(1)

    assert await third == {"seq": 1}


async def test_a_turn_given_to_somebody_just_cancelled_is_passed_on() -> None:
    """Let in and cancelled in the same moment."""
    room = Room(10)
    await room.take(10)
    unlucky = asyncio.ensure_future(room.take(10))
    next_one = asyncio.ensure_future(room.take(5))
    await turns()
    room.give_back(10)
    unlucky.cancel()

    assert await asyncio.wait_for(next_one, 1.0) == 5


async def test_somebody_who_left_the_queue_holds_up_nobody() -> None:
    """Those behind a large one that was cancelled go as soon as they fit."""
    room = Room(10)
    await room.take(6)
    large = asyncio.ensure_future(room.take(10))
    small = asyncio.ensure_future(room.take(4))
    await turns()
    large.cancel()

    assert await asyncio.wait_for(small, 1.0) == 4


async def test_silence_ends_after_the_time_limit() -> None:
    """Nobody waits for ever, and a late answer disturbs nobody."""
    broker = QuietBroker()
    sender = publisher(broker)
    with pytest.raises(TimeoutError):
        await sender.send(lines(10), 0.01)
    await broker.answer(0)

    second = asyncio.ensure_future(sender.send(lines(ROOM), 5.0))
    await turns()
    await broker.answer(1)

    assert await second == {"seq": 1}


async def test_nobody_there_is_told_at_once() -> None:
    """The server says so by a status."""
    broker = QuietBroker()
    sending = asyncio.ensure_future(publisher(broker).send(lines(10), 5.0))
    await turns()
    await broker.answer(0, b"", Status="503")

    with pytest.raises(nats.errors.NoRespondersError):
        await sending
