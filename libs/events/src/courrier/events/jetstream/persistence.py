"""What the broker did not acknowledge is sent again: elections, restarts and cut lines pass.

A cluster elects a new leader in 4 to 9 seconds after the old one's death, sometimes twice in a
row; a client finds out about a frozen server in 6. Whoever sends again has to make it harmless.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

import nats.errors
from nats.aio.client import Client

from courrier.events.store import StoreUnavailable

PERSISTENCE_S = 40.0
"""Seconds after which no further attempt begins."""
FIRST_WAIT_S = 0.1
LONGEST_WAIT_S = 1.0

T = TypeVar("T")


async def persist(client: Client, what: str, attempt: Callable[[int], Awaitable[T]]) -> T:
    """Return what ``attempt(number)`` returns, from 0 on, once it is answered.

    Raises:
        StoreUnavailable: the last attempt's reason, after ``PERSISTENCE_S``, or at once when the
            connection is closed for good.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PERSISTENCE_S
    for number in count():
        try:
            return await attempt(number)
        except (TimeoutError, nats.errors.Error, StoreUnavailable) as error:
            wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(number, 8))
            if client.is_closed or loop.time() + wait_s > deadline:
                raise StoreUnavailable(f"NATS did not acknowledge {what}: {error!r}") from error
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311  jitter
    raise AssertionError("count() does not end")
