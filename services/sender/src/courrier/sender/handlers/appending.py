"""New events of an aggregate of ``OUTBOUND``, each caused by the one before."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.outbound import SendRequested
from courrier.events.store import Appended, History

SOURCE = "/courrier/sender"
ACTOR = "service:sender"


def following(
    history: History,
    events: Sequence[Event],
    now: datetime,
    *nonce: str,
    actor: str = ACTOR,
    cause: str | None = None,
) -> list[NewEvent]:
    """Return the events as caused by ``cause`` or the last of the history, which is not empty.

    A start has this process's ``nonce`` in its id: two senders that start the same attempt
    must not look like one that repeats itself.
    """
    last = history[-1]
    requested = next((r for r in reversed(history) if isinstance(r.event, SendRequested)), last)
    context = Context(SOURCE, actor, now, requested.correlation_id, cause or last.id)
    return [
        NewEvent(
            subject=last.subject,
            event=event,
            id=derived_id(last.id, event.TYPE, *nonce),
            version=last.version + number,
            context=context,
            expected=last.sequence if number == 1 else None,
        )
        for number, event in enumerate(events, start=1)
    ]


def as_recorded(
    new: Sequence[NewEvent], last: Recorded[Event], appended: Appended
) -> list[Recorded[Event]]:
    """Return new events as they stand on the log now, behind ``last``, without reading them."""
    first = appended.sequence - len(new) + 1
    return [
        dataclasses.replace(
            last,
            event=each.event,
            id=str(each.id),
            type=each.event.TYPE,
            actor=each.context.actor,
            source=each.context.source,
            correlation_id=each.context.correlation_id,
            sequence=first + number,
            version=each.version,
            time=each.context.time,
            causation_id=each.context.causation_id,
        )
        for number, each in enumerate(new)
    ]
