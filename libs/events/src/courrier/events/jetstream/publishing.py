"""Send to streams over one connection: hundreds at once, and never too many bytes.

Answers come to one inbox of our own. nats-py's ``request`` does the same at twice the cost and
waits with ``asyncio.wait_for``, which in Python 3.11 can lose a cancellation.

What is sent and not acknowledged is kept in memory on both sides, so that it has a limit for the
connection as a whole: appends and blobs take turns, first come first served.
"""

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary, proxy

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

IN_FLIGHT_BYTES = 1024 * 1024
"""Bytes of bodies sent and not acknowledged, over one connection; one longer batch goes alone."""

Line = tuple[str, dict[str, str], bytes]
"""Subject, headers and body."""

_NO_RESPONDERS = "503"


class Room:
    """A number of bytes that those who send share; waiting is in order of arrival."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> int:
        """Wait until there is room; return what to give back."""
        wanted = min(size, self._size)
        if not self._waiting and self._used + wanted <= self._size:
            self._used += wanted
            return wanted
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, mine))
        try:
            await mine
        except asyncio.CancelledError:
            self._forget(wanted, mine)
            raise
        return wanted

    def give_back(self, size: int) -> None:
        """Let the next ones in."""
        self._used -= size
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting:
            wanted, first = self._waiting[0]
            if not first.cancelled():
                if self._used + wanted > self._size:
                    return
                self._used += wanted
                first.set_result(None)
            self._waiting.popleft()

    def _forget(self, wanted: int, mine: "asyncio.Future[None]") -> None:
        if mine.done() and not mine.cancelled():
            self._used -= wanted  # let in and cancelled in the same moment
        self._let_in()


class Publisher:
    """What one connection sends to streams. Get it by ``publisher_of``: there is one for each."""

    def __init__(self, client: Client, room: int = IN_FLIGHT_BYTES) -> None:
        self._client: Client = proxy(client)
        self._room = Room(room)
        self._inbox = client.new_inbox()
        self._numbers = count()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}
        self._listening: asyncio.Task[Subscription] | None = None

    async def send(self, lines: Sequence[Line], timeout_s: float) -> dict[str, Any]:
        """Send one message, or several as an atomic batch (ADR-50), and return the broker's answer.

        Raises:
            TimeoutError, nats.errors.Error: no answer; the messages may or may not be stored.
        """
        size = await self._room.take(sum(len(body) for _, _, body in lines))
        try:
            if len(lines) == 1:
                return await self._ask(lines[0], timeout_s)
            return await self._batch(lines, timeout_s)
        finally:
            self._room.give_back(size)

    async def _batch(self, lines: Sequence[Line], timeout_s: float) -> dict[str, Any]:
        batch = uuid4().hex
        for number, (subject, headers, body) in enumerate(lines[:-1], start=1):
            tagged = headers | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
            await self._client.publish(subject, body, headers=tagged)
        subject, headers, body = lines[-1]
        closing = {
            "Nats-Batch-Id": batch,
            "Nats-Batch-Sequence": str(len(lines)),
            "Nats-Batch-Commit": "1",
        }
        return await self._ask((subject, headers | closing, body), timeout_s)

    async def _ask(self, line: Line, timeout_s: float) -> dict[str, Any]:
        await self._listen()
        loop = asyncio.get_running_loop()
        reply = f"{self._inbox}.{next(self._numbers)}"
        answer: asyncio.Future[Msg] = loop.create_future()
        self._waiting[reply] = answer
        limit = loop.call_later(timeout_s, self._give_up, reply)
        try:
            subject, headers, body = line
            await self._client.publish(subject, body, reply=reply, headers=headers)
            message = await answer
        finally:
            limit.cancel()
            self._waiting.pop(reply, None)
        if message.headers and message.headers.get("Status") == _NO_RESPONDERS:
            raise nats.errors.NoRespondersError
        found: dict[str, Any] = json.loads(message.data)
        return found

    async def _listen(self) -> None:
        """Subscribe once, whoever comes first; a failure is for all who wait, then tried again."""
        if self._listening is None or (self._listening.done() and self._has_failed()):
            listening = self._client.subscribe(f"{self._inbox}.*", cb=self._receive)
            self._listening = asyncio.ensure_future(listening)
        if not self._listening.done():
            await asyncio.shield(self._listening)

    def _has_failed(self) -> bool:
        task = self._listening
        return task is not None and (task.cancelled() or task.exception() is not None)

    async def _receive(self, message: Msg) -> None:
        answer = self._waiting.get(message.subject)
        if answer and not answer.done():
            answer.set_result(message)

    def _give_up(self, reply: str) -> None:
        answer = self._waiting.get(reply)
        if answer and not answer.done():
            answer.set_exception(TimeoutError("no acknowledgement"))


_PUBLISHERS: "WeakKeyDictionary[Client, Publisher]" = WeakKeyDictionary()


def publisher_of(client: Client) -> Publisher:
    """Return the connection's publisher."""
    found = _PUBLISHERS.get(client)
    if found is None:
        found = _PUBLISHERS[client] = Publisher(client)
    return found
