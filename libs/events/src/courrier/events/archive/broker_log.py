"""A stream as the broker holds it, exactly: every message, every hole, and why it is there.

A reader of the broker is not told of damage: nats-server 2.15 leaves out a message whose bytes no
longer give its checksum, and one whose length is damaged hides its neighbours too. What was
erased stands in the stream's list of deletions; what is missing and not listed is damage.
"""

import base64
import os
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from nats.aio.client import Client
from nats.aio.msg import Msg

from courrier.events.archive import chain
from courrier.events.archive.lines import Archived, Gap, Line
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.direct import DirectReader, sequence_of, subject_of
from courrier.events.jetstream.epoch import FIRST_EPOCH, epoch_in
from courrier.events.jetstream.streams import RESTORING

BROKERS_OWN = "Nats-"


@dataclass(frozen=True)
class StreamState:
    """What the broker says of a stream; ``restoring`` 0 unless it is being rebuilt."""

    exists: bool
    first: int
    last: int
    epoch: int = FIRST_EPOCH
    restoring: int = 0


class BrokerLog:
    """One stream, read without decoding."""

    def __init__(self, client: Client, stream: str) -> None:
        self.stream = stream
        self._client = client
        self._reader = DirectReader(client)

    async def state(self) -> StreamState:
        """Return the stream's bounds and epoch."""
        info = await request_api(self._client, f"STREAM.INFO.{self.stream}", missing_ok=True)
        if not info:
            return StreamState(exists=False, first=0, last=0)
        metadata = info["config"].get("metadata") or {}
        return StreamState(
            exists=True,
            first=int(info["state"]["first_seq"]),
            last=int(info["state"]["last_seq"]),
            epoch=epoch_in(info),
            restoring=int(metadata.get(RESTORING, 0)),
        )

    async def page(self, start: int) -> list[Archived]:
        """Return some messages from sequence ``start`` on, each with a salt of its own."""
        return [_archived(message) for message in await self._reader.page(self.stream, start)]

    async def one(self, sequence: int) -> Archived | None:
        """Return the message at exactly this sequence, or None."""
        found = await self.page(sequence)
        return found[0] if found and found[0].sequence == sequence else None

    async def from_leader(self, sequence: int) -> Archived | None:
        """Return the message as the stream's leader has it: a replica may be the damaged one."""
        question = {"seq": sequence}
        answer = await request_api(
            self._client, f"STREAM.MSG.GET.{self.stream}", question, missing_ok=True
        )
        message = answer.get("message")
        if message is None:
            return None
        headers = _own(_parsed(base64.b64decode(message.get("hdrs", ""))))
        data = base64.b64decode(message.get("data", ""))
        return Archived(sequence, message["subject"], headers, data, os.urandom(chain.SALT_BYTES))

    async def deleted(self) -> "Deleted":
        """Return which sequences the broker erased, as it says itself."""
        info = await request_api(
            self._client, f"STREAM.INFO.{self.stream}", {"deleted_details": True}
        )
        state = info["state"]
        return Deleted(int(state["first_seq"]), frozenset(state.get("deleted") or ()))

    async def messages(self, last: int, start: int = 1) -> AsyncGenerator[list[Archived], None]:
        """Yield the messages from ``start`` to sequence ``last``, page by page."""
        while start <= last:
            found = [each for each in await self.page(start) if each.sequence <= last]
            if not found:
                return
            yield found
            start = found[-1].sequence + 1


@dataclass(frozen=True)
class Deleted:
    """Sequences that the broker erased: all before ``first``, and ``listed``."""

    first: int
    listed: frozenset[int]

    def __contains__(self, sequence: int) -> bool:
        return sequence < self.first or sequence in self.listed

    def gaps(self, first: int, last: int) -> Iterator[Gap]:
        """Yield what stands for sequences ``first`` to ``last``, none of which can be read."""
        start = first
        for sequence in range(first, last + 1):
            if sequence == last or (sequence in self) != (sequence + 1 in self):
                why = chain.DELETED if sequence in self else chain.UNREADABLE
                yield Gap(start, sequence, why)
                start = sequence + 1


def same(one: Archived, other: Archived) -> bool:
    """Tell whether two copies are one event, to the byte."""
    return (one.sequence, one.subject, one.headers, one.data) == (
        other.sequence,
        other.subject,
        other.headers,
        other.data,
    )


class Digest:
    """SHA-256 over sequence, subject, event id and body of a stream's events, in order."""

    def __init__(self) -> None:
        self._hash = sha256()
        self.events = 0

    def add(self, lines: list[Archived] | list[Line]) -> None:
        """Take the next events in; erased ones and gaps have no part in it."""
        for line in lines:
            if isinstance(line, Archived):
                content = chain.content_of(line.subject, {"ce-id": line.event_id}, line.data)
                self._hash.update(line.sequence.to_bytes(8, "big") + content)
                self.events += 1

    def hexdigest(self) -> str:
        """Return what two equal streams have in common."""
        return self._hash.hexdigest()


async def digest_of(client: Client, stream: str) -> Digest:
    """Return the digest of a stream up to its end of now."""
    log, digest = BrokerLog(client, stream), Digest()
    async for messages in log.messages((await log.state()).last):
        digest.add(messages)
    return digest


def _archived(message: Msg) -> Archived:
    own = _own(message.headers or {})
    return Archived(
        sequence_of(message), subject_of(message), own, message.data, os.urandom(chain.SALT_BYTES)
    )


def _own(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if not name.startswith(BROKERS_OWN)}


def _parsed(block: bytes) -> dict[str, str]:
    """Read a header block as it is stored: a line ``NATS/1.0``, then ``name: text`` lines."""
    lines = block.decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name: text.strip(" \t") for name, _, text in pairs}
