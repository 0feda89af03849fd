"""How often the log was rebuilt from its archive: positions of an older epoch mean nothing.

The number stands in the metadata of each event stream's configuration; without it, it is 1.
"""

from typing import Any

from nats.aio.client import Client

from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.streams import EVENT_STREAMS

EPOCH = "courrier.epoch"
FIRST_EPOCH = 1


async def epoch_of(client: Client) -> int:
    """Return the highest epoch of the event streams: one of them rebuilt is a new log.

    Raises:
        StoreUnavailable: the broker did not answer.
    """
    epochs = [FIRST_EPOCH]
    for stream in EVENT_STREAMS:
        answer = await request_api(client, f"STREAM.INFO.{stream}", missing_ok=True)
        epochs.append(epoch_in(answer))
    return max(epochs)


def epoch_in(stream_info: dict[str, Any]) -> int:
    """Return the epoch in the broker's description of a stream."""
    metadata = (stream_info.get("config") or {}).get("metadata") or {}
    return int(metadata.get(EPOCH, FIRST_EPOCH))
