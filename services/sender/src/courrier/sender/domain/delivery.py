"""Decide the fate of one outgoing message: sent, tried again, given up, taken back or uncertain.

Stream ``OUTBOUND``, one aggregate an e-mail. ``DeliveryStarted`` is recorded before the SMTP
dialogue and the answer after it. A start without an answer is uncertain: it is never sent again
by itself, and only who knows more settles it: the sender that spoke, late; a copy of the message
met in a mailbox; a person.
"""

from datetime import datetime
from typing import assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryReleased,
    DeliveryStarted,
    MessageSent,
    OutboundCancelled,
    OutboundErased,
    RecipientsSettled,
    SendRequested,
)
from courrier.sender.domain import facts
from courrier.sender.domain.answers import (
    DEFERRED,
    Answered,
    Unanswered,
    Unreached,
    same_for_all,
)
from courrier.sender.domain.orders import (
    AnotherMessage,
    Cancel,
    Command,
    Doubt,
    GiveUp,
    Hold,
    NotCancellable,
    NotUncertain,
    Prove,
    Record,
    Request,
    Settle,
    Start,
    digest_of,
)
from courrier.sender.domain.retrying import retry_at
from courrier.sender.domain.states import (
    Cancelled,
    Delivery,
    Erased,
    New,
    Queued,
    Sending,
    Settled,
    Uncertain,
    has_left,
    waiting_recipients,
)

UNANSWERED_START = (
    "An attempt was begun and its end is not known: the message may have arrived. "
    "Look into the Sent folder or ask a recipient before sending it again."
)


RESTORED = (
    "The log was brought back from a copy, which may be older than what was sent: the message may "
    "have left already. Look into the Sent folder, then send it again or mark it as sent."
)
MARKED_SENT = "Somebody looked and marked it as sent."
MARKED_FAILED = "Somebody looked and marked it as not sent."


def decide(state: Delivery, command: Command) -> list[Event]:  # noqa: PLR0911  one a kind
    """Return the new facts, or none when there is nothing to do.

    Raises:
        AnotherMessage: the e-mail id was requested before with other content.
        NotCancellable: it has left, or may have.
        NotUncertain: nobody has to decide.
    """
    match command:
        case Request(message):
            return _requested(state, message)
        case Start(host, now):
            return _started(state, host, now)
        case Record():
            return _recorded(state, command)
        case Doubt():
            return [facts.uncertain(state, UNANSWERED_START)] if isinstance(state, Sending) else []
        case GiveUp(text):
            return [facts.given_up(state, text)] if isinstance(state, Queued) else []
        case Cancel():
            return _cancelled(state)
        case Hold():
            return [facts.uncertain(state, RESTORED)] if isinstance(state, Queued) else []
        case Prove():
            return _proven(state, command)
        case Settle():
            return _settled(state, command)
        case _:
            assert_never(command)


def evolve(state: Delivery, event: Event) -> Delivery:
    """Fold one fact. Facts about a message that was never requested change nothing."""
    if isinstance(event, OutboundErased):
        return Erased()
    if isinstance(event, SendRequested):
        return Queued(event, due_at=event.not_before)
    return state if isinstance(state, New | Erased) else _moved(state, event)


def _moved(  # noqa: PLR0911  one a kind
    state: Queued | Sending | Uncertain | Settled | Cancelled, event: Event
) -> Delivery:
    said, final, since = state.message, _final(state), _since(state)
    match event:
        case DeliveryStarted():
            return Sending(said, event.attempt, final, since)
        case DeliveryDeferred():
            known = tuple(o for o in event.outcomes if o.outcome != DEFERRED)
            return Queued(said, event.attempt, event.retry_at, known, since)
        case DeliveryBecameUncertain():
            return Uncertain(said, event.attempt, final, since)
        case DeliveryReleased():
            return Queued(said, event.attempt, None, final, event.at)
        case MessageSent() | DeliveryFailed() | RecipientsSettled():
            return Settled(said)
        case OutboundCancelled():
            return Cancelled(said)
        case _:
            return state


def _final(state: Queued | Sending | Uncertain | Settled | Cancelled) -> facts.Outcomes:
    return () if isinstance(state, Settled | Cancelled) else state.final


def _since(state: Queued | Sending | Uncertain | Settled | Cancelled) -> datetime | None:
    return None if isinstance(state, Settled | Cancelled) else state.since


def _requested(state: Delivery, message: SendRequested) -> list[Event]:
    if isinstance(state, New | Cancelled):
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


def _recorded(state: Delivery, record: Record) -> list[Event]:
    # From Uncertain too: a sender that lost its lease in the dialogue knows what we only doubt.
    if not isinstance(state, Sending | Uncertain) or state.attempt != record.attempt:
        return []
    match record.answer:
        case Unanswered(text):
            return [facts.uncertain(state, text)] if isinstance(state, Sending) else []
        case Unreached(text=text):
            outcomes = same_for_all(waiting_recipients(state), DEFERRED, text)
            return [*_closed(state, outcomes, record, unreached=True)]
        case Answered(outcomes):
            return [*_closed(state, outcomes, record, unreached=False)]
        case _:
            assert_never(record.answer)


def _closed(
    state: Sending | Uncertain, outcomes: facts.Outcomes, record: Record, *, unreached: bool
) -> list[facts.Closing]:
    retry = record.not_before or retry_at(
        record.now,
        record.attempt,
        key=state.message.email_id,
        unreached=unreached,
        schedule=record.schedule,
    )
    return facts.closed(state, outcomes, retry, record.schedule)


def _cancelled(state: Delivery) -> list[Event]:
    match state:
        case Queued() if not has_left(state):
            return [OutboundCancelled(email_id=state.message.email_id, attempts=state.attempts)]
        case Cancelled():
            return []
        case Sending():
            raise NotCancellable("being-sent")
        case Uncertain():
            raise NotCancellable("uncertain")
        case Queued() | Settled():
            raise NotCancellable("already-left")
        case New() | Erased():
            raise NotCancellable("unknown")
        case _:
            assert_never(state)


def _proven(state: Delivery, proof: Prove) -> list[Event]:
    """A copy says nothing of those who were put off when the others got theirs."""
    if not isinstance(state, Uncertain) or has_left(state):
        return []
    is_ours = digest_of(state.message.message_id) == proof.message_digest
    return [facts.proven(state, proof.text)] if is_ours else []


def _settled(state: Delivery, order: Settle) -> list[Event]:
    if not isinstance(state, Uncertain):
        raise NotUncertain
    match order.decision:
        case "resend":
            email_id, attempt = state.message.email_id, state.attempt
            return [DeliveryReleased(email_id=email_id, attempt=attempt, at=order.now)]
        case "sent":
            return [facts.proven(state, MARKED_SENT)]
        case "failed":
            return [facts.given_up(state, MARKED_FAILED)]
        case _:
            assert_never(order.decision)


delivery: Decider[Delivery, Command, Event] = Decider(New(), decide, evolve)
