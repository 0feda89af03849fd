"""Decide what becomes of one e-mail: imported once, shared with each new holder, read by persons.

A holder is named ``user:<id>`` or ``group:<id>``. What one holder does changes nothing for another.
"""

from dataclasses import dataclass, replace
from typing import assert_never

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
from courrier.linker.domain.filing import holder_key


class NotAHolder(Exception):
    """A person has no such e-mail, or there is none: the same answer, so that nothing is told."""


@dataclass(frozen=True, slots=True)
class Take:
    """A message was decided to be this e-mail; ``imported`` is what it says if it is the first."""

    imported: EmailImported


@dataclass(frozen=True, slots=True)
class Mark:
    """A person has read the e-mail, or wants it unread."""

    person_id: str
    read: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """No message of it has been met."""


@dataclass(frozen=True, slots=True)
class Erased:
    """All of it was erased; nothing can be said of it again."""


@dataclass(frozen=True, slots=True)
class Held:
    """It exists; ``read_by`` are those of the holders for whom it is read."""

    email_id: str
    holders: frozenset[str] = frozenset()
    read_by: frozenset[str] = frozenset()


Email = Unknown | Erased | Held
Command = Take | Mark


def decide(state: Email, command: Command) -> list[EmailEvent]:
    """Return the new facts, or none when all of it is so already.

    Raises:
        NotAHolder: a person marks an e-mail that is not theirs.
    """
    match command:
        case Take(imported):
            return _take(state, imported)
        case Mark(person_id, read):
            return _mark(state, person_id, read=read)
        case _:
            assert_never(command)


def evolve(state: Email, event: EmailEvent) -> Email:
    """Fold one fact."""
    match event:
        case EmailErased():
            return Erased()
        case EmailImported():
            return _with(Held(event.email_id), event.holdings)
        case EmailShared() if isinstance(state, Held):
            return _with(state, event.holdings)
        case EmailMarkedRead() if isinstance(state, Held):
            return replace(state, read_by=state.read_by | {_person(event.person_id)})
        case EmailMarkedUnread() if isinstance(state, Held):
            return replace(state, read_by=state.read_by - {_person(event.person_id)})
        case _:
            return state


def _take(state: Email, imported: EmailImported) -> list[EmailEvent]:
    if isinstance(state, Erased):
        return []
    if isinstance(state, Unknown):
        return [imported]
    new = tuple(each for each in imported.holdings if holder_key(each) not in state.holders)
    if not new:
        return []
    shared = EmailShared(email_id=state.email_id, source_id=imported.source_id, holdings=new)
    return [shared]


def _mark(state: Email, person_id: str, *, read: bool) -> list[EmailEvent]:
    person = _person(person_id)
    if not isinstance(state, Held) or person not in state.holders:
        raise NotAHolder(f"{person_id} holds no such e-mail")
    if (person in state.read_by) == read:
        return []
    marked = EmailMarkedRead if read else EmailMarkedUnread
    return [marked(email_id=state.email_id, person_id=person_id)]


def _with(state: Held, holdings: tuple[Holding, ...]) -> Held:
    read = {holder_key(each) for each in holdings if each.is_read}
    return replace(
        state,
        holders=state.holders | {holder_key(each) for each in holdings},
        read_by=state.read_by | read,
    )


def _person(person_id: str) -> str:
    return f"user:{person_id}"


email: Decider[Email, Command, EmailEvent] = Decider(Unknown(), decide, evolve)
