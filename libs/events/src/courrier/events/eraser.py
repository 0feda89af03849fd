"""Erase events from a stream for good (I9); only the stream's owner does, and a tombstone first.

Deleting a subject's last event moves the expected sequence back, and the next writer would take
the aggregate for a new one. So the fact that something was erased is appended first and stays the
subject's last event; what stands before it is overwritten then. Interrupted in between, the same
order goes on where it was left.
"""

from collections.abc import Iterable
from typing import Protocol

from courrier.events.envelope import NewEvent
from courrier.events.store import EventStore, History


class Eraser(Protocol):
    """Overwrite events where they are stored."""

    async def erase(self, stream: str, sequences: Iterable[int]) -> int:
        """Erase these events, and return how many were there; those gone already are no error.

        Raises:
            StoreUnavailable: some may be erased and some not; repeating is safe.
        """
        ...

    async def subjects(self, stream: str, pattern: str) -> list[str]:
        """Return the subjects of a stream that fit a pattern with wildcards and hold an event.

        Raises:
            StoreUnavailable: the stream cannot be asked now.
        """
        ...

    async def read(self, stream: str, sequences: Iterable[int]) -> History:
        """Return those of these events that are there, in order."""
        ...


async def erase_before(
    store: EventStore,
    eraser: Eraser,
    tombstone: NewEvent,
    history: History,
) -> str:
    """Append an aggregate's tombstone unless it is there, and erase what stands before it.

    ``history`` is all of the aggregate, as the tombstone's ``expected`` says. Returns the
    tombstone's position.

    Raises:
        Conflict: somebody else wrote to the aggregate; nothing was erased.
        StoreUnavailable: it may be half done; repeating is safe.
    """
    last = history[-1] if history else None
    if last is not None and last.type == tombstone.event.TYPE:
        stream, kept = last.stream, last.sequence
    else:
        appended = await store.append([tombstone])
        stream, kept = appended.stream, appended.sequence
    await eraser.erase(stream, [r.sequence for r in history if r.sequence < kept])
    return f"{stream}:{kept}"
