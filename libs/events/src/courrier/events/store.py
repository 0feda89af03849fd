"""The event store as the rest of Courrier sees it: append, load, read, follow.

Two adapters pass one contract test: in memory (``memory.py``) and NATS JetStream
(``jetstream/store.py``).
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from courrier.events.base import Event
from courrier.events.envelope import NewEvent, Recorded

BATCH_EVENTS = 1000
"""Events of one atomic batch (the broker's limit)."""
BATCH_BYTES = 4 * 1024 * 1024
"""Bytes of one atomic batch, headers included."""

History = list[Recorded[Event]]


class Conflict(Exception):
    """Somebody else wrote to one of the aggregates since it was read: read again, decide again."""


class BatchTooLarge(ValueError):
    """A decision has more events or bytes than one atomic batch holds: split the decision."""


class StoreUnavailable(ConnectionError):
    """The broker did not answer in time; the append may or may not be stored.

    Repeating the same events (same ids) is safe: the store looks whether they are there.
    """


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the last event of an append stands; ``repeated`` when it was there before."""

    stream: str
    sequence: int
    repeated: bool = False

    @property
    def position(self) -> str:
        """``EMAIL:42``: a read that has seen it is at least that fresh."""
        return f"{self.stream}:{self.sequence}"


@dataclass(slots=True)
class Place:
    """Where a follower is, kept up to date by the store while it follows.

    ``pending`` events are known to wait, those in the reader's hand included. Of what the reader
    follows, everything up to sequence ``reached`` has been handed to it and dealt with.
    """

    pending: int = 0
    reached: int = 0


class EventStore(Protocol):
    """Append facts and read them back, in the log's order.

    An event that cannot be decoded is read as an ``Unreadable``; it breaks no reader.
    """

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Store all of the events, which belong to one stream, or none of them.

        Raises:
            Conflict: an expected sequence is not the aggregate's last one.
            BatchTooLarge: over ``BATCH_EVENTS`` or ``BATCH_BYTES``.
            StoreUnavailable: no answer within the store's time limit.
        """
        ...

    async def load(self, subject: str) -> History:
        """Return all events of one aggregate, oldest first; empty when there is none."""
        ...

    async def ids(self, subject: str) -> set[str]:
        """Return the ids of all events of one aggregate, without reading the events."""
        ...

    async def last(self, subjects: Sequence[str]) -> dict[str, Recorded[Event]]:
        """Return the newest event of each of these subjects that has one; they share a stream."""
        ...

    async def end(self, stream: str) -> int:
        """Return the sequence of the stream's last event; 0 for an empty stream."""
        ...

    def follow(
        self,
        stream: str,
        *,
        after: int = 0,
        filters: Sequence[str] = (),
        place: Place | None = None,
    ) -> AsyncGenerator[History, None]:
        """Yield events with a sequence over ``after`` in order, in batches, for ever.

        ``filters`` are subjects with wildcards; none means all of the stream. Each batch holds
        what is there, one event at least. Close the iterator to stop. ``place`` is kept up to date.
        """
        ...
