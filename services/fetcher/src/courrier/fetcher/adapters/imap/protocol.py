"""aioimaplib's protocol with its faults repaired: one command at a time, all of it bounded.

Kept of aioimaplib 2.0.3: tags, quoting and the table of commands and states. Replaced: the response
reader (see ``wire``), the writing of commands (see ``arguments``), and with them the waiting: a
lost connection fails the command under way at once, and a command that is cancelled or late closes
the connection, because its answer would be taken for the next one's.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, cast

from aioimaplib.aioimaplib import Commands, IMAP4ClientProtocol

from courrier.fetcher.adapters.imap.answers import Answer, Goodbye, Lost, Refusal, shown
from courrier.fetcher.adapters.imap.arguments import Argument, pieces
from courrier.fetcher.adapters.imap.running import (
    COMMAND_BYTES,
    COMMAND_LONGEST_S,
    COMMAND_TIMEOUT_S,
    DIALOGUE_BYTES,
    SLOWEST_BYTES_S,
    UNASKED_BYTES,
    BadState,
    Running,
)
from courrier.fetcher.adapters.imap.wire import Hostile, Response, ResponseReader

WRITTEN_AT_ONCE = 256 * 1024
"""Bytes between two looks at whether the server still reads."""


class ImapProtocol(IMAP4ClientProtocol):  # type: ignore[misc]  # aioimaplib has no types
    """One connection's conversation. ``greeting`` is the server's first response.

    ``free_literal`` is up to how many bytes a literal is sent without asking.
    """

    transport: asyncio.Transport | None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._reader = ResponseReader()
        self._running: Running | None = None
        self._lost: Exception | None = None
        self._asked: Running | None = None
        self._unasked = 0
        self._has_spoken = False
        self._writable = asyncio.Event()
        self._writable.set()
        self.free_literal = -1
        self.greeting: asyncio.Future[Response] = loop.create_future()
        self.on_untagged: Callable[[Response], None] = lambda _: None

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was said since the last answer: what TLS must begin with."""
        return self._reader.is_between_responses and not self._has_spoken

    @property
    def under_way(self) -> str | None:
        """The name of the command under way."""
        return self._running.name if self._running else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport; after STARTTLS it is another one."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read what has come; a hostile server is left."""
        try:
            self._count(len(data))
            for response in self._reader.feed(data):
                self._handle(response)
        except Hostile as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the command under way, and every later one."""
        self._fail(Lost("the server closed the connection") if error is None else error)

    def pause_writing(self) -> None:
        """Wait before writing more: the server does not read."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on writing."""
        self._writable.set()

    def abort(self) -> None:
        """Close without a word."""
        self._fail(Lost("the connection was closed on our side"))

    async def ask(
        self, name: str, *arguments: Argument, uid: bool = False, budget: int = COMMAND_BYTES
    ) -> Answer:
        """Send a command and return its answer with all untagged responses.

        Raises:
            TimeoutError: silence for ``COMMAND_TIMEOUT_S``.
            Lost, OSError: the connection is gone.
            Hostile: the answer is over ``budget`` bytes.
        """
        try:
            running = await self._begin(name, *arguments, uid=uid, budget=budget)
            return await self._finish(running)
        except BaseException:
            self.abort()
            raise

    async def stream(
        self, name: str, *arguments: str, budget: int
    ) -> AsyncGenerator[Sequence[Response], None]:
        """Send a UID command and yield its untagged responses as they come.

        Raises as ``ask`` does, and ``Refusal`` when the answer is not OK. Leaving early closes
        the connection.
        """
        try:
            running = await self._begin(name, *arguments, uid=True, budget=budget)
            while not running.done.done():
                await self._move(running)
                if running.untagged:
                    arrived, running.untagged = running.untagged, []
                    yield arrived
            answer = running.done.result()
        except BaseException:
            self.abort()
            raise
        if answer.untagged:
            yield answer.untagged
        if answer.status != "OK":
            raise Refusal(answer)

    async def prompt(self, name: str, *arguments: Argument) -> bool:
        """Send a command and return True when the server asks for more, False when it refuses."""
        try:
            await self._begin(name, *arguments, uid=False, budget=DIALOGUE_BYTES)
            return await self.challenge() is not None
        except BaseException:
            self.abort()
            raise

    async def challenge(self) -> bytes | None:
        """Return what follows the server's next ``+``, None when the command is over instead."""
        running = self._asked
        if running is None:
            raise self._lost or BadState("no command is under way")
        while not running.challenges and not running.done.done():
            await self._move(running)
        return None if running.done.done() else running.challenges.popleft()

    def say(self, line: str) -> None:
        """Send a line within a command, after ``prompt``."""
        if self.transport is None or self._lost:
            raise self._lost or BadState("not connected")
        self.transport.write(line.encode() + b"\r\n")

    async def finish(self) -> Answer:
        """Return the answer to the command that ``prompt`` began."""
        running, self._asked = self._asked, None
        if running is None:
            raise self._lost or BadState("no command is under way")
        running.deadline = self.loop.time() + COMMAND_LONGEST_S
        try:
            return await self._finish(running)
        except BaseException:
            self.abort()
            raise

    async def next_untagged(self, within_s: float, wake: asyncio.Event) -> bool:
        """Wait within a command for an untagged response; False at the end of the wait."""
        running = self._running
        if running is None:
            raise self._lost or BadState("no command is under way")
        news = asyncio.ensure_future(self._untagged(running))
        woken = asyncio.ensure_future(wake.wait())
        ends: set[asyncio.Future[Any]] = {news, woken, running.done}
        try:
            await asyncio.wait(ends, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
            return news.done() and news.result()
        except BaseException:
            self.abort()
            raise
        finally:
            news.cancel()
            woken.cancel()

    def forget_untagged(self) -> None:
        """Drop what the command under way has collected, so that IDLE may last for days."""
        if self._running:
            self._running.untagged.clear()
            self._running.responses = 0

    def enter(self, state: str) -> None:
        """Note the protocol state (RFC 9051 section 3) that a command has led to."""
        self.state = state

    async def _untagged(self, running: Running) -> bool:
        while not running.untagged:
            running.moved.clear()
            await running.moved.wait()
        return True

    async def _begin(self, name: str, *arguments: Argument, uid: bool, budget: int) -> Running:
        """Send a command; a literal that the server refuses ends it early."""
        if self._lost:
            raise self._lost
        if self._running or self.state not in Commands[name].valid_states:
            raise BadState(f"{name} in state {self.state}, busy: {self._running is not None}")
        tag = self.new_tag()
        words = (tag, "UID", name, *arguments) if uid else (tag, name, *arguments)
        written = pieces(words, free=self.free_literal)
        bytes_both_ways = budget + sum(map(len, written))
        deadline = self.loop.time() + COMMAND_LONGEST_S + bytes_both_ways / SLOWEST_BYTES_S
        running = Running(tag.encode(), name, self.loop.create_future(), budget, deadline)
        self._running = self._asked = running
        self._unasked, self._has_spoken = 0, False
        for number, piece in enumerate(written):
            if number and await self.challenge() is None:
                break
            await self._write(piece, running.deadline)
        return running

    async def _write(self, data: bytes, deadline: float) -> None:
        for start in range(0, len(data), WRITTEN_AT_ONCE):
            async with asyncio.timeout_at(min(self.loop.time() + COMMAND_TIMEOUT_S, deadline)):
                await self._writable.wait()
            if self.transport is None or self._lost:
                raise self._lost or BadState("not connected")
            self.transport.write(data[start : start + WRITTEN_AT_ONCE])

    async def _finish(self, running: Running) -> Answer:
        while not running.done.done():
            await self._move(running)
        return running.done.result()

    async def _move(self, running: Running) -> None:
        """Wait until something has arrived or the command is done."""
        soon = self.loop.time() + COMMAND_TIMEOUT_S
        async with asyncio.timeout_at(min(soon, running.deadline)):
            await running.moved.wait()
        running.moved.clear()

    def _count(self, size: int) -> None:
        """Bytes of a command are its own; what comes between two has a small limit."""
        if self._running:
            self._running.moved.set()
            self._running.spend(size)
            return
        self._unasked += size
        if self._unasked > UNASKED_BYTES:
            raise Hostile("the server talks without being asked")

    def _handle(self, response: Response) -> None:
        self._has_spoken = self._running is None
        if not self.greeting.done():
            self.greeting.set_result(response)
        elif response.head.startswith(b"* "):
            self._handle_untagged(response)
        elif response.head.startswith(b"+"):
            if self._running:
                self._running.note_challenge(response.head[1:].strip())
        else:
            self._handle_tagged(response)

    def _handle_untagged(self, response: Response) -> None:
        self.on_untagged(response)
        if response.head[:6].upper() == b"* BYE ":
            self._fail(Goodbye(shown(response.head[6:])))
            return
        if self._running:
            self._running.note(response)

    def _handle_tagged(self, response: Response) -> None:
        tag, _, rest = response.head.partition(b" ")
        status, _, text = rest.partition(b" ")
        running = self._running
        if running is None or tag != running.tag:
            raise Hostile("an answer to no command of ours")
        self._running = None
        answer = Answer(status.decode("ascii", "replace").upper(), text, tuple(running.untagged))
        running.untagged = []
        running.done.set_result(answer)

    def _fail(self, error: Exception) -> None:
        """The first error is the cause; what follows is its consequence."""
        self._lost = self._lost or error
        running, self._running = self._running, None
        if running and not running.done.done():
            running.done.set_exception(self._lost)
            running.done.exception()  # seen: a caller that was cancelled never asks
            running.moved.set()
        self._writable.set()
        if not self.greeting.done():
            self.greeting.set_exception(self._lost)
            self.greeting.exception()
        if self.transport is not None:
            self.transport.abort()
