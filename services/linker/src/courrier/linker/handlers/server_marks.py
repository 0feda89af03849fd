"""Take over what people do in their mailboxes with other programs.

Each mark is decided on the e-mail's own history; ids follow from the event and the message, so
that a batch that comes again adds nothing.
"""

from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.mailbox_state import FolderMarked, ServerMark
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore
from courrier.linker.domain.copies import copies
from courrier.linker.domain.emails import NotAHolder
from courrier.linker.domain.server_marks import is_meant, wish_of
from courrier.linker.handlers.changing import facts_of
from courrier.linker.ports import Clock

TRIES = 5
FACTS = 3
"""Facts of one mark at most: read, important, moved."""
ACTOR = "service:linker"
SOURCE = "/courrier/linker"


@dataclass(frozen=True, slots=True)
class Marked:
    """One mark, the event it is in, and the e-mail that it names."""

    recorded: Recorded[Event]
    event: FolderMarked
    mark: ServerMark
    email_id: str


class ServerMarks:
    """Turns ``FolderMarked`` into what its account's owner did."""

    def __init__(self, store: EventStore, *, identity: Identity, clock: Clock) -> None:
        self._store = store
        self._identity = identity
        self._clock = clock

    async def take(self, recorded: Recorded[Event], event: FolderMarked, person_id: str) -> None:
        """Take over an event's marks for one person; marks on what they do not hold mean nothing.

        Raises:
            Conflict: others kept writing to an e-mail; the event may come again.
            StoreUnavailable: the log did not answer.
        """
        for mark in event.changes:
            if mark.email_id is not None:
                await self._take(Marked(recorded, event, mark, mark.email_id), person_id)

    async def _take(self, marked: Marked, person_id: str) -> None:
        for _ in range(TRIES):
            events = await self._decided(marked, person_id)
            if not events:
                return
            try:
                await self._store.append(events)
            except Conflict:
                continue
            return
        raise Conflict(f"e-mail {marked.email_id} changed {TRIES} times while it was being marked")

    async def _decided(self, marked: Marked, person_id: str) -> list[NewEvent]:
        recorded, mark = marked.recorded, marked.mark
        subject = subjects.email(marked.email_id)
        history = await self._store.load(subject)
        facts = facts_of(history)
        ids = [derived_id(recorded.id, str(mark.uid), str(number)) for number in range(FACTS)]
        honoured = any(one.id == str(ids[0]) for one in history)
        if honoured or not is_meant(mark, facts, self._identity):
            return []
        state = copies.fold(facts)
        wish = wish_of(marked.event, mark, person_id=person_id, copies=state, facts=facts)
        try:
            wanted = copies.decide(state, wish)
        except NotAHolder:
            return []
        context = Context(SOURCE, ACTOR, self._clock(), recorded.id, recorded.id)
        last = history[-1]
        return [
            NewEvent(
                subject,
                fact,
                ids[number],
                last.version + number + 1,
                context,
                None if number else last.sequence,
            )
            for number, fact in enumerate(wanted)
        ]
