"""A task that is kept running waits out trouble, and ends when it is asked to."""

import asyncio

import pytest

from courrier.events.runtime.retry import keep_running


async def test_trouble_is_waited_out() -> None:
    """The task runs again until it ends by itself."""
    runs: list[int] = []

    async def work() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise ConnectionResetError

    await keep_running("test", work, (OSError,))

    assert len(runs) == 3


async def test_other_errors_pass_through() -> None:
    """A bug is not retried."""

    async def work() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await keep_running("test", work, (OSError,))


async def test_trouble_on_the_way_out_does_not_keep_it_running() -> None:
    """A lease lost in the same instant as the stop hides the cancellation; it still ends."""
    begun = asyncio.Event()

    async def work() -> None:
        if begun.is_set():
            return
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            raise ConnectionResetError from error

    task = asyncio.create_task(keep_running("test", work, (OSError,)))
    await begun.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=2.0)

    assert task.cancelled()


async def test_a_failed_part_of_a_group_is_waited_out_again_and_again() -> None:
    """A task group whose child failed is no cancellation, whatever Python 3.11 leaves behind."""
    runs: list[int] = []

    async def fail() -> None:
        raise ConnectionResetError

    async def work() -> None:
        runs.append(1)
        if len(runs) < 3:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(fail())
            except* ConnectionResetError as group:
                raise ConnectionResetError from group

    await keep_running("test", work, (OSError,))

    assert len(runs) == 3
