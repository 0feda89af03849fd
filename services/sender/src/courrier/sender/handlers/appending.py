"""New events of an aggregate of ``OUTBOUND``, each caused by the one before."""

from collections.abc import Sequence
from datetime import datetime

from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.outbound import SendRequested
from courrier.events.store import History

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
