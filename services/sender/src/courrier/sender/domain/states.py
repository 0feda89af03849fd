"""Where an outgoing message stands; each state has only what exists in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from courrier.events.families.outbound import RecipientOutcome, SendRequested


@dataclass(frozen=True, slots=True)
class New:
    """Nothing is asked yet."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Ours to deliver after ``attempts`` attempts; ``due_at`` None means at once.

    ``refused`` are recipients with a final no; the others still wait.
    """

    message: SendRequested
    attempts: int = 0
    due_at: datetime | None = None
    refused: tuple[RecipientOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """An attempt is under way, or its sender died in it."""

    message: SendRequested
    attempt: int
    refused: tuple[RecipientOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The attempt's answer is unknown; only its true outcome, or a person, leads out of here."""

    message: SendRequested
    attempt: int
    refused: tuple[RecipientOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """Sent (to one recipient at least) or failed for good."""

    message: SendRequested


@dataclass(frozen=True, slots=True)
class Erased:
    """All that was known of it is gone; it is not sent any more, and its id stays taken."""


Delivery: TypeAlias = New | Queued | Sending | Uncertain | Settled | Erased


def waiting_recipients(state: Queued | Sending | Uncertain) -> tuple[str, ...]:
    """Return who has neither got the message nor refused it for good."""
    refused = {outcome.address for outcome in state.refused}
    return tuple(a for a in state.message.envelope_to if a not in refused)
