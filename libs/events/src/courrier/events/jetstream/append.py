"""Append to a stream: one event by a publish, several by an atomic batch (NATS ADR-50).

A lost acknowledgement is resolved by looking: a batch is stored as a whole or not at all, so the
last events of its guarded subjects tell (invariant I3). The stream's leader is asked, because a
replica may be behind. Elections and short outages are ridden out by repeating the same events.
"""

import asyncio
from collections.abc import Sequence

from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.envelope import NewEvent, encode
from courrier.events.jetstream.direct import DirectReader
from courrier.events.jetstream.persistence import persist
from courrier.events.jetstream.publishing import Line, publisher_of
from courrier.events.store import (
    BATCH_BYTES,
    BATCH_EVENTS,
    Appended,
    BatchTooLarge,
    Conflict,
    StoreUnavailable,
)

ACK_TIMEOUT_S = 3.0
LOOK_TIMEOUT_S = 2.0
"""Seconds to find out what became of an append; without a leader nobody answers."""

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_CONFLICTS = (10071, 10164)


class Unguarded(ValueError):
    """No event of a batch names an expected sequence: a repeat could store it twice. A bug."""


class Appender:
    """Appends of one connection."""

    def __init__(self, client: Client, reader: DirectReader) -> None:
        self._client = client
        self._reader = reader
        self._publisher = publisher_of(client)

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Store all of the events or none (see ``EventStore.append``)."""
        stream = subjects.stream_of(events[0].subject)
        lines = lines_of(events)

        async def attempt(number: int) -> Appended:
            stored = await self._stored(stream, events) if number else None
            return stored or await self._send(stream, lines, events)

        return await persist(self._client, f"{len(events)} events on {stream}", attempt)

    async def _send(self, stream: str, lines: list[Line], events: Sequence[NewEvent]) -> Appended:
        ack = await self._publisher.send(lines, ACK_TIMEOUT_S)
        error = ack.get("error")
        if not error:
            return Appended(stream, int(ack["seq"]))
        if error["err_code"] in _CONFLICTS:
            if stored := await self._stored(stream, events):
                return stored
            raise Conflict(f"{stream}: {error['description']} ({events[0].subject})")
        raise StoreUnavailable(f"{stream}: {error['description']} ({error['err_code']})")

    async def _stored(self, stream: str, events: Sequence[NewEvent]) -> Appended | None:
        """Return where the batch stands if all of it is stored, told by its guarded subjects.

        One of them alone does not tell: another instance that takes a part of the same work gives
        the same causes the same event ids.
        """
        guarded = {new.subject for new in events if new.expected is not None}
        latest = {new.subject: str(new.id) for new in events}
        async with asyncio.timeout(LOOK_TIMEOUT_S):
            found = await self._reader.newest(stream, sorted(guarded))
        if {event_id for event_id, _ in found} == {latest[subject] for subject in guarded}:
            return Appended(stream, max(sequence for _, sequence in found), repeated=True)
        return None


def lines_of(events: Sequence[NewEvent]) -> list[Line]:
    """Return subject, headers and body of each event.

    Raises:
        BatchTooLarge: over ``BATCH_EVENTS`` or ``BATCH_BYTES``.
        Unguarded: no event names an expected sequence.
    """
    if len(events) > BATCH_EVENTS:
        raise BatchTooLarge(f"{len(events)} events; one batch holds {BATCH_EVENTS}")
    if all(new.expected is None for new in events):
        raise Unguarded(f"{events[0].event.TYPE} on {events[0].subject} expects no sequence")
    lines = [_line(new) for new in events]
    if sum(len(body) for _, _, body in lines) > BATCH_BYTES:
        raise BatchTooLarge(f"over {BATCH_BYTES} bytes in one batch on {events[0].subject}")
    return lines


def _line(new: NewEvent) -> Line:
    headers, body = encode(new)
    if new.expected is not None:
        headers[_EXPECTED] = str(new.expected)
    return new.subject, headers, body
