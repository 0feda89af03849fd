"""A stream read page by page up to a known place: what rebuilding needs, and no consumer.

Direct gets leave nothing behind on the broker and end where the stream ends, also when its last
messages were erased.
"""

from nats.aio.client import Client

from courrier.events.jetstream.direct import DirectReader, event_of
from courrier.events.store import History


class JetStreamPages:
    """``Pages`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._reader = DirectReader(client)

    async def page(self, stream: str, after: int) -> History:
        """Return the next events over ``after``, oldest first; empty only at the stream's end.

        Raises:
            StoreUnavailable: the broker did not answer.
        """
        return [event_of(message, stream) for message in await self._reader.page(stream, after + 1)]
