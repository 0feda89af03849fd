"""Decide what the log says of an account's state: readable, failing for a reason, or suspended.

A fact is recorded only when the reason changes: an account that cannot be reached for a week is
one event, not ten thousand. Refused log-ins are told one by one, because they are counted across
restarts: too many lock the account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.mailbox import (
    FetchingFailed,
    FetchingRecovered,
    FetchingResumed,
    FetchingSuspended,
)
from courrier.fetcher.domain.backoff import FOLDER_MISSING, LOG_IN_REFUSED, gives_up


@dataclass(frozen=True, slots=True)
class NoteFailure:
    """The account could not be read at ``at``; ``text`` is for people, ``retry_at`` the next try.

    ``account_version`` is how many facts about its configuration had been taken in. Of an account
    whose other folders can be read only a part fails: that suspends nothing.
    """

    account_id: str
    reason: str
    text: str
    at: datetime
    retry_at: datetime
    account_version: int = 0
    is_whole: bool = True
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteSuccess:
    """The account was read."""

    account_id: str


@dataclass(frozen=True, slots=True)
class NoteConfiguration:
    """The account is set up as its ``account_version`` facts say."""

    account_id: str
    account_version: int


@dataclass(frozen=True, slots=True)
class Resume:
    """A person wants a suspended account tried again."""

    account_id: str


@dataclass(frozen=True, slots=True)
class Untried:
    """Nothing is known of the account yet, or it begins anew."""


@dataclass(frozen=True, slots=True)
class Failing:
    """It cannot be read; the fields are those of ``FetchingFailed``."""

    reason: str
    since: datetime | None = None
    tries: int = 0
    retry_at: datetime | None = None
    account_version: int = 0


@dataclass(frozen=True, slots=True)
class Suspended:
    """Nothing is tried until a person acts; ``account_version`` as in ``FetchingSuspended``."""

    reason: str
    account_version: int


@dataclass(frozen=True, slots=True)
class Readable:
    """It can be read."""


Condition = Untried | Failing | Suspended | Readable
Command = NoteFailure | NoteSuccess | NoteConfiguration | Resume


def decide(state: Condition, command: Command) -> list[Event]:
    """Return the new fact, or none when the log says so already."""
    match command:
        case NoteFailure():
            return [] if isinstance(state, Suspended) else _failed(state, command)
        case NoteSuccess(account_id):
            recovered = FetchingRecovered(account_id=account_id)
            return [] if isinstance(state, Readable) else [recovered]
        case NoteConfiguration(account_id, version):
            is_new = isinstance(state, Suspended) and version > state.account_version
            return [FetchingResumed(account_id=account_id, cause="changed")] if is_new else []
        case Resume(account_id):
            resumed = FetchingResumed(account_id=account_id)
            return [resumed] if isinstance(state, Suspended) else []
        case _:
            assert_never(command)


def evolve(state: Condition, event: Event) -> Condition:
    """Fold one fact; each says all there is to know."""
    match event:
        case FetchingFailed(reason=reason):
            return Failing(reason, event.since, event.tries, event.retry_at, event.account_version)
        case FetchingSuspended(reason=reason):
            return Suspended(reason, event.account_version)
        case FetchingResumed():
            return Untried()
        case FetchingRecovered():
            return Readable()
        case _:
            return state


def _failed(state: Condition, failure: NoteFailure) -> list[Event]:
    """What was set up otherwise begins anew; only its reason is known already."""
    before = state if isinstance(state, Failing) else Failing("")
    is_same = before.account_version == failure.account_version
    since = (before.since if is_same else None) or failure.at
    tries = _refused(before.tries if is_same else 0, failure.reason)
    told: dict[str, Any] = {
        "account_id": failure.account_id,
        "reason": failure.reason,
        "text": failure.text,
        "texts": dict(failure.texts),
        "since": since,
        "tries": tries,
        "account_version": failure.account_version,
    }
    if failure.is_whole and gives_up(failure.reason, tries, failure.at - since):
        return [FetchingSuspended(**told)]
    if is_same and before.reason == failure.reason != LOG_IN_REFUSED:
        return []
    return [FetchingFailed(**told, retry_at=failure.retry_at)]


def _refused(tries: int, reason: str) -> int:
    """Count refused log-ins without a success between them; who can look for folders is in."""
    if reason == LOG_IN_REFUSED:
        return tries + 1
    return 0 if reason == FOLDER_MISSING else tries


condition: Decider[Condition, Command, Event] = Decider(Untried(), decide, evolve)
