"""A stream read page by page up to a known place: what rebuilding needs, and no consumer.

Direct gets leave nothing behind on the broker and end where the stream ends, also when its last
messages were erased.
"""

from nats.aio.client import Client

from courrier.events.envelope import read_event
from courrier.events.jetstream.direct import DirectReader, sequence_of, subject_of
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
        return [
            read_event(
                message.headers or {},
                message.data,
                subject=subject_of(message),
                stream=stream,
                sequence=sequence_of(message),
            )
            for message in await self._reader.page(stream, after + 1)
        ]
