"""Tests wait for a condition with a deadline; they never sleep for a guessed time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

POLL_S = 0.01


async def eventually(
    predicate: Callable[[], object | Awaitable[object]], within_s: float = 10.0
) -> None:
    """Return as soon as ``predicate()`` (awaited where it can be) is true.

    An ``AssertionError`` inside the predicate counts as 'not yet', so that it may be written as
    assertions that return True; the last one is what the reader sees.

    Raises:
        AssertionError: it did not become true within ``within_s`` seconds.
    """
    deadline = time.monotonic() + within_s
    while True:
        last: AssertionError | None = None
        try:
            found = predicate()
            if inspect.isawaitable(found):
                async with asyncio.timeout(max(POLL_S, deadline - time.monotonic())):
                    found = await found
            if found:
                return
        except (AssertionError, TimeoutError) as error:
            last = error if isinstance(error, AssertionError) else None
        if time.monotonic() > deadline:
            raise last or AssertionError(f"not within {within_s} s: {_text_of(predicate)}")
        await asyncio.sleep(POLL_S)


def _text_of(predicate: Callable[[], object]) -> str:
    try:
        return " ".join(inspect.getsource(predicate).split())
    except (OSError, TypeError):
        return repr(predicate)
