"""A network that breaks, and servers that say what a test wants them to say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from courrier.local.ports import HOST

CHUNK = 16 * 1024


@dataclass(slots=True)
class Cuts:
    """The first connections are cut after so many bytes from the server; later ones hold."""

    after: list[int]
    connections: int = 0

    def next_limit(self) -> int | None:
        """Return the limit of one more connection."""
        self.connections += 1
        return self.after.pop(0) if self.after else None


@asynccontextmanager
async def breaking_network(
    host: str, port: int, cuts: Cuts, *, at: str = HOST
) -> AsyncIterator[int]:
    """Yield a port of ``at`` that leads to ``host:port`` over a network that breaks as told."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limit = cuts.next_limit()
        theirs, ours = await asyncio.open_connection(host, port)
        up = asyncio.ensure_future(_copy(reader, ours, None))
        await _copy(theirs, writer, limit)
        up.cancel()
        ours.transport.abort()
        writer.transport.abort()

    async with _listening(carry, at) as own_port:
        yield own_port


@dataclass(slots=True)
class Script:
    """What a server answers to each command line, by the command's name; ``{tag}`` is replaced.

    A command without an answer gets none; of several answers the last one holds. ``heard`` are
    the lines that came, without tags.
    """

    greeting: bytes = b"* OK hello\r\n"
    answers: dict[bytes, bytes | list[bytes]] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)

    def answer(self, name: bytes) -> bytes:
        """Return what the server says now to a command of this name."""
        answers = self.answers.get(name, b"")
        if isinstance(answers, bytes):
            return answers
        return answers.pop(0) if len(answers) > 1 else answers[0]


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[int]:
    """Yield the port of a server in clear that follows the script."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(script.greeting)
        while line := await reader.readline():
            tag, _, rest = line.strip().partition(b" ")
            script.heard.append(rest or tag)
            words = rest.upper().split() or [tag.upper()]
            name = words[1] if words[0] == b"UID" else words[0]
            answer = script.answer(name)
            if answer == b"CLOSE":
                break
            writer.write(answer.replace(b"{tag}", tag))
        writer.close()

    async with _listening(talk) as port:
        yield port


@asynccontextmanager
async def _listening(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    at: str = HOST,
) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError):
            await talk(reader, writer)

    server = await asyncio.start_server(accept, at, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
) -> None:
    left = limit
    with suppress(ConnectionError):
        while data := await reader.read(CHUNK):
            piece = data if left is None else data[:left]
            writer.write(piece)
            await writer.drain()
            left = None if left is None else left - len(piece)
            if left == 0:
                return
