"""People change their copies of e-mails, one or many: load, decide each, append all at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.conversations import RethreadEmails
from courrier.events.commands.linker import ChangeEmails, LinkEmails, UndoDecision
from courrier.events.envelope import Context, NewEvent, UnreadableHistory, readable
from courrier.events.families.email import EmailEvent
from courrier.events.families.email_state import decision_key
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.copies import NotInTrash, Wish, copies
from courrier.linker.domain.emails import NotAHolder
from courrier.linker.domain.hand_links import links
from courrier.linker.domain.rethreading import rethreading
from courrier.linker.domain.undoing import Scope, undo
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


Decide = Callable[[History, str], "Decided"]


@dataclass(frozen=True, slots=True)
class Decided:
    """The facts about one e-mail, and the words under which it is counted."""

    facts: Sequence[EmailEvent]
    counted: Sequence[str]


class Changing:
    """Answers orders on e-mails; each e-mail's own history decides."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def change(self, command: ChangeEmails) -> Answer:
        """Change a person's copies; nothing where all is so already (see ``carry_out``)."""
        wish = Wish(command.person_id, command.change, command.team_ids, command.reason)

        def decide(history: History, _: str) -> Decided:
            try:
                facts = copies.decide(copies.fold(facts_of(history)), wish)
            except NotAHolder:
                return Decided((), ["not-a-holder"])
            except NotInTrash:
                return Decided((), ["not-in-trash"])
            return Decided(facts, ["changed" if facts else "unchanged"])

        return await self.carry_out(command, decide)

    async def link(self, command: LinkEmails) -> Answer:
        """Link e-mails to a record by hand, or take a link away (see ``carry_out``)."""

        def decide(history: History, _: str) -> Decided:
            try:
                facts = links.decide(links.fold(facts_of(history)), command)
            except NotAHolder:
                return Decided((), ["not-a-holder"])
            return Decided(facts, ["changed" if facts else "unchanged"])

        return await self.carry_out(command, decide)

    async def rethread(self, command: RethreadEmails) -> Answer:
        """Put e-mails into another conversation (see ``carry_out``)."""

        def decide(history: History, email_id: str) -> Decided:
            one = command.model_copy(update={"email_ids": (email_id,)})
            try:
                facts = rethreading.decide(rethreading.fold(facts_of(history)), one)
            except NotAHolder:
                return Decided((), ["not-a-holder"])
            return Decided(facts, ["changed" if facts else "unchanged"])

        return await self.carry_out(command, decide)

    async def undo(self, command: UndoDecision) -> Answer:
        """Undo a decision on these e-mails (see ``carry_out``)."""
        scope, undone = Scope(command.person_id, command.common), decision_key(command.undone)

        def decide(history: History, email_id: str) -> Decided:
            found = undo(email_id, decided_facts(history), decision_id=undone, scope=scope)
            counted = ["undone"] if found.facts else []
            counted += ["changed-since"] if found.changed_since else []
            return Decided(found.facts, counted or ["unchanged"])

        return await self.carry_out(command, decide)

    async def carry_out(self, command: Order, decide: Decide) -> Answer:
        """Decide each e-mail of an order and append all of it at once.

        Raises:
            Conflict: others kept writing to these e-mails.
            StoreUnavailable: the log did not answer.
        """
        ids = tuple(dict.fromkeys(command.email_ids))  # one append guards an e-mail once
        for _ in range(TRIES):
            try:
                histories = await load_all(self._store, ids)
                outcome = Outcome()
                for email_id, history in zip(ids, histories, strict=True):
                    self._add(outcome, command, (email_id, history), decide)
                return await append_all(self._store, outcome, ids)
            except subjects.BadSubject as error:
                return Refused(reason="malformed", text=str(error), pointer="/email_ids")
            except Conflict:
                continue
        raise Conflict(f"e-mails changed {TRIES} times while they were being changed")

    def _add(
        self, outcome: Outcome, command: Order, about: tuple[str, History], decide: Decide
    ) -> None:
        email_id, history = about
        if is_honoured(command, history):
            decided = Decided((), ["unchanged"])
        else:
            try:
                decided = decide(history, email_id)
            except UnreadableHistory:
                decided = Decided((), ["unreadable"])
        for word in decided.counted:
            outcome.count(word)
        outcome.seen = max([outcome.seen, *(each.sequence for each in history[-1:])])
        outcome.events += new_events(command, email_id, history, decided.facts, self._clock)


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


def decided_facts(history: History) -> list[tuple[EmailEvent, str]]:
    """Return an e-mail's own facts, each with the decision it belongs to.

    Raises:
        UnreadableHistory: one of them could not be decoded.
    """
    found = []
    for recorded in history:
        event: Event = readable(recorded.event)
        if isinstance(event, EmailEvent):
            found.append((event, decision_key(recorded.correlation_id or recorded.id)))
    return found


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


async def append_all(store: EventStore, outcome: Outcome, ids: Sequence[str]) -> Answer:
    """Append what was decided, and answer; of a single e-mail a refusal is one of the order.

    Raises:
        Conflict: one of the e-mails has changed since.
    """
    if len(ids) == 1:
        for reason in outcome.counts.keys() & REFUSALS.keys():
            return Refused(reason=reason, text=REFUSALS[reason])
    position = f"EMAIL:{outcome.seen}" if outcome.seen else None
    if outcome.events:
        position = (await store.append(outcome.events)).position
    only = ids[0] if len(ids) == 1 else None
    changed = bool(outcome.events)
    return Done(position=position, id=only, created=changed, counts=outcome.counts)
