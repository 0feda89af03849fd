"""Load, decide, append: the one way by which this service writes to its streams.

Everything an order causes has an id derived from the order's, so that a repeat adds nothing; an
aggregate that shows the order's id has honoured it already (invariant I3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from courrier.events.base import Event, derived_id
from courrier.events.decider import Decider
from courrier.events.envelope import Context, NewEvent
from courrier.events.store import Conflict, EventStore, History

ATTEMPTS = 5
SOURCE = "/courrier/gateway"

State = TypeVar("State")
Order = TypeVar("Order")


class Contended(ConnectionError):
    """Others kept writing to the same thing; nothing was written, the order may be repeated."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An order's identity: repeating it with the same ``command_id`` has the effect of once.

    ``request_id`` is what its log lines carry; its events carry it as their correlation.
    """

    command_id: UUID
    actor: str
    now: datetime
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What an order led to: ``position`` in the log (None: nothing to write) and the history."""

    position: str | None
    history: History
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Step(Generic[State, Order]):
    """An order on one aggregate."""

    subject: str
    decider: Decider[State, Order, Event]
    order: Order


AnyStep = Step[Any, Any]


async def carry_out(
    store: EventStore,
    subject: str,
    decider: Decider[State, Order, Event],
    order: Order,
    cause: Cause,
) -> Written:
    """Decide an order on one aggregate and append what follows.

    Raises:
        Refusal: the decider declines.
        Contended: ``ATTEMPTS`` conflicts in a row.
    """
    return await carry_out_together(store, [Step(subject, decider, order)], cause)


async def carry_out_together(store: EventStore, steps: Sequence[AnyStep], cause: Cause) -> Written:
    """Decide orders on aggregates of one stream and append what follows at once, or nothing.

    The first step's aggregate tells whether the order was honoured before, and is the one whose
    history is returned.

    Raises:
        Refusal: one of the deciders declines.
        Contended: ``ATTEMPTS`` conflicts in a row.
    """
    for _ in range(ATTEMPTS):
        histories = [await store.load(step.subject) for step in steps]
        first = histories[0]
        if honoured(first, cause):
            return Written(position_of(first), first, repeated=True)
        events = [
            event
            for step, history in zip(steps, histories, strict=True)
            for event in _decided(step, history, cause)
        ]
        if not events:
            return Written(position_of(first), first)
        try:
            appended = await store.append(events)
        except Conflict:
            continue
        return Written(appended.position, first)
    raise Contended(f"{steps[0].subject} is written to by many at once")


def _decided(step: AnyStep, history: History, cause: Cause) -> list[NewEvent]:
    state = step.decider.fold(recorded.event for recorded in history)
    return new_events(step.subject, history, step.decider.decide(state, step.order), cause)


def honoured(history: History, cause: Cause) -> bool:
    """Tell whether the aggregate has a fact that this very order caused."""
    return any(recorded.causation_id == str(cause.command_id) for recorded in history)


def position_of(history: History) -> str | None:
    """Return where the aggregate's last fact stands."""
    return f"{history[-1].stream}:{history[-1].sequence}" if history else None


def new_events(
    subject: str, history: History, facts: Sequence[Event], cause: Cause
) -> list[NewEvent]:
    """Return the facts ready to append: numbered, with derived ids, guarded by what was seen."""
    context = Context(
        source=SOURCE,
        actor=cause.actor,
        time=cause.now,
        correlation_id=cause.request_id or str(cause.command_id),
        causation_id=str(cause.command_id),
    )
    seen = history[-1].sequence if history else 0
    return [
        NewEvent(
            subject=subject,
            event=fact,
            id=derived_id(str(cause.command_id), subject, str(number)),
            version=len(history) + number,
            context=context,
            expected=seen if number == 1 else None,
        )
        for number, fact in enumerate(facts, start=1)
    ]
