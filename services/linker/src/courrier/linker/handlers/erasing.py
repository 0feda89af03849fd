"""Answer ``erase-email``: the subject keeps the fact that it was erased, and nothing else."""

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.erasing import EraseEmail
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.eraser import Eraser, erase_before
from courrier.events.families.email import EmailErased
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.erasing import erased, places_of
from courrier.linker.ports import Clock

TRIES = 5
SOURCE = "/courrier/linker"


class Erasing:
    """Erases e-mails; any instance may, and repeating an order goes on where it was left."""

    def __init__(
        self, store: EventStore, eraser: Eraser, *, identity: Identity, clock: Clock
    ) -> None:
        self._store = store
        self._eraser = eraser
        self.identity = identity
        self._clock = clock

    async def answer(self, command: EraseEmail) -> Answer:
        """Erase an e-mail; one that was never seen is kept from coming under this id.

        Raises:
            Conflict: others keep writing to the e-mail.
            StoreUnavailable: it may be half done; repeat it.
        """
        try:
            subject = subjects.email(command.email_id)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/email_id")
        for _ in range(TRIES):
            history = await self._store.load(subject)
            fact = erased(command.email_id, history, self.identity)
            if not fact.sequences:
                fact = fact.model_copy(update={"sequences": places_of(history)})
            tombstone = self._tombstone(command, subject, history, fact)
            try:
                position = await erase_before(self._store, self._eraser, tombstone, history)
            except Conflict:
                continue
            await self._forget_permission(command.email_id)
            return Done(position=position, id=fact.message_key)
        raise Conflict(f"{subject} changed {TRIES} times while it was being erased")

    async def _forget_permission(self, email_id: str) -> None:
        """Erase who was to be answered; nobody permits it again, since the e-mail is erased."""
        permitted = await self._store.load(subjects.auto_reply(email_id))
        await self._eraser.erase("EMAIL", [recorded.sequence for recorded in permitted])

    def _tombstone(
        self, command: EraseEmail, subject: str, history: History, fact: EmailErased
    ) -> NewEvent:
        cause = str(command.command_id)
        context = Context(SOURCE, command.actor, self._clock(), cause, cause)
        last: Recorded[Event] | None = history[-1] if history else None
        version, sequence = (last.version, last.sequence) if last else (0, 0)
        event_id = derived_id("email-erased", command.email_id, str(sequence))
        return NewEvent(subject, fact, event_id, version + 1, context, sequence)
