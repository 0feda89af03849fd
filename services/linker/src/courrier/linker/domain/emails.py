"""Decide what becomes of one e-mail: imported once, then shared with each new holder.

A holder is named ``user:<id>`` or ``group:<id>``. What they do with their copy is decided in
``copies.py``; who gave it up stays a holder here, so that no further copy brings it back.
"""

from dataclasses import dataclass, replace

from courrier.events.decider import Decider
from courrier.events.families.email import (
    EmailErased,
    EmailEvent,
    EmailImported,
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
class Unknown:
    """No message of it has been met."""


@dataclass(frozen=True, slots=True)
class Erased:
    """All of it was erased; nothing can be said of it again."""


@dataclass(frozen=True, slots=True)
class Held:
    """It exists, and these hold it or have held it."""

    email_id: str
    holders: frozenset[str] = frozenset()


Email = Unknown | Erased | Held


def decide(state: Email, command: Take) -> list[EmailEvent]:
    """Return the new facts, or none when all of it is so already."""
    imported = command.imported
    if isinstance(state, Erased):
        return []
    if isinstance(state, Unknown):
        return [imported]
    new = tuple(each for each in imported.holdings if holder_key(each) not in state.holders)
    if not new:
        return []
    shared = EmailShared(
        email_id=state.email_id,
        source_id=imported.source_id,
        source_sequence=imported.source_sequence,
        holdings=new,
        group=imported.group,
    )
    return [shared]


def evolve(state: Email, event: EmailEvent) -> Email:
    """Fold one fact."""
    match event:
        case EmailErased():
            return Erased()
        case EmailImported():
            return _with(Held(event.email_id), event.holdings)
        case EmailShared() if isinstance(state, Held):
            return _with(state, event.holdings)
        case _:
            return state


def _with(state: Held, holdings: tuple[Holding, ...]) -> Held:
    return replace(state, holders=state.holders | set(map(holder_key, holdings)))


email: Decider[Email, Take, EmailEvent] = Decider(Unknown(), decide, evolve)
