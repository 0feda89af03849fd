"""Accounts whose servers ask to be left alone: one fact when they do, one when it is over.

``outbound.<p>.<account>.state``. Several dialogues of one account may be told the same at once;
whoever appends second has nothing to add.
"""

from datetime import datetime

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.outbound import RecipientOutcome, SendingHeldBack, SendingResumed
from courrier.events.store import Conflict, EventStore, History
from courrier.sender.domain.throttling import hold_until
from courrier.sender.handlers.appending import ACTOR, SOURCE
from courrier.sender.handlers.gauges import HELD_BACK
from courrier.sender.ports import Clock

log = structlog.get_logger(__name__)


class Resting:
    """Holds accounts back and lets them go on."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def until(self, account_id: str) -> datetime:
        """Return until when the account rests now that its server has asked for it."""
        last = await self._last(account_id)
        if isinstance(last, SendingHeldBack) and last.until > self._clock():
            return last.until
        return hold_until(self._clock(), _times(last) + 1)

    async def hold(self, account_id: str, until: datetime, answer: RecipientOutcome) -> None:
        """Record it, unless the account rests already."""
        history = await self._store.load(subjects.sending_state(account_id))
        last = history[-1].event if history else None
        if isinstance(last, SendingHeldBack) and last.until > self._clock():
            return
        text = answer.text if answer.code is None else f"{answer.code} {answer.text}"
        held = SendingHeldBack(
            account_id=account_id, until=until, times=_times(last) + 1, text=text
        )
        if await self._append(account_id, history, held):
            HELD_BACK.inc()
            log.warning("sending.held_back", account=account_id, times=held.times, answer=text)

    async def resume(self, account_id: str) -> None:
        """Record that the server takes messages again, if it was said that it does not."""
        history = await self._store.load(subjects.sending_state(account_id))
        if history and isinstance(history[-1].event, SendingHeldBack):
            resumed = SendingResumed(account_id=account_id)
            if await self._append(account_id, history, resumed):
                log.info("sending.resumed", account=account_id)

    async def _last(self, account_id: str) -> Event | None:
        history = await self._store.load(subjects.sending_state(account_id))
        return history[-1].event if history else None

    async def _append(self, account_id: str, history: History, event: Event) -> bool:
        subject = subjects.sending_state(account_id)
        last = history[-1] if history else None
        id_ = derived_id(subject, str(last.sequence if last else 0), event.TYPE)
        new = NewEvent(
            subject=subject,
            event=event,
            id=id_,
            version=(last.version if last else 0) + 1,
            context=Context(SOURCE, ACTOR, self._clock(), str(id_), str(id_)),
            expected=last.sequence if last else 0,
        )
        try:
            await self._store.append([new])
        except Conflict:
            return False
        return True


def _times(last: Event | None) -> int:
    return last.times if isinstance(last, SendingHeldBack) else 0
