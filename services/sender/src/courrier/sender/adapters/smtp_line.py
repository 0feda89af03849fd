"""Commands and replies over a connection that is greeted, encrypted and logged in (RFC 5321).

Replies are kept in order, so that several commands may be written before the first is answered
(RFC 2920). What a server says without being asked makes the line unfit for another message.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

import aiosmtplib
from typing_extensions import override

LONGEST_REPLY = 64 * 1024
"""Bytes of one reply with all its lines; longer ones are an attack or a fault."""
MOST_REPLIES = 1000


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer; ``text`` has its lines without their codes, as the server wrote them."""

    code: int
    text: str


class Line(asyncio.Protocol):
    """One connection from the moment it is taken over from the library that opened it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._text: list[str] = []
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._lost: Exception | None = None
        transport.set_protocol(self)
        transport.set_write_buffer_limits(high=1)

    @property
    def is_quiet(self) -> bool:
        """Whether it is open and every reply was asked for and read."""
        is_open = self._lost is None and not self._transport.is_closing()
        return is_open and not (self._buffer or self._text or self._replies)

    @property
    def is_open(self) -> bool:
        """Whether bytes can still be written, as far as is known here."""
        return self._lost is None and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Hand bytes to the connection.

        Raises:
            SMTPServerDisconnected: it is lost.
        """
        if not self.is_open:
            raise self._disconnected()
        self._transport.write(data)

    async def flushed(self, within_s: float) -> None:
        """Wait until all that was written has left this process.

        Raises:
            SMTPServerDisconnected, TimeoutError: it has not.
        """
        async with asyncio.timeout(within_s):
            await self._writable.wait()
        if not self.is_open:
            raise self._disconnected()

    async def reply(self, within_s: float) -> Reply:
        """Return the next reply.

        Raises:
            SMTPServerDisconnected: the line is lost, or what came is no reply.
            TimeoutError: nothing came in time.
        """
        while not self._replies:
            if self._lost is not None:
                raise self._disconnected()
            self._waiter = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(within_s):
                await self._waiter
        return self._replies.popleft()

    async def ask(self, command: bytes, within_s: float) -> Reply:
        """Write one command and return its reply (raises as ``reply``)."""
        self.write(command + b"\r\n")
        return await self.reply(within_s)

    def say_good_bye(self) -> None:
        """End the connection without waiting for the server's good-bye."""
        if self.is_open:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    @override
    def data_received(self, data: bytes) -> None:
        """Take what the server said apart into replies."""
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            self._take(bytes(line).rstrip(b"\r"))
        size = len(self._buffer) + sum(map(len, self._text))
        if size > LONGEST_REPLY or len(self._replies) > MOST_REPLIES:
            self._fail(aiosmtplib.SMTPServerDisconnected("the server's answer does not end"))
        self._wake()

    @override
    def eof_received(self) -> bool:
        """The server has nothing more to say: the connection is closed."""
        self._fail(aiosmtplib.SMTPServerDisconnected("the server closed the connection"))
        return False

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        lost = aiosmtplib.SMTPServerDisconnected("the connection was lost")
        lost.__cause__ = exc
        self._fail(lost)

    @override
    def pause_writing(self) -> None:
        """Bytes wait to leave."""
        self._writable.clear()

    @override
    def resume_writing(self) -> None:
        """All have left."""
        self._writable.set()

    def _take(self, line: bytes) -> None:
        code = line[:3]
        if not (code.isdigit() and line[3:4] in (b"", b" ", b"-")):
            self._fail(aiosmtplib.SMTPServerDisconnected("the server's answer is none"))
            return
        self._text.append(line[4:].decode("utf-8", "replace"))
        if line[3:4] != b"-":
            self._replies.append(Reply(int(code), "\n".join(self._text)))
            self._text.clear()

    def _fail(self, error: Exception) -> None:
        if self._lost is None:
            self._lost = error
            self._transport.close()
        self._writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _disconnected(self) -> Exception:
        lost = aiosmtplib.SMTPServerDisconnected("the connection was lost")
        lost.__cause__ = self._lost
        return lost
