"""What is due: copies are woken, reminders fired or cleared, conversations opened, the unheld go.

Each tick asks what is due and decides from the history: what is over already needs no fact, so
that a tick that comes late, or twice, does everything once (I10).
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import Evidence, derived_id
from courrier.events.commands.erasing import EraseEmail
from courrier.events.envelope import Context, NewEvent, UnreadableHistory
from courrier.events.families.email import EmailEvent
from courrier.events.families.email_state import ReminderCleared, ReminderFired
from courrier.events.store import Conflict, EventStore
from courrier.linker.domain.conversations import Answered, conversations
from courrier.linker.domain.copies import copies
from courrier.linker.domain.places import INBOX, SNOOZED, Place, Whose, move
from courrier.linker.handlers.changing import facts_of
from courrier.linker.handlers.conversing import conversation_of, numbered
from courrier.linker.handlers.leaving import Leaving
from courrier.linker.ports import Clock

TICK_S = 1.0
AT_ONCE = 100
ACTOR = "service:linker"
SOURCE = "/courrier/linker"


class DueItem(Protocol):
    """What is due for a person, and why."""

    @property
    def email_id(self) -> str:
        """The e-mail."""
        ...

    @property
    def person_id(self) -> str:
        """Whose copy."""
        ...

    @property
    def kind(self) -> str:
        """``snooze`` or ``reminder``."""
        ...

    @property
    def why(self) -> str:
        """``due`` or ``answered``."""
        ...

    @property
    def answer(self) -> str | None:
        """The e-mail that answered."""
        ...


class Agenda(Protocol):
    """What is due now."""

    async def due(self, now: datetime, limit: int) -> Sequence[DueItem]:
        """Return copies to be woken, and reminders to be fired or cleared."""
        ...

    async def opened(self, limit: int) -> list[tuple[str, str]]:
        """Return conversations that were answered since they rest, and the answer."""
        ...

    async def is_absent(self, user_id: str) -> bool:
        """Tell whether somebody who has conversations is not here any more."""
        ...

    async def unheld(self, now: datetime, limit: int) -> list[str]:
        """Return e-mails that nobody has held for long enough."""
        ...


class Waking:
    """Ticks, on one instance at a time; a conflict is left to the next tick."""

    def __init__(self, store: EventStore, agenda: Agenda, leaving: Leaving, clock: Clock) -> None:
        self._store = store
        self._agenda = agenda
        self._leaving = leaving
        self._clock = clock

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK_S)

    async def tick(self) -> None:
        """Do what is due now.

        Raises:
            StoreUnavailable: the log did not answer.
        """
        now = self._clock()
        for item in await self._agenda.due(now, AT_ONCE):
            await self._once(self._wake(item, now))
        for thread_id, answer in await self._agenda.opened(AT_ONCE):
            await self._once(self._open(thread_id, answer, now))
        for email_id in await self._agenda.unheld(now, AT_ONCE):
            command_id = derived_id("unheld", email_id)
            order = EraseEmail(command_id=command_id, email_id=email_id, actor=ACTOR)
            await self._once(self._erase(order))

    async def _once(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (Conflict, UnreadableHistory):
            return  # the next tick sees what was written; what is unreadable waits for an update

    async def _wake(self, item: DueItem, now: datetime) -> None:
        subject = subjects.email(item.email_id)
        history = await self._store.load(subject)
        field = "email_id" if item.answer else None
        reason = Evidence(rule=item.why, field=field, value=item.answer)
        whose = Whose(item.email_id, item.person_id, reason)
        facts: list[EmailEvent] = []
        copy = copies.fold(facts_of(history)).of(item.person_id)
        if item.kind == "reminder" and copy is not None and copy.remind_at is not None:
            kind = ReminderFired if item.why == "due" else ReminderCleared
            facts = [kind(email_id=item.email_id, person_id=item.person_id, reason=reason)]
        if item.kind == "snooze" and copy is not None and copy.place.folder == SNOOZED:
            facts = list(move(whose, copy.place, Place(copy.place.before or INBOX)))
        if not facts or not history:
            return
        last = history[-1]
        event_id = derived_id(item.kind, subject, item.person_id, str(last.sequence))
        context = Context(SOURCE, ACTOR, now, str(event_id), str(event_id))
        new = NewEvent(subject, facts[0], event_id, last.version + 1, context, last.sequence)
        await self._store.append([new])

    async def _open(self, thread_id: str, answer: str, now: datetime) -> None:
        subject = subjects.thread(thread_id)
        history = await self._store.load(subject)
        state = conversations.fold(conversation_of(history))
        is_absent = bool(state.assignee) and await self._agenda.is_absent(state.assignee or "")
        facts = conversations.decide(state, Answered(thread_id, answer, is_absent))
        if facts:
            cause: UUID = derived_id("answered", thread_id, answer, str(history[-1].sequence))
            context = Context(SOURCE, ACTOR, now, str(cause), str(cause))
            await self._store.append(numbered(subject, facts, history, context))

    async def _erase(self, order: EraseEmail) -> None:
        await self._leaving.answer(order)
