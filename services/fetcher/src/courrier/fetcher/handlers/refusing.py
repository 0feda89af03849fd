"""Which messages are left out because they were erased, kept in memory and up to date.

Their keys are 32 characters each and few; no message costs a question to the broker. An erasure
that is recorded while a copy is on its way is repaired by whoever erases: it looks again.
"""

from collections.abc import Sequence
from contextlib import aclosing

from courrier.events.eraser import Eraser
from courrier.events.families.mailbox import MessageErased, MessageReceived
from courrier.events.identity import Identity
from courrier.events.store import EventStore
from courrier.fetcher.domain.erasing import key_of

STREAM = "MAILBOX"
PATTERN = "mailbox.*.erased.*"


class Refusals:
    """The keys of erased messages."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._keys: set[str] = set()

    @property
    def any(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._keys)

    def refuses(self, message: MessageReceived) -> bool:
        """Tell whether this is a copy of an erased message."""
        return bool(self._keys) and key_of(message, self._identity) in self._keys

    def add(self, keys: Sequence[str]) -> None:
        """Refuse these from now on."""
        self._keys.update(keys)

    async def load(self, store: EventStore, eraser: Eraser) -> int:
        """Take in all that is recorded now; return the sequence to follow from."""
        end = await store.end(STREAM)
        found = await eraser.subjects(STREAM, PATTERN)
        self.add([subject.rpartition(".")[2] for subject in found])
        return end

    async def follow(self, store: EventStore, after: int) -> None:
        """Take in what is recorded after ``after``, for ever."""
        async with aclosing(store.follow(STREAM, after=after, filters=[PATTERN])) as batches:
            async for batch in batches:
                events = [r.event for r in batch if isinstance(r.event, MessageErased)]
                self.add([event.message_key for event in events])
