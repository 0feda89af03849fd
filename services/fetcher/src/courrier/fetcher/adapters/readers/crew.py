"""``MessageReader``: a few processes that read, so that a message can kill or stall no fetcher.

A process that dies or takes too long is replaced, and what it was given is read message by message;
one at which a process ends again is stored and reported as unreadable.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import structlog

from courrier.fetcher.adapters.readers import frames
from courrier.fetcher.domain.reading import Reading, unreadable
from courrier.fetcher.domain.received import Fetched, Origin

PROGRAM = (sys.executable, "-m", "courrier.fetcher.adapters.readers.process")
START_S = 30.0
"""Seconds for a process to begin: half a second on a quiet machine."""
SPARE = 3
"""Processes beside the usual ones while those are stuck."""
PATIENCE_S = 1.0
"""Seconds to wait for a process before another one is started."""
AGAIN_S = 1.0
"""Seconds until a process that did not begin is started again."""
LIMIT_S = 15.0
"""Seconds for a request, and one more for each ``BYTES_A_S``; a quiet machine reads 100 times
as much."""
BYTES_A_S = 2 * 1024 * 1024
PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
"""Variables that a process is given; it has no use for keys and passwords."""

log = structlog.get_logger(__name__)


class ReaderGone(Exception):
    """A process died over what it was given, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """A process and the line to it."""

    process: subprocess.Popen[bytes]
    line: socket.socket

    def exchange(self, head: object, parts: Sequence[bytes]) -> list[Reading]:
        """Ask and wait, in a thread; ends with an ``OSError`` once the process is gone."""
        frames.send(self.line, head, parts)
        return frames.answered(frames.receive(self.line))

    def end(self) -> None:
        """Kill it; whoever waits for its answer hears of that."""
        self.process.kill()
        with suppress(OSError):  # it may have closed its end first
            self.line.shutdown(socket.SHUT_RDWR)
        self.process.wait()
        self.line.close()


class Crew:
    """``usual`` processes (one for each core but one), started when they are needed and kept.

    While all of them take longer than any honest mail does, up to ``SPARE`` others are started.
    Close it at the end.
    """

    def __init__(
        self,
        usual: int | None = None,
        *,
        limit_s: float = LIMIT_S,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        usual = usual or max(1, min(4, (os.cpu_count() or 1) - 1))
        self._limit_s = limit_s
        self._program = program
        self._places: asyncio.LifoQueue[_Reader | None] = asyncio.LifoQueue()
        for _ in range(usual):
            self._places.put_nowait(None)
        self._spare = SPARE
        self._threads = ThreadPoolExecutor(usual + SPARE, thread_name_prefix="reader")
        self._all: set[_Reader] = set()
        self._asked: set[asyncio.Task[list[Reading]]] = set()

    async def begin(self) -> None:
        """Have one process ready, so that the first message does not wait for it."""
        self._places.put_nowait(await self._take())

    async def read(self, origin: Origin, messages: Sequence[Fetched]) -> list[Reading]:
        """Return a reading of each message (see ``MessageReader``)."""
        if not messages:
            return []
        try:
            readings = await self._ask(origin, messages)
        except ReaderGone as error:
            log.warning("reader.gone", messages=len(messages), why=str(error))
            readings = [await self._read_alone(origin, message) for message in messages]
        for message, one in zip(messages, readings, strict=True):
            if one.problem:
                size = len(message.raw)
                log.error("message.unreadable", uid=message.uid, size=size, problem=one.problem)
        return readings

    async def close(self) -> None:
        """End all processes; what they were reading will be fetched again."""
        for task in self._asked:
            task.cancel()
        for reader in list(self._all):
            reader.end()
        if self._asked:
            await asyncio.wait(self._asked)
        self._threads.shutdown(wait=False)

    async def _read_alone(self, origin: Origin, message: Fetched) -> Reading:
        try:
            return (await self._ask(origin, [message]))[0]
        except ReaderGone as error:
            return await asyncio.to_thread(unreadable, origin, message, str(error))

    async def _ask(self, origin: Origin, messages: Sequence[Fetched]) -> list[Reading]:
        """Have a process read; a caller who leaves early does not cost us the process."""
        task = asyncio.create_task(self._exchange(origin, messages))
        self._asked.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[list[Reading]]) -> None:
        self._asked.discard(task)
        if not task.cancelled():
            task.exception()  # seen: a caller that was cancelled never asks

    async def _exchange(self, origin: Origin, messages: Sequence[Fetched]) -> list[Reading]:
        head, parts = frames.request(origin, messages)
        limit_s = self._limit_s + sum(map(len, parts)) / BYTES_A_S
        reader = await self._take()
        try:
            async with asyncio.timeout(limit_s):
                readings = await asyncio.get_running_loop().run_in_executor(
                    self._threads, reader.exchange, head, parts
                )
        except BaseException as error:
            self._lose(reader)
            if isinstance(error, TimeoutError):
                raise ReaderGone(f"it was not read within {limit_s:.0f} s") from error
            if isinstance(error, frames.BROKEN):
                raise ReaderGone("the process that read it died") from error
            raise
        self._places.put_nowait(reader)
        return readings

    async def _take(self) -> _Reader:
        """Return an idle process, or a new one."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                place = await self._places.get()
        except TimeoutError:
            if self._spare:
                self._spare -= 1
                place = None
            else:
                place = await self._places.get()
        if place is not None:
            return place
        try:
            return await self._start()
        except BaseException:
            self._places.put_nowait(None)
            raise

    def _lose(self, reader: _Reader) -> None:
        reader.end()
        self._all.discard(reader)
        self._places.put_nowait(None)

    async def _start(self) -> _Reader:
        """Start a process; one that cannot even begin says nothing about any message."""
        while True:
            reader = await asyncio.to_thread(_started, self._program)
            self._all.add(reader)
            try:
                async with asyncio.timeout(START_S):
                    await asyncio.to_thread(frames.receive, reader.line)
            except BaseException as error:
                self._all.discard(reader)
                reader.end()
                if not isinstance(error, OSError):  # TimeoutError is one
                    raise
                log.exception("reader.not_started", again_in_s=AGAIN_S)
                await asyncio.sleep(AGAIN_S)
            else:
                return reader


def _started(program: Sequence[str]) -> _Reader:
    ours, theirs = socket.socketpair()
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with theirs:
        process = subprocess.Popen(list(program), stdin=theirs.fileno(), env=environment)  # noqa: S603  ours
    return _Reader(process, ours)
