"""A consumer that keeps what it makes of a stream in memory, and parks like those with tables."""

from collections.abc import Callable
from dataclasses import replace

from courrier.events import subjects
from courrier.events.gauges import LAG, PARKED
from courrier.events.groups import WHOLE
from courrier.events.parking import (
    Blocked,
    Failure,
    Parked,
    all_cases,
    announce,
    failure_of,
    settle,
    sort_out,
    unread,
)
from courrier.events.store import Conflict, EventStore, History, StoreUnavailable

PASSING = (StoreUnavailable, Conflict, OSError, TimeoutError)


class MemoryConsumer:
    """``take_in`` makes something of events, wholly or, when it raises, not at all.

    Everything begins anew with each process, what is parked included. ``name`` is
    ``<service>.<consumer>``.
    """

    def __init__(self, name: str, stream: str, take_in: Callable[[History], None]) -> None:
        self.name = name
        self.stream = stream
        self._take_in = take_in
        self._parked: dict[int, Parked] = {}
        self._untold: set[str] = set()

    def begin(self) -> None:
        """Forget everything: the stream is read from its start."""
        self._parked.clear()
        self._untold.clear()

    async def take(self, batch: History, pending: int) -> None:
        """Take the next events in, or park them; ``pending`` wait, these included."""
        LAG.labels(self.name, self.stream, str(WHOLE)).set(pending)
        await settle(batch, 0, self._take, _is_its_fault)
        PARKED.labels(self.name).set(len(self._parked))
        LAG.labels(self.name, self.stream, str(WHOLE)).set(pending - len(batch))

    async def tell(self, store: EventStore) -> None:
        """Tell ``DEAD`` what it does not know yet.

        Raises:
            StoreUnavailable: tell it later.
        """
        for subject in sorted(self._untold):
            await announce(store, self.name, subject=subject, standing=self._standing(subject))
            self._untold.discard(subject)

    async def close_cases(self, store: EventStore) -> None:
        """Tell ``DEAD`` of what this version takes where an older one could not."""
        for case in await all_cases(store):
            if case.event.consumer == self.name:
                subject = case.event.subject
                await announce(store, self.name, subject=subject, standing=self._standing(subject))

    async def replay(self, store: EventStore, subject: str) -> list[Parked]:
        """Take in what is parked of a subject; return what still fails."""
        history = {recorded.sequence: recorded for recorded in await store.load(subject)}
        mine = [s for s, parked in sorted(self._parked.items()) if parked.subject == subject]
        for sequence in mine:
            recorded = history.get(sequence)
            failure = self._failure([recorded]) if recorded else None
            if failure:
                self._parked[sequence] = replace(self._parked[sequence], failure=failure)
                if subjects.is_ordered(subject):
                    break
                continue
            del self._parked[sequence]
        PARKED.labels(self.name).set(len(self._parked))
        return self._standing(subject)

    async def _take(self, part: History, _seen: int, failure: Failure | None) -> None:
        free, aside = sort_out(part, self._blocked(), failure)
        self._take_in(free)
        for each in aside:
            self._parked[each.sequence] = each
            if each.failure:
                self._untold.add(each.subject)

    def _failure(self, events: History) -> Failure | None:
        if failure := unread(events[0]):
            return failure
        try:
            self._take_in(events)
        except Exception as error:
            if not _is_its_fault(error):
                raise
            return failure_of(error)
        return None

    def _standing(self, subject: str) -> list[Parked]:
        return [p for p in self._parked.values() if p.subject == subject and p.failure]

    def _blocked(self) -> Blocked:
        blocked: dict[str, int] = {}
        for sequence, parked in sorted(self._parked.items()):
            if subjects.is_ordered(parked.subject):
                blocked.setdefault(parked.subject, sequence)
        return blocked


def _is_its_fault(error: Exception) -> bool:
    return not isinstance(error, PASSING)
