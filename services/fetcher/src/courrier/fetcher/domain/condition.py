"""Decide what the log says of an account's state: failing for a reason, or readable.

A fact is recorded only when the reason changes: an account that cannot be reached for a week is
one event, not ten thousand.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.mailbox import FetchingFailed, FetchingRecovered


@dataclass(frozen=True, slots=True)
class NoteFailure:
    """The account could not be read; ``text`` is for people, ``retry_at`` None asks for one."""

    account_id: str
    reason: str
    text: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoteSuccess:
    """The account was read."""

    account_id: str


@dataclass(frozen=True, slots=True)
class Untried:
    """Nothing is known of the account yet."""


@dataclass(frozen=True, slots=True)
class Failing:
    """It cannot be read, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Readable:
    """It can be read."""


Condition = Untried | Failing | Readable
Command = NoteFailure | NoteSuccess


def decide(state: Condition, command: Command) -> list[Event]:
    """Return the new fact, or none when the log says so already."""
    match command:
        case NoteFailure(account_id, reason, text, retry_at):
            if state == Failing(reason):
                return []
            return [
                FetchingFailed(account_id=account_id, reason=reason, text=text, retry_at=retry_at)
            ]
        case NoteSuccess(account_id):
            if isinstance(state, Readable):
                return []
            return [FetchingRecovered(account_id=account_id)]
        case _:
            assert_never(command)


def evolve(state: Condition, event: Event) -> Condition:
    """Fold one fact."""
    match event:
        case FetchingFailed(reason=reason):
            return Failing(reason)
        case FetchingRecovered():
            return Readable()
        case _:
            return state


condition: Decider[Condition, Command, Event] = Decider(Untried(), decide, evolve)
