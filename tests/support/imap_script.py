"""An IMAP server that says what a test wants it to say, and hears everything.

It reads command lines with their literals, and answers by the command's name. What it may do
instead of answering is a ``Misdeed``; a ``Dialogue`` asks for more lines first.
"""

import asyncio
import enum
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from courrier.local.ports import HOST

OK = b"{tag} OK done\r\n"
LONGEST_LINE = 1024 * 1024
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")


class Misdeed(enum.Enum):
    """What a server may do instead of answering."""

    CLOSE = "the line is cut without an answer"
    STALL = "the line stays open and silent"
    FLOOD = "untagged responses without end"
    DRIP = "a line that grows by a byte now and then and never ends"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Send each of these lines and hear a line after it, then answer."""

    prompts: tuple[bytes, ...]
    then: bytes = OK


Reply = bytes | Misdeed | Dialogue
Answer = Reply | list[Reply] | Callable[[bytes], Reply]


@dataclass(slots=True)
class ImapScript:
    """Answers by command (``UID FETCH`` counts as ``FETCH``); of a list, the last one holds.

    ``{tag}`` is replaced. A command without an answer gets BAD. ``tls`` is used from the first
    byte, or after STARTTLS with ``starttls``. ``heard`` are command lines without tags.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    greeting: bytes | Misdeed = b"* OK ready\r\n"
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    heard: list[bytes] = field(default_factory=list)

    def said(self, name: str) -> list[bytes]:
        """Return the lines of this command that were heard."""
        return [line for line in self.heard if name.encode() in line.upper().split()[:2]]

    def reply(self, name: str, line: bytes) -> Reply:
        """Return what to do now about a command."""
        answer = self.answers.get(name, b"{tag} BAD not here\r\n")
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, bytes | Misdeed | Dialogue):
            return answer
        return answer(line)


@asynccontextmanager
async def imap_script(script: ImapScript, at: str = HOST) -> AsyncIterator[int]:
    """Yield the port of a server that follows the script."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            await _Talk(script, reader, writer).run()

    tls = None if script.starttls else script.tls
    server = await asyncio.start_server(accept, at, 0, ssl=tls, limit=LONGEST_LINE)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Talk:
    def __init__(
        self, script: ImapScript, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._script = script
        self._reader = reader
        self._writer = writer

    async def run(self) -> None:
        await self._do(self._script.greeting, b"*")
        is_closed = self._script.greeting is Misdeed.CLOSE
        while not is_closed and (line := await self._command()):
            tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
            self._script.heard.append(rest or tag)
            words = rest.upper().split() or [tag.upper()]
            name = (words[1] if words[0] == b"UID" else words[0]).decode("ascii", "replace")
            reply = self._script.reply(name, rest)
            await self._do(reply, tag)
            if reply is Misdeed.CLOSE:
                break
            if name == "STARTTLS" and self._script.tls and isinstance(reply, bytes):
                await self._writer.start_tls(self._script.tls)
        self._writer.close()

    async def _command(self) -> bytes:
        """Return a line with its literals in place."""
        line = await self._reader.readline()
        while announced := _LITERAL.search(line):
            if not announced[2]:
                self._writer.write(b"+ go on\r\n")
            literal = await self._reader.readexactly(int(announced[1]))
            line = line[: announced.start()] + literal + await self._reader.readline()
        return line

    async def _do(self, reply: Reply, tag: bytes) -> None:
        if isinstance(reply, Dialogue):
            for prompt in reply.prompts:
                self._writer.write(prompt)
                self._script.heard.append((await self._reader.readline()).rstrip(b"\r\n"))
            reply = reply.then
        if isinstance(reply, bytes):
            self._writer.write(reply.replace(b"{tag}", tag))
            await self._writer.drain()
        elif reply is Misdeed.STALL:
            await self._reader.read()
        elif reply is Misdeed.FLOOD:
            await self._repeat(b"* 1 EXISTS\r\n" * 5000)
        elif reply is Misdeed.DRIP:
            await self._repeat(b"x")

    async def _repeat(self, data: bytes) -> None:
        while True:
            self._writer.write(data)
            await self._writer.drain()
            await asyncio.sleep(0)
