"""``CancelSending`` and ``SettleUncertain``: what people decide about a message that is ours.

Whether a message can still be taken back is decided against its start by the expected sequence:
one of the two is appended first, the other reads again and finds it.
"""

import structlog

from courrier.events import subjects
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.sender import CancelSending, SettleUncertain
from courrier.events.store import Conflict, EventStore
from courrier.sender.domain.delivery import delivery
from courrier.sender.domain.orders import Cancel, Command, NotCancellable, NotUncertain, Settle
from courrier.sender.handlers.appending import following
from courrier.sender.ports import Clock

TRIES = 5
REFUSALS = {
    "unknown": "There is no message of this id that was to be sent.",
    "being-sent": "It is being handed to the mail server just now: look again in a moment.",
    "already-left": "It has left already and cannot be taken back.",
    "uncertain": "It may have left already: decide what became of it.",
}
NOT_UNCERTAIN = "What became of this message is known: there is nothing to decide."

log = structlog.get_logger(__name__)


class Deciding:
    """Answers what people decide; a decision that stands already is confirmed."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def cancel(self, order: CancelSending) -> Answer:
        """Take a message back, or say why it cannot be.

        Raises:
            Conflict: others keep writing to the message.
            StoreUnavailable: repeat the order.
        """
        return await self._decided(order, Cancel())

    async def settle(self, order: SettleUncertain) -> Answer:
        """Carry out what somebody decides of an uncertain message.

        Raises:
            Conflict: others keep writing to the message.
            StoreUnavailable: repeat the order.
        """
        return await self._decided(order, Settle(order.decision, self._clock()))

    async def _decided(self, order: CancelSending | SettleUncertain, command: Command) -> Answer:
        try:
            subject = subjects.outbound(order.email_id)
        except subjects.BadSubject as error:
            return Refused(reason="malformed", text=str(error), pointer="/email_id")
        for _ in range(TRIES):
            try:
                return await self._once(subject, order, command)
            except NotCancellable as refusal:
                return Refused(reason=refusal.reason, text=REFUSALS[refusal.reason])
            except NotUncertain:
                return Refused(reason="not-uncertain", text=NOT_UNCERTAIN)
            except Conflict:
                continue
        raise Conflict(f"{subject} changed {TRIES} times while it was decided on")

    async def _once(
        self, subject: str, order: CancelSending | SettleUncertain, command: Command
    ) -> Answer:
        history = await self._store.load(subject)
        cause = str(order.command_id)
        earlier = next((r for r in history if r.causation_id == cause), None)
        if earlier is not None:
            position = f"{earlier.stream}:{earlier.sequence}"
            return Done(position=position, id=order.email_id, created=False)
        events = delivery.decide(delivery.fold(r.event for r in history), command)
        if not events:
            last = history[-1]
            position = f"{last.stream}:{last.sequence}"
            return Done(position=position, id=order.email_id, created=False)
        new = following(history, events, self._clock(), actor=order.actor, cause=cause)
        appended = await self._store.append(new)
        log.info("delivery.decided", email=order.email_id, outcome=events[-1].TYPE)
        return Done(position=appended.position, id=order.email_id)
