"""Fairness: how many folders may hold messages in memory at once, and who is next.

A folder keeps its turn while nobody waits; when somebody does, it passes the turn on after each
batch and queues up again. So a first synchronisation of 100 000 messages delays another
account's new mail by one batch at most, and memory is bounded however many accounts start at once.
"""

import asyncio
from types import TracebackType
from typing import Self

TURNS = 8
"""Folders at once; each holds two batches of 4 MiB at most, or one larger message."""


class Turns:
    """The turns of one process."""

    def __init__(self, count: int = TURNS) -> None:
        self._slots = asyncio.Semaphore(count)

    def take(self) -> "Turn":
        """Return a turn to be entered with ``async with``."""
        return Turn(self._slots)


class Turn:
    """One folder's turn."""

    def __init__(self, slots: asyncio.Semaphore) -> None:
        self._slots = slots
        self._is_mine = False

    @property
    def is_wanted(self) -> bool:
        """Whether somebody may be waiting for it."""
        return self._slots.locked()

    async def pass_on(self) -> None:
        """Let the next one in and queue up again; hold no messages meanwhile."""
        self._leave()
        await self._enter()

    async def __aenter__(self) -> Self:
        await self._enter()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    async def _enter(self) -> None:
        await self._slots.acquire()
        self._is_mine = True

    def _leave(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._slots.release()
