"""Coroutines can be run from anywhere in a test, also from a fixture that is not async."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

TIMEOUT_S = 60.0


def run_apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop and a thread of its own, and return what it returns.

    The test's own loop is neither used nor replaced.
    """

    async def bounded() -> T:
        async with asyncio.timeout(TIMEOUT_S):
            return await coroutine

    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(asyncio.run, bounded()).result()
