"""Decide the fate of one outgoing message: sent, tried again, given up, or uncertain.

Stream ``OUTBOUND``, one aggregate an e-mail. ``DeliveryStarted`` is recorded before the SMTP
dialogue and the answer after it. A start without an answer is uncertain: it is never sent again
by itself, and only somebody who knows more (the sender that spoke, late) can settle it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryStarted,
    MessageSent,
    OutboundErased,
    RecipientOutcome,
    SendRequested,
)
from courrier.sender.domain import facts
from courrier.sender.domain.answers import (
    DEFERRED,
    FAILED,
    SENT,
    Answer,
    Answered,
    Unanswered,
    Unreached,
    same_for_all,
)
from courrier.sender.domain.states import (
    Delivery,
    Erased,
    New,
    Queued,
    Sending,
    Settled,
    Uncertain,
    waiting_recipients,
)

UNANSWERED_START = (
    "An attempt was begun and its end is not known: the message may have arrived. "
    "Look into the Sent folder or ask a recipient before sending it again."
)


class AnotherMessage(Exception):
    """The e-mail id is taken by a message that says something else."""


@dataclass(frozen=True, slots=True)
class Request:
    """Take responsibility for this message."""

    message: SendRequested


@dataclass(frozen=True, slots=True)
class Start:
    """The next attempt may begin, if it is due by ``now``; it will speak to ``host``."""

    host: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """Note what attempt ``attempt`` came to."""

    attempt: int
    answer: Answer
    now: datetime


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nobody is at work on the attempt under way, and its answer is not known."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The message cannot be sent at all; ``text`` says why and what to do."""

    text: str


Command: TypeAlias = Request | Start | Record | Doubt | GiveUp


def decide(state: Delivery, command: Command) -> list[Event]:
    """Return the new facts, or none when there is nothing to do.

    Raises:
        AnotherMessage: the e-mail id was requested before with other content.
    """
    match command:
        case Request(message):
            return _requested(state, message)
        case Start(host, now):
            return _started(state, host, now)
        case Record():
            return _recorded(state, command)
        case Doubt():
            return _doubted(state)
        case GiveUp(text):
            return [facts.given_up(state, text)] if isinstance(state, Queued) else []
        case _:
            assert_never(command)


def evolve(state: Delivery, event: Event) -> Delivery:
    """Fold one fact. Facts about a message that was never requested change nothing."""
    if isinstance(event, OutboundErased):
        return Erased()
    if isinstance(event, SendRequested):
        return Queued(event)
    return state if isinstance(state, New | Erased) else _moved(state, event)


def _moved(state: Queued | Sending | Uncertain | Settled, event: Event) -> Delivery:
    refused = () if isinstance(state, Settled) else state.refused
    match event:
        case DeliveryStarted():
            return Sending(state.message, event.attempt, refused)
        case DeliveryDeferred():
            final = tuple(o for o in event.outcomes if o.outcome == FAILED)
            return Queued(state.message, event.attempt, event.retry_at, final)
        case DeliveryBecameUncertain():
            return Uncertain(state.message, event.attempt, refused)
        case MessageSent() | DeliveryFailed():
            return Settled(state.message)
        case _:
            return state


def _requested(state: Delivery, message: SendRequested) -> list[Event]:
    if isinstance(state, New):
        return [message]
    if isinstance(state, Erased) or state.message != message:
        raise AnotherMessage(f"{message.email_id} was requested before and says something else")
    return []


def _started(state: Delivery, host: str, now: datetime) -> list[Event]:
    if not isinstance(state, Queued) or (state.due_at is not None and state.due_at > now):
        return []
    return [
        DeliveryStarted(
            email_id=state.message.email_id,
            attempt=state.attempts + 1,
            host=host,
            recipients=waiting_recipients(state),
        )
    ]


def _doubted(state: Delivery) -> list[Event]:
    return [facts.uncertain(state, UNANSWERED_START)] if isinstance(state, Sending) else []


def _recorded(state: Delivery, record: Record) -> list[Event]:
    # From Uncertain too: a sender that lost its lease in the dialogue knows what we only doubt.
    if not isinstance(state, Sending | Uncertain) or state.attempt != record.attempt:
        return []
    match record.answer:
        case Unanswered(text):
            return [facts.uncertain(state, text)] if isinstance(state, Sending) else []
        case Unreached(text):
            outcomes = same_for_all(waiting_recipients(state), DEFERRED, text)
            return [facts.deferred(state, outcomes, record.now, unreached=True)]
        case Answered(outcomes):
            return [_judged(state, outcomes, record.now)]
        case _:
            assert_never(record.answer)


def _judged(
    state: Sending | Uncertain, outcomes: tuple[RecipientOutcome, ...], now: datetime
) -> Event:
    found = {outcome.outcome for outcome in outcomes}
    if SENT in found:
        return facts.sent(state, outcomes)
    if DEFERRED in found:
        return facts.deferred(state, outcomes, now, unreached=False)
    return facts.failed(state, outcomes)


delivery: Decider[Delivery, Command, Event] = Decider(New(), decide, evolve)
