"""aioimaplib's protocol with its faults repaired: one command at a time, all of it bounded.

Kept of aioimaplib 2.0.3: commands and their checks (no NUL, CR or LF on a line), tags, quoting and
the table of states. Replaced: the response reader (see ``wire``), and with it the waiting: a lost
connection fails the command under way at once, and a command that is cancelled or late closes the
connection, because its answer would be taken for the next one's.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from aioimaplib.aioimaplib import (
    Command,
    Commands,
    IMAP4ClientProtocol,
)

from courrier.fetcher.adapters.imap.answers import Answer, Lost, Refusal, shown
from courrier.fetcher.adapters.imap.wire import Hostile, Response, ResponseReader

COMMAND_TIMEOUT_S = 60.0
"""Seconds without any byte of an answer."""
COMMAND_LONGEST_S = 600.0
"""Seconds from a command to the end of its answer, and more for large ones: no drip-feeding."""
SLOWEST_BYTES_S = 20_000
COMMAND_BYTES = 64 * 1024 * 1024
"""Bytes that the answer to a command may have, unless the caller expects more."""
UNASKED_BYTES = 64 * 1024
"""Bytes that a server may say between commands before nobody listens any more."""


class BadState(RuntimeError):
    """A command in a state that does not allow it: a bug of ours."""


@dataclass(slots=True)
class _Running:
    """The command under way."""

    tag: bytes
    done: asyncio.Future[Answer]
    budget: int
    deadline: float
    untagged: list[Response] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    continued: bool = False


class ImapProtocol(IMAP4ClientProtocol):  # type: ignore[misc]  # aioimaplib has no types
    """One connection's conversation. ``greeting`` is the server's first response."""

    transport: asyncio.Transport | None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._reader = ResponseReader()
        self._running: _Running | None = None
        self._lost: Exception | None = None
        self._unasked = 0
        self.greeting: asyncio.Future[Response] = loop.create_future()
        self.on_untagged: Callable[[Response], None] = lambda _: None

    @property
    def is_quiet(self) -> bool:
        """Whether no byte waits to be understood: what TLS must begin with."""
        return self._reader.is_between_responses

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport; after STARTTLS it is another one."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read what has come; a hostile server is left."""
        if self._running:
            self._running.moved.set()
        try:
            for response in self._reader.feed(data):
                self._handle(response)
        except Hostile as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the command under way, and every later one."""
        self._fail(Lost("the server closed the connection") if error is None else error)

    def abort(self) -> None:
        """Close without a word."""
        self._fail(Lost("the connection was closed on our side"))

    async def ask(
        self, name: str, *arguments: str, uid: bool = False, budget: int = COMMAND_BYTES
    ) -> Answer:
        """Send a command and return its answer with all untagged responses.

        Raises:
            TimeoutError: silence for ``COMMAND_TIMEOUT_S``.
            Lost, OSError: the connection is gone.
            Hostile: the answer is over ``budget`` bytes.
        """
        running = self._begin(name, *arguments, uid=uid, budget=budget)
        try:
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
        running = self._begin(name, *arguments, uid=True, budget=budget)
        try:
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

    async def prompt(self, name: str, *arguments: str) -> bool:
        """Send a command and return True when the server asks for more, False when it refuses."""
        running = self._begin(name, *arguments, uid=False, budget=COMMAND_BYTES)
        try:
            while not running.continued and not running.done.done():
                await self._move(running)
        except BaseException:
            self.abort()
            raise
        return running.continued and not running.done.done()

    def say(self, line: str) -> None:
        """Send a line within a command, after ``prompt``."""
        if self.transport is None:
            raise self._lost or BadState("not connected")
        self.transport.write(line.encode() + b"\r\n")

    async def finish(self) -> Answer:
        """Return the answer to the command that ``prompt`` began."""
        if self._running is None:
            raise self._lost or BadState("no command is under way")
        self._running.deadline = self.loop.time() + COMMAND_LONGEST_S
        try:
            return await self._finish(self._running)
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
            self._running.budget = COMMAND_BYTES

    def enter(self, state: str) -> None:
        """Note the protocol state (RFC 9051 section 3) that a command has led to."""
        self.state = state

    async def _untagged(self, running: _Running) -> bool:
        while not running.untagged:
            running.moved.clear()
            await running.moved.wait()
        return True

    def _begin(self, name: str, *arguments: str, uid: bool, budget: int) -> _Running:
        if self._lost:
            raise self._lost
        if self._running or self.state not in Commands[name].valid_states:
            raise BadState(f"{name} in state {self.state}, busy: {self._running is not None}")
        tag = self.new_tag()
        line = Command(name, tag, *arguments, prefix="UID" if uid else None, loop=self.loop)
        deadline = self.loop.time() + COMMAND_LONGEST_S + budget / SLOWEST_BYTES_S
        self._running = _Running(tag.encode(), self.loop.create_future(), budget, deadline)
        self._unasked = 0
        self.say(str(line))
        return self._running

    async def _finish(self, running: _Running) -> Answer:
        while not running.done.done():
            await self._move(running)
        return running.done.result()

    async def _move(self, running: _Running) -> None:
        """Wait until something has arrived or the command is done."""
        soon = self.loop.time() + COMMAND_TIMEOUT_S
        async with asyncio.timeout_at(min(soon, running.deadline)):
            await running.moved.wait()
        running.moved.clear()

    def _handle(self, response: Response) -> None:
        if not self.greeting.done():
            self.greeting.set_result(response)
        elif response.head.startswith(b"* "):
            self._handle_untagged(response)
        elif response.head.startswith(b"+"):
            if self._running:
                self._running.continued = True
        else:
            self._handle_tagged(response)

    def _handle_untagged(self, response: Response) -> None:
        self.on_untagged(response)
        if response.head[:6].upper() == b"* BYE ":
            self._fail(Lost(f"the server said goodbye: {shown(response.head[6:])}"))
            return
        running = self._running
        if running is None:
            self._unasked += response.size
            if self._unasked > UNASKED_BYTES:
                raise Hostile("the server talks without being asked")
            return
        running.budget -= response.size
        if running.budget < 0:
            raise Hostile("an answer without end")
        running.untagged.append(response)

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
        if not self.greeting.done():
            self.greeting.set_exception(self._lost)
            self.greeting.exception()
        if self.transport is not None:
            self.transport.abort()
