"""One attempt to deliver one message: the intent on the log, the dialogue, the answer on the log.

Whoever appends ``DeliveryStarted`` under the expected sequence has the attempt; a ``Conflict``
means that somebody else has it. What the dialogue came to is known in this process only, so it is
recorded however long the broker is away.
"""

from dataclasses import dataclass
from uuid import uuid4

import structlog

from courrier.events import subjects
from courrier.events.store import Conflict, EventStore, History
from courrier.sender.domain.answers import Answer, Answered, Unreached
from courrier.sender.domain.delivery import delivery
from courrier.sender.domain.orders import Command, Doubt, GiveUp, Record, Start
from courrier.sender.domain.retrying import USUAL, Schedule
from courrier.sender.domain.states import Queued
from courrier.sender.domain.throttling import throttled
from courrier.sender.domain.turns import Due
from courrier.sender.handlers.appending import as_recorded, following
from courrier.sender.handlers.gauges import DIALOGUE_S, SETTLED
from courrier.sender.handlers.letters import CannotSend, Letters, NotNow
from courrier.sender.handlers.patience import patiently
from courrier.sender.handlers.resting import Resting
from courrier.sender.ports import Clock, Letter, Post

TRIES = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where an attempt finds what it needs, and how it speaks to the world."""

    store: EventStore
    letters: Letters
    post: Post
    schedule: Schedule = USUAL


@dataclass(frozen=True, slots=True)
class _Ours:
    """An attempt that the log gave to us, or why nothing can come of it."""

    letter: Letter | NotNow
    attempt: int
    history: History


class Attempts:
    """Attempts of one process; ``run`` tells its starts from those of any other process."""

    def __init__(self, sources: Sources, clock: Clock, run: str | None = None) -> None:
        self._from = sources
        self._clock = clock
        self._run = run or uuid4().hex
        self._resting = Resting(sources.store, clock)

    async def attempt(self, due: Due) -> int:
        """Try to deliver the message if its time has come and nobody else does.

        Returns the sequence of its last event that is known here.
        """
        ours = await patiently("delivery.start", lambda: self._start(due.email_id))
        if isinstance(ours, int):
            return ours
        log.debug("delivery.started", email=due.email_id, attempt=ours.attempt)
        with DIALOGUE_S.time():
            answer = await self._said(ours.letter)
        return await patiently("delivery.record", lambda: self._record(due, ours, answer))

    async def doubt(self, email_id: str) -> int:
        """Record that nobody knows what became of the attempt under way, if one is."""
        return await self.order(email_id, Doubt())

    async def order(self, email_id: str, command: Command) -> int:
        """Record what follows from the command; return the message's last sequence."""
        return await patiently("delivery.order", lambda: self._settle(email_id, command))

    async def _record(self, due: Due, ours: _Ours, answer: Answer) -> int:
        now = self._clock()
        busy = throttled(answer.outcomes) if isinstance(answer, Answered) else None
        until = await self._resting.until(due.account_id) if busy else None
        record = Record(ours.attempt, answer, now, self._from.schedule, until)
        sequence = await self._settle(due.email_id, record, ours.history)
        if busy and until:
            await self._resting.hold(due.account_id, until, busy)
        elif due.was_held and isinstance(answer, Answered):
            await self._resting.resume(due.account_id)
        return sequence

    async def _said(self, letter: Letter | NotNow) -> Answer:
        """Return what came of the dialogue; a token that was not accepted is renewed once."""
        if isinstance(letter, NotNow):
            return Unreached(str(letter))
        answer = await self._from.post.deliver(letter)
        if not (isinstance(answer, Unreached) and answer.stale):
            return answer
        try:
            return await self._from.post.deliver(await self._from.letters.with_new_token(letter))
        except (CannotSend, NotNow) as error:
            return Unreached(str(error))

    async def _start(self, email_id: str) -> _Ours | int:
        history = await self._from.store.load(subjects.outbound(email_id))
        state = delivery.fold(r.event for r in history)
        if not isinstance(state, Queued):
            return history[-1].sequence if history else 0
        try:
            letter: Letter | NotNow = await self._from.letters.of(state)
        except CannotSend as error:
            return await self._append(history, GiveUp(str(error)))
        except NotNow as error:
            letter = error
        host = "" if isinstance(letter, NotNow) else letter.server.host
        events = delivery.decide(state, Start(host, self._clock()))
        if not events:
            return history[-1].sequence
        try:
            new = following(history, events, self._clock(), self._run)
            appended = await self._from.store.append(new)
        except Conflict:
            log.info("delivery.left", email=email_id)
            return history[-1].sequence
        begun = as_recorded(new, history[-1], appended)
        return _Ours(letter, state.attempts + 1, [*history, *begun])

    async def _settle(self, email_id: str, command: Command, known: History | None = None) -> int:
        """Append what follows; ``known`` is the history as it was, which is mostly as it is."""
        for attempt in range(TRIES):
            subject = subjects.outbound(email_id)
            history = (known if attempt == 0 else None) or await self._from.store.load(subject)
            try:
                return await self._append(history, command)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the loop returns or raises")

    async def _append(self, history: History, command: Command) -> int:
        events = delivery.decide(delivery.fold(r.event for r in history), command)
        if not events:
            return history[-1].sequence if history else 0
        new = following(history, events, self._clock())
        appended = await self._from.store.append(new)
        for event in events:
            SETTLED.labels(type(event).__name__).inc()
            log.info("delivery.settled", email=history[0].aggregate, outcome=event.TYPE)
        return appended.sequence
