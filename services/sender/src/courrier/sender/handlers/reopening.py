"""After the log came back from a copy, nothing that waits in it is sent by itself (I10).

The copy may be older than what was sent: a message that it shows as waiting may have left long
ago. All of them become uncertain before the first one is begun; then it is recorded that this was
done for this epoch of the log.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.outbound import OutboundReopened
from courrier.events.store import EventStore, History
from courrier.sender.domain.orders import Hold
from courrier.sender.handlers.appending import ACTOR, SOURCE
from courrier.sender.handlers.attempts import Attempts
from courrier.sender.handlers.patience import patiently
from courrier.sender.ports import Clock, Queue

FIRST_EPOCH = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reopening:
    """``epoch`` tells how often the log was brought back; 1 is the first log."""

    store: EventStore
    queue: Queue
    attempts: Attempts
    epoch: Callable[[], Awaitable[int]]
    clock: Clock

    async def hold_if_restored(self) -> None:
        """Hold all that waits if the log is another one than the last time.

        Call it with rows that have reached the end of the log, before anything is begun.
        """
        epoch = await patiently("delivery.epoch", self.epoch)
        history = await patiently(
            "delivery.reopened", lambda: self.store.load(subjects.outbound_queue())
        )
        last = history[-1].event if history else None
        known = last.epoch if isinstance(last, OutboundReopened) else FIRST_EPOCH
        if epoch > known:
            held = await self._hold_all()
            await patiently("delivery.reopen", lambda: self._note(history, epoch, held))
            log.warning("delivery.held_after_restore", epoch=epoch, messages=held)

    async def _hold_all(self) -> int:
        held, after = 0, ""
        while found := await patiently("delivery.waiting", lambda: self.queue.waiting(after)):  # noqa: B023
            for email_id in found:
                await self.attempts.order(email_id, Hold())
            held, after = held + len(found), found[-1]
        return held

    async def _note(self, history: History, epoch: int, held: int) -> None:
        subject = subjects.outbound_queue()
        last = history[-1] if history else None
        id_ = derived_id(subject, str(epoch))
        new = NewEvent(
            subject=subject,
            event=OutboundReopened(epoch=epoch, held=held),
            id=id_,
            version=(last.version if last else 0) + 1,
            context=Context(SOURCE, ACTOR, self.clock(), str(id_), str(id_)),
            expected=last.sequence if last else 0,
        )
        await self.store.append([new])
