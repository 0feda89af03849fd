"""Decide what one person does with their copy of an e-mail; the others' copies are their own.

A copy is read or not, important or not, and in one place. Who holds an e-mail through a team gets
a copy of their own with the first thing they do with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from courrier.events.base import Evidence
from courrier.events.commands.linker import StateChange
from courrier.events.decider import Decider
from courrier.events.families.email import (
    EmailErased,
    EmailEvent,
    EmailImported,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
    Holding,
)
from courrier.events.families.email_state import (
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    ReminderCleared,
    ReminderFired,
    ReminderSet,
    StateEvent,
)
from courrier.linker.domain.emails import NotAHolder
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.places import NOWHERE, SNOOZED, TRASH, Moved, Place, Whose, after, move


class NotInTrash(Exception):
    """Only what is in the Trash is given up: deleting once moves it there."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What one person has."""

    place: Place
    is_read: bool = False
    is_important: bool = False
    remind_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Copies:
    """Whose copies of an e-mail there are, by ``user:<id>`` or ``group:<id>``."""

    email_id: str = ""
    held: Mapping[str, Copy] = field(default_factory=dict)

    def of(self, person_id: str, team_ids: tuple[str, ...] = ()) -> Copy | None:
        """Return a person's copy, that of their first team that has one, or None."""
        keys = (person_key(person_id), *(f"group:{team_id}" for team_id in team_ids))
        found = next((self.held[key] for key in keys if key in self.held), None)
        return None if found is None or found.place.folder == NOWHERE else found


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of their copy, and why where it is not by hand."""

    person_id: str
    change: StateChange
    team_ids: tuple[str, ...] = ()
    reason: Evidence | None = None


def decide(state: Copies, wish: Wish) -> list[EmailEvent]:
    """Return the new facts, or none when all of it is so already.

    Raises:
        NotAHolder: the person has no such e-mail.
        NotInTrash: it is to be given up and is not in the person's Trash.
    """
    copy = state.of(wish.person_id, wish.team_ids)
    if copy is None:
        raise NotAHolder(f"{wish.person_id} holds no such e-mail")
    whose = Whose(state.email_id, wish.person_id, wish.reason)
    change = wish.change
    return [
        *_marks(whose, copy, change),
        *_moves(whose, copy, change),
        *_reminds(whose, copy, change),
    ]


def evolve(state: Copies, event: EmailEvent) -> Copies:  # noqa: PLR0911  one a kind
    """Fold one fact."""
    match event:
        case EmailErased():
            return Copies(state.email_id)
        case EmailImported() | EmailShared():
            return _with(replace(state, email_id=event.email_id), event.holdings)
        case EmailMarkedRead() | EmailMarkedUnread():
            is_read = isinstance(event, EmailMarkedRead)
            return _changed(state, event.person_id, is_read=is_read)
        case EmailMarkedImportant() | EmailMarkedUnimportant():
            is_important = isinstance(event, EmailMarkedImportant)
            return _changed(state, event.person_id, is_important=is_important)
        case ReminderSet() | ReminderCleared() | ReminderFired():
            return _reminding(state, event)
        case _ if isinstance(event, Moved):
            now = _copy_for(state, event.person_id)
            return _changed(state, event.person_id, place=after(now.place if now else None, event))
        case _:
            return state


def marked_read(whose: Whose, *, is_read: bool) -> EmailMarkedRead | EmailMarkedUnread:
    """Return the fact that a copy is read, or unread."""
    kind = EmailMarkedRead if is_read else EmailMarkedUnread
    return kind(email_id=whose.email_id, person_id=whose.person_id, reason=whose.reason)


def marked_important(whose: Whose, *, is_important: bool) -> StateEvent:
    """Return the fact that a copy is important, or is not."""
    kind = EmailMarkedImportant if is_important else EmailMarkedUnimportant
    return kind(email_id=whose.email_id, person_id=whose.person_id, reason=whose.reason)


def person_key(person_id: str) -> str:
    """Return the key of a person among the holders."""
    return f"user:{person_id}"


def _marks(whose: Whose, copy: Copy, change: StateChange) -> list[EmailEvent]:
    facts: list[EmailEvent] = []
    if change.is_read not in {None, copy.is_read}:
        facts.append(marked_read(whose, is_read=bool(change.is_read)))
    if change.is_important not in {None, copy.is_important}:
        facts.append(marked_important(whose, is_important=bool(change.is_important)))
    return facts


def _moves(whose: Whose, copy: Copy, change: StateChange) -> list[StateEvent]:
    if change.give_up:
        if copy.place.folder != TRASH:
            raise NotInTrash("it is not in the Trash")
        return move(whose, copy.place, Place(NOWHERE))
    if change.snooze is not None:
        wish = Place(SNOOZED, None, change.snooze.until, change.snooze.until_answer)
        return move(whose, copy.place, wish)
    return move(whose, copy.place, Place(change.folder)) if change.folder else []


def _reminds(whose: Whose, copy: Copy, change: StateChange) -> list[StateEvent]:
    named = {"email_id": whose.email_id, "person_id": whose.person_id, "reason": whose.reason}
    if change.remind_at not in {None, copy.remind_at}:
        return [ReminderSet.model_validate(named | {"at": change.remind_at})]
    if change.forget_reminder and copy.remind_at is not None:
        return [ReminderCleared.model_validate(named)]
    return []


def _with(state: Copies, holdings: tuple[Holding, ...]) -> Copies:
    """Add copies; who has one already, or gave it up, is not given another."""
    new = {
        holder_key(each): Copy(Place(each.folder), each.is_read, each.is_important)
        for each in holdings
    }
    return replace(state, held=new | dict(state.held))


def _changed(
    state: Copies,
    person_id: str,
    *,
    is_read: bool | None = None,
    is_important: bool | None = None,
    place: Place | None = None,
) -> Copies:
    copy = _copy_for(state, person_id)
    if copy is None:
        return state
    changed = Copy(
        copy.place if place is None else place,
        copy.is_read if is_read is None else is_read,
        copy.is_important if is_important is None else is_important,
        copy.remind_at,
    )
    return replace(state, held=dict(state.held) | {person_key(person_id): changed})


def _reminding(state: Copies, event: ReminderSet | ReminderCleared | ReminderFired) -> Copies:
    copy = _copy_for(state, event.person_id)
    if copy is None:
        return state
    changed = replace(copy, remind_at=event.at if isinstance(event, ReminderSet) else None)
    return replace(state, held=dict(state.held) | {person_key(event.person_id): changed})


def _copy_for(state: Copies, person_id: str) -> Copy | None:
    """Return what a person's fact changes: their own copy, or what they see of their team's."""
    groups = sorted(key for key in state.held if key.startswith("group:"))
    found = (person_key(person_id), *groups)
    return next((state.held[key] for key in found if key in state.held), None)


copies: Decider[Copies, Wish, EmailEvent] = Decider(Copies(), decide, evolve)
