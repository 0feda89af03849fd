"""A task that was asked to stop stops, whatever its libraries do with the request."""

import asyncio
from contextlib import suppress

from courrier.fetcher.handlers.stopping import stop_if_asked


async def test_a_cancellation_that_was_kept_is_raised_later() -> None:
    """A library that swallows it delays the stop by one round, no more."""
    rounds = 0

    async def work() -> None:
        nonlocal rounds
        while True:
            stop_if_asked()
            rounds += 1
            with suppress(asyncio.CancelledError):  # as wait_for of Python 3.11 may do
                await asyncio.sleep(60)

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=1)

    assert task.cancelled()
    assert 1 == rounds


async def test_nobody_asked_nobody_stops() -> None:
    """A time limit within the task is no request to stop it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.sleep(1)

    stop_if_asked()
