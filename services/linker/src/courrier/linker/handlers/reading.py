"""People's commands on their own state of an e-mail: read and unread."""

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.linker import MarkRead
from courrier.events.envelope import Context, NewEvent, readable
from courrier.events.families.email import EmailEvent
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.emails import Mark, NotAHolder, email
from courrier.linker.ports import Clock

TRIES = 5
SOURCE = "/courrier/linker"


class Reading:
    """Answers ``MarkRead``; any instance may, the e-mail's own history decides."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def mark_read(self, command: MarkRead) -> Done | Refused:
        """Record that a person has read an e-mail or wants it unread; nothing if it is so already.

        Raises:
            Conflict: others kept writing to the e-mail.
            StoreUnavailable: the log did not answer.
            UnreadableHistory: a newer Courrier has written about this e-mail.
        """
        try:
            subject = subjects.email(command.email_id)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/email_id")
        for _ in range(TRIES):
            try:
                return await self._mark(command, subject, await self._store.load(subject))
            except Conflict:
                continue
            except NotAHolder:
                text = "You have no such e-mail: it is not, or no longer, among yours."
                return Refused(reason="not-a-holder", text=text)
        raise Conflict(f"{subject} changed {TRIES} times while it was being marked")

    async def _mark(self, command: MarkRead, subject: str, history: History) -> Done:
        event_id = derived_id(str(command.command_id), "mark-read")
        events = [readable(recorded.event) for recorded in history]
        state = email.fold(event for event in events if isinstance(event, EmailEvent))
        facts = email.decide(state, Mark(command.person_id, command.read))
        if not facts or any(recorded.id == str(event_id) for recorded in history):
            return _nothing_new(command, history)
        cause = str(command.command_id)
        context = Context(SOURCE, command.actor, self._clock(), cause, cause)
        last = history[-1]
        new = NewEvent(subject, facts[0], event_id, last.version + 1, context, last.sequence)
        appended = await self._store.append([new])
        return Done(position=appended.position, id=command.email_id)


def _nothing_new(command: MarkRead, history: History) -> Done:
    last = history[-1]
    return Done(position=f"{last.stream}:{last.sequence}", id=command.email_id, created=False)
