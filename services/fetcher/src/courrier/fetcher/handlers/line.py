"""Batches on their way to the log, in order: one is read and stored while another is appended."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from courrier.events.families.mailbox import SkippedUid
from courrier.fetcher.domain.batches import Arrival
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.received import Origin
from courrier.fetcher.domain.scope import EVERYTHING, Scope
from courrier.fetcher.handlers.storing import Recorder

DEPTH = 3
"""Batches in the line; a fourth one may be on its way from the server.

Each waits for the disk twice, while others are read."""


class Progress(Protocol):
    """Whoever wants to know how far the work on a folder is."""

    def planned(self, count: int) -> None:
        """So many UIDs are to be settled, those left out included."""
        ...

    def recorded(self, received: int, settled: int) -> None:
        """One more batch is on the log: messages received, UIDs settled."""
        ...


class Unseen:
    """``Progress`` that nobody looks at."""

    def planned(self, count: int) -> None:
        """Forget it."""

    def recorded(self, received: int, settled: int) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class Job:
    """A folder to bring in step: which, what is wanted of it, and how many messages it has."""

    origin: Origin
    scope: Scope = EVERYTHING
    server: int | None = None
    progress: Progress = field(default_factory=Unseen)


class Line:
    """Records arrivals of one folder; ``cursor`` is where the last one recorded has left it."""

    def __init__(self, recorder: Recorder, job: Job, cursor: Cursor) -> None:
        self._recorder = recorder
        self._job = job
        self._tasks: list[asyncio.Task[None]] = []
        self.cursor = cursor
        self.received = 0
        self.skipped: list[SkippedUid] = []

    async def put(self, arrival: Arrival) -> None:
        """Take a batch in as soon as there is room; raises what recording an earlier one raised."""
        while len(self._tasks) >= DEPTH:
            await self._first()
        before = self._tasks[-1] if self._tasks else None
        self._tasks.append(asyncio.create_task(self._record(arrival, before)))

    async def drain(self) -> None:
        """Wait until all is recorded; raises what recording raised."""
        while self._tasks:
            await self._first()

    async def close(self) -> None:
        """Stop recording; what is not acknowledged will be fetched again."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _first(self) -> None:
        await asyncio.wait({self._tasks[0]})
        self._tasks.pop(0).result()

    async def _record(self, arrival: Arrival, before: "asyncio.Task[None] | None") -> None:
        prepared = await self._recorder.prepare(self._job.origin, arrival, self._job.scope)
        if before:
            await asyncio.wait({before})
            before.result()  # what failed before fails all that comes after
        self.cursor = await self._recorder.append(self._job.origin, self.cursor, prepared)
        self.received += len(prepared.messages)
        self.skipped += prepared.whole.skipped
        self._job.progress.recorded(len(prepared.messages), arrival.settled)
