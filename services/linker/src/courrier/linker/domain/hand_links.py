"""Links that people set by hand: they win over every rule, and stay."""

from dataclasses import dataclass

from courrier.events.base import Evidence, RecordRef
from courrier.events.commands.linker import LinkEmails
from courrier.events.decider import Decider
from courrier.events.families.email import EmailErased, EmailEvent, EmailImported, EmailLinked, Link
from courrier.linker.domain.emails import NotAHolder
from courrier.linker.domain.healing import linked

GIVE_WAY_TO_CASES = frozenset({"account", "contact", "lead"})
"""A case is what an e-mail is about; these are whom it is from."""


@dataclass(frozen=True, slots=True)
class Links:
    """What an e-mail is linked to, and by whom (see ``EmailLinked.by``); None: no such e-mail."""

    email_id: str | None = None
    links: tuple[Link, ...] = ()
    by: str = "machine"


def decide(state: Links, command: LinkEmails) -> list[EmailEvent]:
    """Return the links as the person wants them; nothing where they are so, and theirs, already.

    Raises:
        NotAHolder: there is no such e-mail.
    """
    if state.email_id is None:
        raise NotAHolder("there is no such e-mail")
    because = Evidence(rule="by-hand", field=command.record.type, value=command.record.id)
    wanted = _with(state.links, command, because) if command.linked else _without(state, command)
    if linked(wanted) == linked(state.links) and state.by != "machine":
        return []
    return [EmailLinked(email_id=state.email_id, links=wanted, by="person", because=because)]


def evolve(state: Links, event: EmailEvent) -> Links:
    """Fold one fact."""
    match event:
        case EmailImported():
            return Links(event.email_id, event.links)
        case EmailLinked():
            return Links(event.email_id, event.links, event.by)
        case EmailErased():
            return Links()
        case _:
            return state


def _with(links: tuple[Link, ...], command: LinkEmails, because: Evidence) -> tuple[Link, ...]:
    others = [link for link in links if link.record != command.record]
    there = next((link for link in links if link.record == command.record), None)
    parent = next((link.record for link in others if link.parent), None)
    first = _is_first(command, parent) or (there is not None and there.parent)
    if first:
        others = [link.model_copy(update={"parent": False}) for link in others]
    reason = there.reason if there and there.parent == first else because
    mine = Link(record=command.record, parent=first, reason=reason)
    return (mine, *others) if first else (*others, mine)


def _is_first(command: LinkEmails, parent: RecordRef | None) -> bool:
    if command.parent != "if-free":
        return command.parent == "always"
    gives_way = command.record.type == "case" and parent and parent.type in GIVE_WAY_TO_CASES
    return parent is None or bool(gives_way)


def _without(state: Links, command: LinkEmails) -> tuple[Link, ...]:
    return tuple(link for link in state.links if link.record != command.record)


links: Decider[Links, LinkEmails, EmailEvent] = Decider(Links(), decide, evolve)
