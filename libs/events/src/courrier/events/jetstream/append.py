"""Append to a stream: one event by a publish, several by an atomic batch (NATS ADR-50).

A lost acknowledgement is resolved by looking: a batch is stored as a whole or not at all, so the
last event of one of its guarded subjects tells (invariant I3). Elections and short outages are
ridden out by repeating the same events.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import nats.errors
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.envelope import NewEvent, encode
from courrier.events.jetstream.direct import DirectReader, sequence_of
from courrier.events.store import (
    BATCH_BYTES,
    BATCH_EVENTS,
    Appended,
    BatchTooLarge,
    Conflict,
    StoreUnavailable,
)

ACK_TIMEOUT_S = 5.0
ATTEMPTS = 6
FIRST_WAIT_S = 0.1

_EXPECTED = "Nats-Expected-Last-Subject-Sequence"
_CONFLICTS = (10071, 10164)

Line = tuple[str, dict[str, str], bytes]


class Unguarded(ValueError):
    """No event of a batch names an expected sequence: a repeat could store it twice. A bug."""


class Appender:
    """Appends of one connection."""

    def __init__(self, client: Client, reader: DirectReader) -> None:
        self._client = client
        self._reader = reader

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Store all of the events or none (see ``EventStore.append``)."""
        stream = subjects.stream_of(events[0].subject)
        lines = lines_of(events)
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(FIRST_WAIT_S * 2**attempt)
                if stored := await self._stored(stream, events):
                    return stored
            try:
                return await self._send(stream, lines, events)
            except (TimeoutError, nats.errors.Error):
                continue
        raise StoreUnavailable(f"NATS did not acknowledge {len(events)} events on {stream}")

    async def _send(self, stream: str, lines: list[Line], events: Sequence[NewEvent]) -> Appended:
        ack = await (self._one(lines[0]) if len(lines) == 1 else self._batch(lines))
        error = ack.get("error")
        if not error:
            return Appended(stream, int(ack["seq"]))
        if error["err_code"] in _CONFLICTS:
            if stored := await self._stored(stream, events):
                return stored
            raise Conflict(f"{stream}: {error['description']} ({events[0].subject})")
        raise StoreUnavailable(f"{stream}: {error['description']} ({error['err_code']})")

    async def _one(self, line: Line) -> dict[str, Any]:
        subject, headers, body = line
        message = await self._client.request(subject, body, timeout=ACK_TIMEOUT_S, headers=headers)
        return _answer(message.data)

    async def _batch(self, lines: list[Line]) -> dict[str, Any]:
        batch = uuid4().hex
        for number, (subject, headers, body) in enumerate(lines[:-1], start=1):
            headers["Nats-Batch-Id"] = batch
            headers["Nats-Batch-Sequence"] = str(number)
            await self._client.publish(subject, body, headers=headers)
        subject, headers, body = lines[-1]
        closing = {
            "Nats-Batch-Id": batch,
            "Nats-Batch-Sequence": str(len(lines)),
            "Nats-Batch-Commit": "1",
        }
        return await self._one((subject, headers | closing, body))

    async def _stored(self, stream: str, events: Sequence[NewEvent]) -> Appended | None:
        """Return where the batch stands if all of it is stored, told by its guarded subjects.

        One of them alone does not tell: another instance that takes a part of the same work gives
        the same causes the same event ids.
        """
        guarded = {new.subject for new in events if new.expected is not None}
        latest = {new.subject: str(new.id) for new in events}
        messages = await self._reader.last(stream, sorted(guarded))
        found = {(message.headers or {}).get("ce-id") for message in messages}
        if found == {latest[subject] for subject in guarded}:
            return Appended(stream, max(map(sequence_of, messages)), repeated=True)
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


def _answer(data: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(data)
    return answer
