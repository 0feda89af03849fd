"""A bad event stops nobody (I6): it is set aside, what follows from it waits, the rest goes on.

One algorithm for every consumer, whatever it makes of events: ``settle`` takes a batch, and where
it fails for a reason of its own, halves until the culprit stands alone. ``announce`` tells stream
``DEAD``.
"""

import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import cast

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded, Unreadable
from courrier.events.families.dead import DeadEvent, EventParked, EventReplayed
from courrier.events.store import Conflict, EventStore, History

FAILED = "failed"
TRIES = 10

log = structlog.get_logger(__name__)

Blocked = Mapping[str, int]
"""By subject, the sequence from which on its events wait."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event is set aside (see ``EventParked``)."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Parked:
    """An event set aside; without a ``failure`` of its own it waits behind an earlier one."""

    stream: str
    subject: str
    sequence: int
    event_id: str
    type: str
    failure: Failure | None = None


Take = Callable[[History, int, Failure | None], Awaitable[None]]
"""Take a part of a batch that follows a sequence, wholly or not at all.

With a failure, the part is one event that is to be parked instead.
"""


async def settle(
    batch: History, seen: int, take: Take, is_its_fault: Callable[[Exception], bool]
) -> None:
    """Take a batch that follows ``seen``; park what fails because of what it is.

    Raises:
        Exception: of ``take``, when ``is_its_fault`` says that no event is to blame.
    """
    try:
        await take(batch, seen, None)
    except Exception as error:
        if not is_its_fault(error):
            raise
        if len(batch) == 1:
            failure = failure_of(error)
            _report(batch[0], failure)
            await take(batch, seen, failure)
            return
        half = len(batch) // 2
        await settle(batch[:half], seen, take, is_its_fault)
        await settle(batch[half:], batch[half - 1].sequence, take, is_its_fault)


def sort_out(
    batch: History, blocked: Blocked, failure: Failure | None = None
) -> tuple[History, list[Parked]]:
    """Return what can be taken now, and what is to be parked.

    What cannot be read is parked. With ``failure``, so is the batch's first event.
    """
    waits_from = dict(blocked)
    free: History = []
    parked = []
    for recorded in batch:
        waits = waits_from.get(recorded.subject, recorded.sequence + 1) <= recorded.sequence
        own = None if waits else (unread(recorded) or failure)
        if own is None and not waits:
            free.append(recorded)
            continue
        parked.append(aside(recorded, own))
        if subjects.is_ordered(recorded.subject):
            waits_from.setdefault(recorded.subject, recorded.sequence)
    return free, parked


def unread(recorded: Recorded[Event]) -> Failure | None:
    """Return why an event cannot be read, None for one that can."""
    event = recorded.event
    return Failure(event.reason, event.text) if isinstance(event, Unreadable) else None


def aside(recorded: Recorded[Event], failure: Failure | None) -> Parked:
    """Return an event as it is parked."""
    return Parked(
        recorded.stream,
        recorded.subject,
        recorded.sequence,
        recorded.id,
        recorded.type,
        failure,
    )


def failure_of(error: Exception) -> Failure:
    """Return what an operator is told: what was raised and where, never the values at hand.

    The text of an exception may hold what stands in the mail.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f" at {PurePath(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    details = [getattr(error, name, None) for name in ("sqlstate", "table_name", "constraint_name")]
    known = ", ".join(str(detail) for detail in details if detail)
    return Failure(FAILED, f"{type(error).__name__}{f' ({known})' if known else ''}{place}")


async def announce(
    store: EventStore,
    consumer: str,
    *,
    subject: str,
    standing: Sequence[Parked],
    actor: str | None = None,
) -> str | None:
    """Bring ``DEAD`` in line with what of a subject is parked now; return the position there.

    ``standing`` are the events with a failure of their own. Doing it again adds nothing.

    Raises:
        Conflict: others keep writing about the same subject.
        StoreUnavailable: it is not known whether it was written.
    """
    where = subjects.dead(consumer, subject)
    service = consumer.partition(".")[0]
    for _ in range(TRIES):
        history = await store.load(where)
        facts = _news(consumer, subject, standing, open_cases(history))
        if not facts:
            return f"{history[-1].stream}:{history[-1].sequence}" if history else None
        by = actor or f"service:{service}"
        events = _appending(where, facts, history, service=service, actor=by)
        try:
            return (await store.append(events)).position
        except Conflict:
            continue
    raise Conflict(f"{where} is written to by many at once")


def _appending(
    where: str, facts: Sequence[DeadEvent], history: History, *, service: str, actor: str
) -> list[NewEvent]:
    version, sequence = (history[-1].version, history[-1].sequence) if history else (0, 0)
    now = datetime.now(UTC)
    return [
        NewEvent(
            where,
            fact,
            derived_id("dead", where, fact.event_id, fact.TYPE, str(version + number)),
            version + number,
            Context(f"/courrier/{service}", actor, now, fact.event_id, fact.event_id),
            sequence if number == 1 else None,
        )
        for number, fact in enumerate(facts, start=1)
    ]


async def all_cases(store: EventStore) -> list[Recorded[EventParked]]:
    """Return what is parked anywhere according to ``DEAD``, the oldest first."""
    found: dict[tuple[str, str], Recorded[EventParked]] = {}
    end = await store.end("DEAD")
    if not end:
        return []
    async with aclosing(store.follow("DEAD")) as batches:
        async for batch in batches:
            for recorded in batch:
                event = recorded.event
                if isinstance(event, EventParked):
                    found[event.consumer, event.event_id] = cast("Recorded[EventParked]", recorded)
                elif isinstance(event, EventReplayed):
                    found.pop((event.consumer, event.event_id), None)
            if batch[-1].sequence >= end:
                break
    return list(found.values())


def open_cases(history: History) -> dict[str, EventParked]:
    """Return what is parked according to ``DEAD``, by event id."""
    found: dict[str, EventParked] = {}
    for recorded in history:
        match recorded.event:
            case EventParked() as case:
                found[case.event_id] = case
            case EventReplayed() as done:
                found.pop(done.event_id, None)
            case _:
                continue
    return found


def _news(
    consumer: str, subject: str, standing: Sequence[Parked], known: dict[str, EventParked]
) -> list[DeadEvent]:
    here = {each.event_id: case_of(consumer, each) for each in standing if each.failure}
    new: list[DeadEvent] = [case for key, case in here.items() if known.get(key) != case]
    done = [case for key, case in known.items() if key not in here and case.subject == subject]
    return new + [EventReplayed.model_validate(case.model_dump()) for case in done]


def case_of(consumer: str, parked: Parked) -> EventParked:
    """Return the fact that an event is parked."""
    failure = parked.failure or Failure(FAILED, "")
    return EventParked(
        consumer=consumer,
        stream=parked.stream,
        subject=parked.subject,
        sequence=parked.sequence,
        event_id=parked.event_id,
        type=parked.type,
        reason=failure.reason,
        text=failure.text,
    )


def _report(recorded: Recorded[Event], failure: Failure) -> None:
    log.warning(
        "event.parked",
        at=f"{recorded.stream}:{recorded.sequence}",
        type=recorded.type,
        reason=failure.reason,
        why=failure.text,
    )
