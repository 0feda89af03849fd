"""Where an outgoing message stands; each state has only what exists in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from courrier.events.families.outbound import RecipientOutcome, SendRequested
from courrier.sender.domain.answers import SENT


@dataclass(frozen=True, slots=True)
class New:
    """Nothing is asked yet."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Ours to deliver after ``attempts`` attempts; ``due_at`` None means at once.

    ``final`` are recipients with their last word, yes or no; the others still wait. ``since`` is
    from when the message's lifetime counts.
    """

    message: SendRequested
    attempts: int = 0
    due_at: datetime | None = None
    final: tuple[RecipientOutcome, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """An attempt is under way, or its sender died in it."""

    message: SendRequested
    attempt: int
    final: tuple[RecipientOutcome, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may have arrived; only the attempt's true outcome, a proof or a person lead out of here.

    ``attempt`` is 0 where the log came from a copy and nobody knows of any.
    """

    message: SendRequested
    attempt: int
    final: tuple[RecipientOutcome, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Sent (to one recipient at least) or failed for good."""

    message: SendRequested


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Taken back before any server had it; it may be asked for again, with other words."""

    message: SendRequested


@dataclass(frozen=True, slots=True)
class Erased:
    """All that was known of it is gone; it is not sent any more, and its id stays taken."""


Delivery: TypeAlias = New | Queued | Sending | Uncertain | Settled | Cancelled | Erased


def waiting_recipients(state: Queued | Sending | Uncertain) -> tuple[str, ...]:
    """Return who has neither got the message nor refused it for good."""
    final = {outcome.address for outcome in state.final}
    return tuple(a for a in state.message.envelope_to if a not in final)


def has_left(state: Queued | Sending | Uncertain) -> bool:
    """Tell whether a server has taken the message for somebody."""
    return any(outcome.outcome == SENT for outcome in state.final)


def lives_from(state: Queued | Sending | Uncertain) -> datetime:
    """Return from when the days count after which the message is given up."""
    said = state.message
    return state.since or said.not_before or said.date
