"""What became of one SMTP dialogue, as the adapter knows it and the decider judges it.

The three differ in one thing: whether the server can have the message (RFC 1047: the time
between the final dot and its answer is where duplicates are born).
"""

from dataclasses import dataclass
from typing import TypeAlias

from courrier.events.families.outbound import RecipientOutcome

SENT = "sent"
DEFERRED = "deferred"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answered:
    """The server spoke on every recipient: each is sent, deferred or failed."""

    outcomes: tuple[RecipientOutcome, ...]


@dataclass(frozen=True, slots=True)
class Unreached:
    """The server cannot have the message: the trouble came before the end of DATA was sent.

    ``stale``: it did not accept the access token; the next attempt needs another one.
    """

    text: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The end of DATA was sent and no answer came: the server may have the message or not."""

    text: str


Answer: TypeAlias = Answered | Unreached | Unanswered


def same_for_all(
    recipients: tuple[str, ...], outcome: str, text: str, *, code: int | None = None
) -> tuple[RecipientOutcome, ...]:
    """Return one outcome for all of these recipients."""
    return tuple(
        RecipientOutcome(address=address, outcome=outcome, code=code, text=text)
        for address in recipients
    )


def outcome_of(code: int) -> str:
    """Return what a reply code means for a recipient (RFC 5321 section 4.2.1: first digit).

    A reply that is none of 2yz, 4yz and 5yz says nothing we may rely on: try again.
    """
    if 200 <= code < 300:
        return SENT
    return FAILED if 500 <= code < 600 else DEFERRED
