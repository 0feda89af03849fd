"""Events overwritten in the broker: ``STREAM.MSG.DELETE`` with ``no_erase`` false, one by one.

nats-server 2.15 overwrites a message's bytes in its block with random ones and syncs; a purge, or
a delete without it, leaves them on disk until the block is compacted.
"""

import asyncio
from collections.abc import Iterable

from nats.aio.client import Client

from courrier.events.jetstream.api import ApiError, request_api
from courrier.events.jetstream.direct import DirectReader, event_of
from courrier.events.store import History

AT_ONCE = 16


class JetStreamEraser:
    """``Eraser`` over one connection, whose user may delete from the streams it owns."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = DirectReader(client)

    async def erase(self, stream: str, sequences: Iterable[int]) -> int:
        """Overwrite these messages (see ``Eraser.erase``)."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(sequence: int) -> bool:
            async with places:
                return await self.erase_one(stream, sequence)

        return sum(await asyncio.gather(*(one(sequence) for sequence in set(sequences))))

    async def erase_one(self, stream: str, sequence: int) -> bool:
        """Overwrite one message; tell whether it was there."""
        order = {"seq": sequence, "no_erase": False}
        try:
            await request_api(self._client, f"STREAM.MSG.DELETE.{stream}", order)
        except ApiError:
            # The broker has a different answer for a gap, the time before the first message, the
            # time after the last and an empty stream; what counts is whether the message is there.
            question = {"seq": sequence}
            if await request_api(
                self._client, f"STREAM.MSG.GET.{stream}", question, missing_ok=True
            ):
                raise
            return False
        return True

    async def subjects(self, stream: str, pattern: str) -> list[str]:
        """Return the subjects that fit a pattern (see ``Eraser.subjects``)."""
        found: list[str] = []
        while True:
            question = {"subjects_filter": pattern, "offset": len(found)}
            info = await request_api(self._client, f"STREAM.INFO.{stream}", question)
            page = list(info["state"].get("subjects") or ())
            found += page
            if not page or len(found) >= int(info.get("total", 0)):
                return found

    async def read(self, stream: str, sequences: Iterable[int]) -> History:
        """Return those of these events that are there, in order."""
        found = await asyncio.gather(
            *(self._reader.at(stream, sequence) for sequence in sorted(set(sequences)))
        )
        return [event_of(message, stream) for message in found if message is not None]
