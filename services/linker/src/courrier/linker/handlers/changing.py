"""People change their copies of e-mails, one or many: load, decide each, append all at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.linker import ChangeEmails
from courrier.events.envelope import Context, NewEvent, UnreadableHistory, readable
from courrier.events.families.email import EmailEvent
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.copies import NotInTrash, Wish, copies
from courrier.linker.domain.emails import NotAHolder
from courrier.linker.ports import Clock

TRIES = 5
LOADS_AT_ONCE = 32
SOURCE = "/courrier/linker"

REFUSALS = {
    "not-a-holder": "You have no such e-mail: it is not, or no longer, among yours.",
    "not-in-trash": "It is not in your Trash: delete it once to move it there.",
    "unreadable": "A newer Courrier has written about this e-mail; update this one.",
}


class Order(Protocol):
    """What an order on e-mails has."""

    @property
    def command_id(self) -> UUID:
        """Names the order."""
        ...

    @property
    def decision_id(self) -> UUID | None:
        """Names the decision that the order carries out, where it is not its own."""
        ...

    @property
    def email_ids(self) -> tuple[str, ...]:
        """The e-mails, each once."""
        ...

    @property
    def actor(self) -> str:
        """Who gives it."""
        ...


@dataclass(slots=True)
class Outcome:
    """What an order leads to: facts to append, and of how many e-mails what became."""

    events: list[NewEvent] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seen: int = 0

    def count(self, what: str) -> None:
        """Note what became of one more e-mail."""
        self.counts[what] = self.counts.get(what, 0) + 1


class Changing:
    """Answers ``ChangeEmails``; any instance may, each e-mail's own history decides."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def answer(self, command: ChangeEmails) -> Answer:
        """Change a person's copies; nothing where all is so already.

        Raises:
            Conflict: others kept writing to these e-mails.
            StoreUnavailable: the log did not answer.
        """
        command = command.model_copy(update={"email_ids": once(command.email_ids)})
        for _ in range(TRIES):
            try:
                histories = await load_all(self._store, command.email_ids)
                outcome = self._decided(command, histories)
                return await append_all(self._store, outcome, command)
            except subjects.BadSubject as error:
                return Refused(reason="malformed", text=str(error), pointer="/email_ids")
            except Conflict:
                continue
        raise Conflict(f"e-mails changed {TRIES} times while they were being changed")

    def _decided(self, command: ChangeEmails, histories: Sequence[History]) -> Outcome:
        wish = Wish(command.person_id, command.change, command.team_ids, command.reason)
        outcome = Outcome()
        for email_id, history in zip(command.email_ids, histories, strict=True):
            if is_honoured(command, history):
                outcome.count("unchanged")
                outcome.seen = max(outcome.seen, history[-1].sequence)
                continue
            try:
                facts = copies.decide(copies.fold(facts_of(history)), wish)
            except NotAHolder:
                outcome.count("not-a-holder")
            except NotInTrash:
                outcome.count("not-in-trash")
            except UnreadableHistory:
                outcome.count("unreadable")
            else:
                outcome.count("changed" if facts else "unchanged")
                outcome.seen = max(outcome.seen, history[-1].sequence)
                outcome.events += new_events(command, email_id, history, facts, self._clock)
        return outcome


def once(email_ids: Sequence[str]) -> tuple[str, ...]:
    """Return each id once, in order: one append guards an e-mail once."""
    return tuple(dict.fromkeys(email_ids))


async def load_all(store: EventStore, email_ids: Sequence[str]) -> list[History]:
    """Return the histories of e-mails, in this order.

    Raises:
        BadSubject: an id is none.
    """
    room = asyncio.Semaphore(LOADS_AT_ONCE)
    wanted = [subjects.email(email_id) for email_id in email_ids]

    async def load(subject: str) -> History:
        async with room:
            return await store.load(subject)

    return list(await asyncio.gather(*map(load, wanted)))


def facts_of(history: History) -> list[EmailEvent]:
    """Return an e-mail's own facts.

    Raises:
        UnreadableHistory: one of them could not be decoded.
    """
    events: list[Event] = [readable(recorded.event) for recorded in history]
    return [event for event in events if isinstance(event, EmailEvent)]


def is_honoured(command: Order, history: History) -> bool:
    """Tell whether this order was carried out on an e-mail before."""
    return any(recorded.causation_id == str(command.command_id) for recorded in history)


def new_events(
    command: Order, email_id: str, history: History, facts: Sequence[EmailEvent], clock: Clock
) -> list[NewEvent]:
    """Return the facts of one e-mail, guarded by the last event that was seen."""
    cause = str(command.command_id)
    decision = str(command.decision_id or command.command_id)
    context = Context(SOURCE, command.actor, clock(), decision, cause)
    last = history[-1] if history else None
    version, sequence = (last.version, last.sequence) if last else (0, 0)
    return [
        NewEvent(
            subjects.email(email_id),
            fact,
            derived_id(cause, email_id, fact.TYPE, str(number)),
            version + number,
            context,
            sequence if number == 1 else None,
        )
        for number, fact in enumerate(facts, start=1)
    ]


async def append_all(store: EventStore, outcome: Outcome, command: Order) -> Answer:
    """Append what was decided, and answer; of a single e-mail a refusal is one of the order.

    Raises:
        Conflict: one of the e-mails has changed since.
    """
    if len(command.email_ids) == 1:
        for reason in outcome.counts.keys() & REFUSALS.keys():
            return Refused(reason=reason, text=REFUSALS[reason])
    position = f"EMAIL:{outcome.seen}" if outcome.seen else None
    if outcome.events:
        position = (await store.append(outcome.events)).position
    only = command.email_ids[0] if len(command.email_ids) == 1 else None
    changed = bool(outcome.events)
    return Done(position=position, id=only, created=changed, counts=outcome.counts)
