"""Where one person has their copy of an e-mail, and the fact that moves it from here to there."""

from dataclasses import dataclass
from datetime import datetime

from courrier.events.base import Evidence
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
    StateEvent,
)

INBOX = "inbox"
ARCHIVE = "archive"
TRASH = "trash"
SNOOZED = "snoozed"
NOWHERE = ""
"""The place of a copy that was given up."""
MADE_FOR_ALL = frozenset({INBOX, "sent", ARCHIVE, TRASH, "junk", SNOOZED, NOWHERE})
"""Everybody has these; any other folder is one that somebody made."""

PUT_AWAY = frozenset({ARCHIVE, TRASH, NOWHERE})
"""From here a copy is brought back, not moved."""

Moved = (
    EmailFiled
    | EmailArchived
    | EmailTrashed
    | EmailRestored
    | EmailGivenUp
    | EmailSnoozed
    | EmailWoken
)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder; ``before`` is where it was when it was put away or snoozed.

    ``until`` and ``until_answer`` say what ends a snooze.
    """

    folder: str
    before: str | None = None
    until: datetime | None = None
    until_answer: bool = False


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose copy of which e-mail a fact is about, and why."""

    email_id: str
    person_id: str
    reason: Evidence | None = None


def move(whose: Whose, now: Place, then: Place) -> list[StateEvent]:
    """Return the fact that moves a copy, or none where it is there already."""
    if _same(now, then):
        return []
    kind, wish = _step(now, then)
    named = {"email_id": whose.email_id, "person_id": whose.person_id, "reason": whose.reason}
    return [kind.model_validate(named | wish)]


def _step(now: Place, then: Place) -> tuple[type[Moved], dict[str, object]]:
    """Return what happens, and with what."""
    into: dict[str, object] = {"folder": then.folder}
    if then.folder == SNOOZED:
        return EmailSnoozed, {"until": then.until, "until_answer": then.until_answer}
    if then.folder == NOWHERE:
        return EmailGivenUp, {}
    if now.folder == NOWHERE or (now.folder in PUT_AWAY and then.folder not in PUT_AWAY):
        return EmailRestored, into
    if then.folder in PUT_AWAY:
        return (EmailTrashed if then.folder == TRASH else EmailArchived), {}
    return (EmailWoken if now.folder == SNOOZED else EmailFiled), into


def after(now: Place | None, fact: Moved) -> Place:
    """Return where the copy is after a fact."""
    match fact:
        case EmailArchived():
            return Place(ARCHIVE, _left(now))
        case EmailTrashed():
            return Place(TRASH, _left(now))
        case EmailGivenUp():
            return Place(NOWHERE, _left(now))
        case EmailSnoozed(until=until, until_answer=until_answer):
            return Place(SNOOZED, _left(now), until, until_answer)
        case _:
            return Place(fact.folder)


def _left(now: Place | None) -> str | None:
    """Return where it was while it was in sight: what is put away twice comes back to there."""
    if now is None:
        return None
    return now.before if now.before is not None else now.folder


def _same(now: Place, then: Place) -> bool:
    if then.folder == SNOOZED:
        wish = (then.until, then.until_answer)
        return now.folder == SNOOZED and (now.until, now.until_answer) == wish
    return now.folder == then.folder
