"""For programs outside Courrier: iterate over typed events from any point in time."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.store import JetStreamEventStore


async def subscribe(
    broker: Broker, stream: str, *, after: int = 0, types: Sequence[type[Event]] = ()
) -> AsyncGenerator[Recorded[Event], None]:
    """Yield the events of ``stream`` with a sequence over ``after``, in order, for ever.

    Keep ``recorded.sequence`` with what you made of the event: it is where to go on next time.
    ``types`` leaves out all others. What cannot be decoded, because a newer Courrier wrote it or
    because it is damaged, comes as an ``Unreadable``: it has ``type`` and ``reason``.

    Raises:
        StoreUnavailable: the broker cannot be reached at the start; later outages are waited out.
    """
    client = await connect(broker)
    try:
        async with aclosing(JetStreamEventStore(client).follow(stream, after=after)) as batches:
            async for batch in batches:
                for recorded in batch:
                    if not types or isinstance(recorded.event, tuple(types)):
                        yield recorded
    finally:
        await client.close()
