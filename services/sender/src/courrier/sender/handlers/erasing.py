"""Answer ``erase-outbound``: the message's subject keeps the fact that it was erased, only that.

A message in a dialogue with a server is not erased: what the server says would be lost, and with
it whether the message was sent.
"""

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.erasing import EraseOutbound
from courrier.events.envelope import Context, NewEvent
from courrier.events.eraser import Eraser, erase_before
from courrier.events.families.outbound import OutboundErased
from courrier.events.store import Conflict, EventStore, History
from courrier.sender.domain.delivery import delivery
from courrier.sender.domain.states import Sending
from courrier.sender.ports import Clock

SOURCE = "/courrier/sender"
TRIES = 5


class Erasing:
    """Erases outgoing messages; repeating an order goes on where it was left."""

    def __init__(self, store: EventStore, eraser: Eraser, clock: Clock) -> None:
        self._store = store
        self._eraser = eraser
        self._clock = clock

    async def answer(self, command: EraseOutbound) -> Answer:
        """Erase a message, or say that it is being sent.

        Raises:
            Conflict: others keep writing to the message.
            StoreUnavailable: it may be half done; repeat it.
        """
        try:
            subject = subjects.outbound(command.email_id)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/email_id")
        for _ in range(TRIES):
            history = await self._store.load(subject)
            if isinstance(delivery.fold(recorded.event for recorded in history), Sending):
                text = "The message is being handed to a mail server just now: try again soon."
                return Refused(reason="being-sent", text=text)
            try:
                position = await self._erase(command, subject, history)
                await self._erase_draft(command)
            except Conflict:
                continue
            return Done(position=position, id=command.email_id)
        raise Conflict(f"{subject} changed {TRIES} times while it was being erased")

    async def _erase_draft(self, command: EraseOutbound) -> None:
        """Erase what was written before it was sent, or instead."""
        subject = subjects.draft(command.email_id)
        if history := await self._store.load(subject):
            await self._erase(command, subject, history)

    async def _erase(self, command: EraseOutbound, subject: str, history: History) -> str | None:
        tombstone = self._tombstone(command, subject, history)
        return await erase_before(self._store, self._eraser, tombstone, history)

    def _tombstone(self, command: EraseOutbound, subject: str, history: History) -> NewEvent:
        cause = str(command.command_id)
        last = history[-1] if history else None
        sequence = last.sequence if last else 0
        return NewEvent(
            subject,
            OutboundErased(email_id=command.email_id),
            derived_id("outbound-erased", subject, str(sequence)),
            (last.version if last else 0) + 1,
            Context(SOURCE, command.actor, self._clock(), cause, cause),
            sequence,
        )
