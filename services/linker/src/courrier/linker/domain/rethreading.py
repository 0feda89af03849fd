"""Conversations that people split or merge: an e-mail is where a person put it, whatever it names.

An e-mail's conversation follows from its own history: where it was when it came, then where people
put it. That another conversation became part of it is a fact about conversations.
"""

from dataclasses import dataclass, field

from courrier.events.base import Evidence
from courrier.events.commands.conversations import RethreadEmails
from courrier.events.decider import Decider
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email import EmailErased, EmailEvent, EmailImported
from courrier.linker.domain.emails import NotAHolder

SPLIT, MERGED = "split", "merged"


@dataclass(frozen=True, slots=True)
class Threaded:
    """The conversation of an e-mail; empty: there is no such e-mail.

    ``apart``: whoever put it there keeps it apart from where it was.
    """

    thread_id: str = ""
    apart: bool = field(default=False, compare=False)


def decide(state: Threaded, command: RethreadEmails) -> list[EmailEvent]:
    """Return that the e-mail is in the other conversation; nothing where it is there already.

    Raises:
        NotAHolder: there is no such e-mail.
    """
    if not state.thread_id:
        raise NotAHolder("there is no such e-mail")
    if state.thread_id == command.thread_id:
        return []
    rule = SPLIT if command.apart else MERGED
    return [
        EmailRethreaded(
            email_id=email_id,
            thread_id=command.thread_id,
            left=command.left,
            apart=command.apart,
            reason=Evidence(rule=rule, field="thread_id", value=command.left),
        )
        for email_id in command.email_ids[:1]
    ]


def evolve(state: Threaded, event: EmailEvent) -> Threaded:
    """Fold one fact."""
    match event:
        case EmailImported():
            return Threaded(event.thread_id)
        case EmailRethreaded():
            return Threaded(event.thread_id, event.apart)
        case EmailErased():
            return Threaded()
        case _:
            return state


def back(email_id: str, now: Threaded, then: Threaded, reason: Evidence) -> EmailRethreaded:
    """Return that an e-mail is where it was: what was split may be one again, and the other way."""
    return EmailRethreaded(
        email_id=email_id,
        thread_id=then.thread_id,
        left=now.thread_id,
        apart=not now.apart,
        reason=reason,
    )


rethreading: Decider[Threaded, RethreadEmails, EmailEvent] = Decider(Threaded(), decide, evolve)
