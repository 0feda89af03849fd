"""The event store in memory: as tested as the real one, for tests and for trying things out."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import NewEvent, Recorded, encode, read_event
from courrier.events.store import (
    BATCH_EVENTS,
    Appended,
    BatchTooLarge,
    Conflict,
    History,
    Place,
)

FOLLOW_BATCH = 500


class MemoryEventStore:
    """One process's log. Every event passes through its bytes, as on the wire."""

    def __init__(self) -> None:
        self._streams: dict[str, History] = {}
        self._changed = asyncio.Condition()

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Store all of the events or none (see ``EventStore.append``)."""
        if len(events) > BATCH_EVENTS:
            raise BatchTooLarge(f"{len(events)} events; one batch holds {BATCH_EVENTS}")
        stream = subjects.stream_of(events[0].subject)
        log = self._streams.setdefault(stream, [])
        if repeated := _stored_before(log, events):
            return Appended(stream, repeated, repeated=True)
        for new in events:
            _check(log, new)
        start = len(log)
        log += [_record(new, stream, start + n) for n, new in enumerate(events, start=1)]
        await self._tell()
        return Appended(stream, len(log))

    async def put(self, subject: str, headers: Mapping[str, str], body: bytes) -> int:
        """Store any bytes, unchecked, as whoever may write to a broker could; return the place."""
        stream = subjects.stream_of(subject)
        log = self._streams.setdefault(stream, [])
        sequence = len(log) + 1
        log.append(read_event(headers, body, subject=subject, stream=stream, sequence=sequence))
        await self._tell()
        return sequence

    async def load(self, subject: str) -> History:
        """Return all events of one aggregate, oldest first."""
        log = self._streams.get(subjects.stream_of(subject), [])
        return [recorded for recorded in log if recorded.subject == subject]

    async def ids(self, subject: str) -> set[str]:
        """Return the ids of all events of one aggregate."""
        return {recorded.id for recorded in await self.load(subject)}

    async def last(self, subjects: Sequence[str]) -> dict[str, Recorded[Event]]:
        """Return the newest event of each subject that has one."""
        histories = {subject: await self.load(subject) for subject in subjects}
        return {subject: history[-1] for subject, history in histories.items() if history}

    async def end(self, stream: str) -> int:
        """Return the sequence of the stream's last event; 0 for an empty stream."""
        return len(self._streams.get(stream, []))

    async def follow(
        self,
        stream: str,
        *,
        after: int = 0,
        filters: Sequence[str] = (),
        place: Place | None = None,
    ) -> AsyncGenerator[History, None]:
        """Yield later events in batches, for ever (see ``EventStore.follow``)."""
        at = place or Place()
        while True:
            async with self._changed:
                while len(self._streams.get(stream, [])) <= after:
                    at.pending, at.reached = 0, after
                    await self._changed.wait()
            behind = [r for r in self._streams[stream][after:] if _wanted(r.subject, filters)]
            batch, at.pending = behind[:FOLLOW_BATCH], len(behind)
            if batch:
                after = batch[-1].sequence
                yield batch
                at.reached = after
            else:
                after = len(self._streams[stream])

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _stored_before(log: History, events: Sequence[NewEvent]) -> int:
    ids = {str(new.id) for new in events if new.expected is not None}
    if not ids:
        return 0
    stored = {recorded.id: recorded.sequence for recorded in log if recorded.id in ids}
    return max(stored.values()) if len(stored) == len(ids) else 0


def _check(log: History, new: NewEvent) -> None:
    if new.expected is None:
        return
    last = max((r.sequence for r in log if r.subject == new.subject), default=0)
    if last != new.expected:
        raise Conflict(f"{new.subject}: expected {new.expected}, the last one is {last}")


def _record(new: NewEvent, stream: str, sequence: int) -> Recorded[Event]:
    headers, body = encode(new)
    return read_event(headers, body, subject=new.subject, stream=stream, sequence=sequence)


def _wanted(subject: str, filters: Sequence[str]) -> bool:
    return not filters or any(_matches(subject, pattern) for pattern in filters)


def _matches(subject: str, pattern: str) -> bool:
    """Tell whether a subject fits a NATS pattern (``*`` one token, ``>`` the rest)."""
    tokens, wanted = subject.split("."), pattern.split(".")
    if wanted[-1] == ">":
        return len(tokens) >= len(wanted) and _same(tokens[: len(wanted) - 1], wanted[:-1])
    return len(tokens) == len(wanted) and _same(tokens, wanted)


def _same(tokens: list[str], wanted: list[str]) -> bool:
    return all(want in ("*", token) for token, want in zip(tokens, wanted, strict=True))
