"""The facts that close an attempt, written from where the message stands and what was answered."""

from collections.abc import Sequence
from datetime import datetime

from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    MessageSent,
    RecipientOutcome,
    RecipientsSettled,
)
from courrier.sender.domain.answers import DEFERRED, FAILED, SENT, same_for_all
from courrier.sender.domain.retrying import Schedule, is_given_up
from courrier.sender.domain.states import (
    Queued,
    Sending,
    Uncertain,
    has_left,
    lives_from,
    waiting_recipients,
)

WORDS_LIMIT = 2000
"""Characters of a failure's text: a hundred recipients may each have been refused at length."""

Outcomes = tuple[RecipientOutcome, ...]
Attempted = Sending | Uncertain
Closing = MessageSent | RecipientsSettled | DeliveryDeferred | DeliveryFailed


def closed(
    state: Attempted, outcomes: Outcomes, retry: datetime, schedule: Schedule
) -> list[Closing]:
    """Say what the answers come to: who has it, who is tried again at ``retry``, who never will."""
    asked = set(waiting_recipients(state))
    answers = tuple(each for each in outcomes if each.address in asked)
    late = is_given_up(lives_from(state), retry, schedule)
    known = tuple(map(_given_up, answers)) if late else answers
    waits = any(each.outcome == DEFERRED for each in known)
    everybody = _in_order(state, known)
    facts: list[Closing] = []
    if not has_left(state) and any(each.outcome == SENT for each in known):
        facts.append(_sent(state, everybody))
    if waits:
        facts.append(_deferred(state, everybody, retry))
    elif has_left(state):
        facts.append(_settled(state, everybody))
    elif not facts:
        why = f"Given up after {_age(schedule)}. " if known != answers else ""
        facts.append(_failed(state, everybody, why + words(known)))
    return facts


def given_up(state: Queued | Uncertain, text: str) -> DeliveryFailed | RecipientsSettled:
    """Nobody who still waits will get it: the text says why and what to do."""
    everybody = _in_order(state, same_for_all(waiting_recipients(state), FAILED, text))
    attempt = state.attempts if isinstance(state, Queued) else state.attempt
    if has_left(state):
        return RecipientsSettled(
            email_id=state.message.email_id, attempt=attempt, outcomes=everybody
        )
    return DeliveryFailed(
        email_id=state.message.email_id, attempt=attempt, outcomes=everybody, text=text
    )


def proven(state: Uncertain, text: str) -> MessageSent | RecipientsSettled:
    """It has arrived after all, as ``text`` says: everybody who waited counts as reached."""
    everybody = _in_order(state, same_for_all(waiting_recipients(state), SENT, text))
    return _settled(state, everybody) if has_left(state) else _sent(state, everybody)


def uncertain(state: Queued | Attempted, text: str) -> DeliveryBecameUncertain:
    """The message may have arrived, and nobody knows."""
    attempt = state.attempts if isinstance(state, Queued) else state.attempt
    return DeliveryBecameUncertain(email_id=state.message.email_id, attempt=attempt, text=text)


def words(outcomes: Sequence[RecipientOutcome]) -> str:
    """Return the servers' words, each once."""
    return "; ".join(dict.fromkeys(map(_words, outcomes)))


def _sent(state: Attempted, outcomes: Outcomes) -> MessageSent:
    said = state.message
    return MessageSent(
        email_id=said.email_id,
        attempt=state.attempt,
        author_id=said.author_id,
        account_id=said.account_id,
        raw=said.raw,
        message_id=said.message_id,
        in_reply_to=said.in_reply_to,
        references=said.references,
        replies_to=said.replies_to,
        sent_from=said.sent_from,
        to=said.to,
        cc=said.cc,
        subject=said.subject,
        snippet=said.snippet,
        attachment_count=said.attachment_count,
        date=said.date,
        outcomes=outcomes,
        is_notice=said.is_notice,
        parent=said.parent,
        remind_at=said.remind_at,
    )


def _settled(state: Attempted, outcomes: Outcomes) -> RecipientsSettled:
    return RecipientsSettled(
        email_id=state.message.email_id, attempt=state.attempt, outcomes=outcomes
    )


def _deferred(state: Attempted, outcomes: Outcomes, retry: datetime) -> DeliveryDeferred:
    return DeliveryDeferred(
        email_id=state.message.email_id, attempt=state.attempt, outcomes=outcomes, retry_at=retry
    )


def _failed(state: Attempted, outcomes: Outcomes, text: str) -> DeliveryFailed:
    return DeliveryFailed(
        email_id=state.message.email_id,
        attempt=state.attempt,
        outcomes=outcomes,
        text=text[:WORDS_LIMIT],
    )


def _given_up(outcome: RecipientOutcome) -> RecipientOutcome:
    is_late = outcome.outcome == DEFERRED
    return outcome.model_copy(update={"outcome": FAILED}) if is_late else outcome


def _age(schedule: Schedule) -> str:
    hours = schedule.lifetime.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"


def _words(outcome: RecipientOutcome) -> str:
    return outcome.text if outcome.code is None else f"{outcome.code} {outcome.text}"


def _in_order(state: Queued | Attempted, outcomes: Outcomes) -> Outcomes:
    """Return every recipient once, earlier last words included, in the envelope's order."""
    known = {o.address: o for o in (*outcomes, *state.final)}
    return tuple(known[a] for a in state.message.envelope_to if a in known)
