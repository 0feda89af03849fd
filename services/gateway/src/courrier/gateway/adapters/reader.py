"""Messages are read by processes of their own, each with a time limit; a late one is ended.

Hostile bytes may make a parser slow; here they cost one process that is started anew, and never
the event loop that everybody else is served by.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from courrier.gateway.adapters.parse_worker import ATTACHMENT, FRAME, LENGTH, PARSE, THREAD
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.ports import ReadingTookTooLong

LIMIT_S = 4.0
"""Seconds for one message: the answer to ``/emails/parse`` is due within five."""
THREADING_LIMIT_S = 20.0
"""Seconds for the threads of many messages: the largest request takes three of them."""
WORKER = "courrier.gateway.adapters.parse_worker"

log = structlog.get_logger(__name__)


class ProcessReader:
    """``MessageReader`` over ``size`` processes, started when they are first needed."""

    def __init__(self, size: int, limit_s: float = LIMIT_S) -> None:
        self._idle: asyncio.LifoQueue[Process | None] = asyncio.LifoQueue()
        for _ in range(size):
            self._idle.put_nowait(None)
        self._limit_s = limit_s
        self._running: set[Process] = set()

    async def parse(self, raw: bytes) -> bytes:
        """Return the message as JSON (see ``MessageReader.parse``)."""
        return await self._ask(PARSE, 0, raw) or b"{}"

    async def attachment(self, raw: bytes, number: int) -> bytes | None:
        """Return one attachment (see ``MessageReader.attachment``)."""
        return await self._ask(ATTACHMENT, number, raw)

    async def threads(self, body: bytes) -> list[list[str]]:
        """Return the threads of a request (see ``MessageReader.threads``)."""
        said = json.loads(await self._ask(THREAD, 0, body, THREADING_LIMIT_S) or b"{}")
        if "fault" in said:
            raise Unfit(said["fault"], pointer=said["pointer"])
        found: list[list[str]] = said["threads"]
        return found

    async def warm(self) -> None:
        """Start the processes before they are needed: the first message then does not wait."""
        ready = [self.parse(b"\n") for _ in range(self._idle.qsize())]
        await asyncio.gather(*ready, return_exceptions=True)

    async def close(self) -> None:
        """End the processes."""
        for process in list(self._running):
            await self._end(process)

    async def _ask(
        self, operation: bytes, number: int, raw: bytes, limit_s: float | None = None
    ) -> bytes | None:
        limit_s = limit_s or self._limit_s
        try:
            async with asyncio.timeout(limit_s), self._worker() as process:
                return await _exchange(process, FRAME.pack(operation, number, len(raw)), raw)
        except TimeoutError:
            log.warning("message.unread", size=len(raw), limit_s=limit_s)
            raise ReadingTookTooLong("reading the message took too long") from None
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            log.warning("message.unread", size=len(raw), error=repr(error))
            raise ReadingTookTooLong("the process that read the message died") from None

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[Process]:
        """Lend a process; one that did not finish its answer is ended, not lent again."""
        process = await self._idle.get()
        finished = False
        try:
            if process is None or process.returncode is not None:
                process = await self._start()
            yield process
            finished = True
        finally:
            if process is not None and not finished:
                await self._end(process)
            self._idle.put_nowait(process if finished else None)

    async def _start(self) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", WORKER, stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        self._running.add(process)
        return process

    async def _end(self, process: Process) -> None:
        self._running.discard(process)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _exchange(process: Process, head: bytes, raw: bytes) -> bytes | None:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the reading process has no pipes")
    process.stdin.write(head + raw)
    await process.stdin.drain()
    (size,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    return None if size < 0 else await process.stdout.readexactly(size)
