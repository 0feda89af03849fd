"""Fairness: how many folders may hold messages in memory at once, and who is next.

New mail of a folder that was in step is a *small* turn and has slots of its own, so that it waits
for nobody's first synchronisation. A *large* one keeps its turn while nobody waits; when somebody
does, it passes the turn on after each batch and queues up again. So memory is bounded however many
accounts start at once, and the first of them to be done does not wait for the largest.
"""

import asyncio
from types import TracebackType
from typing import Self

LARGE = 5
SMALL = 3
"""Folders at once; each holds four batches of 4 MiB at most, or one larger message."""


class Turns:
    """The turns of one process."""

    def __init__(self, large: int = LARGE, small: int = SMALL) -> None:
        self._large = asyncio.Semaphore(large)
        self._small = asyncio.Semaphore(small)

    def take(self, *, is_small: bool = False) -> "Turn":
        """Return a turn to be entered with ``async with``."""
        return Turn(self._small if is_small else self._large)


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
