"""Keep a task of a service going: a dependency that is down is waited for, for ever (I6)."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 15.0
LONG_RUN_S = 60.0

log = structlog.get_logger(__name__)


async def keep_running(
    name: str, task: Callable[[], Awaitable[None]], transient: tuple[type[Exception], ...]
) -> None:
    """Run ``task`` again whenever it ends by a ``transient`` error; other errors pass through.

    Waits grow from ``FIRST_WAIT_S`` to ``LONGEST_WAIT_S`` with jitter and start small again after
    a run of over ``LONG_RUN_S``.
    """
    loop = asyncio.get_running_loop()
    attempt = 0
    while True:
        started = loop.time()
        try:
            # In a task of its own: on Python 3.11 a task group whose child failed leaves the task
            # that it ran in marked as being cancelled, for good.
            await asyncio.ensure_future(task())
        except transient as error:
            if _is_being_cancelled():
                # A task group that fails while it is cancelled raises its errors only (3.11).
                raise asyncio.CancelledError from error
            attempt = 0 if loop.time() - started > LONG_RUN_S else attempt + 1
            wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempt, 8))
            log.warning("task.waits", task=name, error=repr(error), wait_s=round(wait, 1))
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311  jitter
        else:
            return


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
