"""Wait out a dependency that is down, however long it takes (I6)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from courrier.events.runtime.retry import keep_running
from courrier.events.store import StoreUnavailable

T = TypeVar("T")


async def patiently(name: str, action: Callable[[], Awaitable[T]]) -> T:
    """Return what ``action`` returns, repeating it while a store is unavailable."""
    results: list[T] = []

    async def once() -> None:
        results.append(await action())

    await keep_running(name, once, (StoreUnavailable,))
    return results[0]
