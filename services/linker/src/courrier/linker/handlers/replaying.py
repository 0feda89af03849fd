"""Decide about messages that were set aside, in order, as if they came now."""

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.parking import Failure, Parked, failure_of, unread
from courrier.events.postgres.faults import is_events_fault
from courrier.events.store import EventStore
from courrier.linker.ports import Aside, Worker


class Replaying:
    """What an intake of one stream has set aside; ``linking`` is not the intake's own.

    An e-mail that a crash left undone is decided again and adds nothing: same cause, same event.
    """

    def __init__(self, linking: Worker, aside: Aside) -> None:
        self._linking = linking
        self._aside = aside
        self.name = aside.name
        self.stream = aside.stream

    async def replay(self, store: EventStore, subject: str) -> list[Parked]:
        """Link what is set aside of a subject; return what still fails (see ``ReplayDesk``)."""
        history = {recorded.sequence: recorded for recorded in await store.load(subject)}
        for sequence in await self._aside.sequences(subject):
            recorded = history.get(sequence)
            failure = await self._failure(recorded) if recorded else None
            if failure is None:
                await self._aside.taken(subject, sequence)
                continue
            await self._aside.fails(sequence, failure)
            if subjects.is_ordered(subject):
                break
        return await self._aside.standing(subject)

    async def _failure(self, recorded: Recorded[Event]) -> Failure | None:
        if failure := unread(recorded):
            return failure
        try:
            await self._linking.link([recorded])
        except Exception as error:
            if not is_events_fault(error):
                raise
            return failure_of(error)
        return None
