"""The log as somebody reads it who may not see all of it: up to what the read models show."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.store import EventStore, History
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import positions

SILENT_S = 2.0
"""What the log does not give within this time is not there: it was erased."""
HEARTBEAT_S = 10.0


async def events_between(
    gateway: Gateway, at: dict[str, int], *, follow: bool
) -> AsyncGenerator[History, None]:
    """Yield events behind ``at`` by stream, in batches, as far as the read models show them.

    ``at`` is moved on. With ``follow`` it goes on for ever, with an empty batch now and then.
    """
    loop = asyncio.get_running_loop()
    spoken = loop.time()
    async with aclosing(gateway.changes.listen()) as rings:
        async for _ in rings:
            seen = await positions.seen(gateway.pool)
            for stream in sorted(at):
                end = await last_shown(gateway.store, stream, seen, after=at[stream])
                async with aclosing(_range(gateway.store, stream, at[stream], end)) as batches:
                    async for batch in batches:
                        spoken = loop.time()
                        yield batch
                        at[stream] = batch[-1].sequence
                at[stream] = max(at[stream], seen.get(stream, 0))
            if not follow:
                return
            if loop.time() - spoken >= HEARTBEAT_S:
                spoken = loop.time()
                yield []


async def last_shown(
    store: EventStore, stream: str, seen: Mapping[str, int], *, after: int = 0
) -> int:
    """Return the last sequence over ``after`` that is shown and that the log may still have.

    The last events of a stream may be erased: whoever waited for them would wait for ever.
    """
    shown = seen.get(stream, 0)
    return min(shown, await store.end(stream)) if after < shown else after


async def sequence_before(store: EventStore, stream: str, moment: datetime, end: int) -> int:
    """Return a sequence behind which everything since this moment stands, by halving the log."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        event = await _first(store, stream, middle, end)
        if event is None or event.time >= moment:
            high = middle
        else:
            low = event.sequence
    return low


async def _first(store: EventStore, stream: str, after: int, end: int) -> Recorded[Event] | None:
    async with aclosing(_range(store, stream, after, end)) as batches:
        async for batch in batches:
            return batch[0]
    return None


async def _range(
    store: EventStore, stream: str, after: int, end: int
) -> AsyncGenerator[History, None]:
    if after >= end:
        return
    async with aclosing(store.follow(stream, after=after)) as batches:
        while after < end:
            try:
                async with asyncio.timeout(SILENT_S):
                    batch = await anext(batches)
            except TimeoutError:
                return
            after = batch[-1].sequence
            if wanted := [each for each in batch if each.sequence <= end]:
                yield wanted
