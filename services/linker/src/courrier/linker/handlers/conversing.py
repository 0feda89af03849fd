"""What people do with a conversation: status, assignee, tags, notes."""

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.conversations import AddNote, ArrangeConversation
from courrier.events.envelope import Context, NewEvent, readable
from courrier.events.families.conversation import ConversationEvent, NoteAdded
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.conversations import Arrange, Command, Write, conversations
from courrier.linker.ports import Clock

TRIES = 5
SOURCE = "/courrier/linker"


class Conversing:
    """Answers orders on conversations; the conversation's own history decides."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def arrange(self, order: ArrangeConversation) -> Answer:
        """Set what the order names of a conversation (see ``_carry_out``)."""
        wish = Arrange(
            order.thread_id,
            frozenset(order.given),
            order.status,
            order.assignee,
            tuple(dict.fromkeys(order.tags)),
        )
        return await self._carry_out(order, wish)

    async def add_note(self, order: AddNote) -> Answer:
        """Write a note (see ``_carry_out``)."""
        note = NoteAdded(
            thread_id=order.thread_id,
            note_id=order.note_id,
            author_id=order.author_id,
            text=order.text,
            mentions=tuple(dict.fromkeys(order.mentions)),
        )
        return await self._carry_out(order, Write(note))

    async def _carry_out(self, order: ArrangeConversation | AddNote, wish: Command) -> Answer:
        """Decide and append.

        Raises:
            Conflict: others kept writing to the conversation.
            StoreUnavailable: the log did not answer.
            UnreadableHistory: a newer Courrier has written about it.
        """
        try:
            subject = subjects.thread(order.thread_id)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/thread_id")
        cause = str(order.command_id)
        context = Context(SOURCE, order.actor, self._clock(), cause, cause)
        for _ in range(TRIES):
            history = await self._store.load(subject)
            if any(recorded.causation_id == cause for recorded in history):
                break
            facts = conversations.decide(conversations.fold(conversation_of(history)), wish)
            if not facts:
                break
            try:
                appended = await self._store.append(numbered(subject, facts, history, context))
            except Conflict:
                continue
            return Done(position=appended.position, id=order.thread_id)
        else:
            raise Conflict(f"{subject} changed {TRIES} times while it was being changed")
        position = f"EMAIL:{history[-1].sequence}" if history else None
        return Done(position=position, id=order.thread_id, created=False)


def conversation_of(history: History) -> list[ConversationEvent]:
    """Return a conversation's own facts.

    Raises:
        UnreadableHistory: one of them could not be decoded.
    """
    events: list[Event] = [readable(recorded.event) for recorded in history]
    return [event for event in events if isinstance(event, ConversationEvent)]


def numbered(
    subject: str, facts: list[ConversationEvent], history: History, context: Context
) -> list[NewEvent]:
    """Return facts to append behind a history, the first guarded by its end."""
    last = history[-1] if history else None
    version, sequence = (last.version, last.sequence) if last else (0, 0)
    return [
        NewEvent(
            subject,
            fact,
            derived_id(context.causation_id or "", subject, fact.TYPE),
            version + number,
            context,
            sequence if number == 1 else None,
        )
        for number, fact in enumerate(facts, start=1)
    ]
