"""The facts that close an attempt, written from where the message stands and what was answered."""

from datetime import datetime

from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    MessageSent,
    RecipientOutcome,
)
from courrier.sender.domain.answers import DEFERRED, FAILED, same_for_all
from courrier.sender.domain.retrying import is_given_up, retry_at
from courrier.sender.domain.states import Queued, Sending, Uncertain, waiting_recipients

WORDS_LIMIT = 2000
"""Characters of a failure's text: a hundred recipients may each have been refused at length."""

Outcomes = tuple[RecipientOutcome, ...]
Attempted = Sending | Uncertain


def sent(state: Attempted, outcomes: Outcomes) -> MessageSent:
    """The server has the message for at least one recipient; the others' refusals are listed."""
    # The transaction is closed: whom the server put off is not tried again by this message.
    final = tuple(
        o.model_copy(update={"outcome": FAILED}) if o.outcome == DEFERRED else o for o in outcomes
    )
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
        outcomes=_in_order(state, final),
        is_notice=said.is_notice,
        parent=said.parent,
        remind_at=said.remind_at,
    )


def deferred(
    state: Attempted,
    outcomes: Outcomes,
    now: datetime,
    *,
    unreached: bool,
) -> DeliveryDeferred | DeliveryFailed:
    """Nobody got it yet; tried again later, or given up once that would be too late."""
    retry = retry_at(now, state.attempt, unreached=unreached)
    if is_given_up(state.message.date, retry):
        final = tuple(o.model_copy(update={"outcome": FAILED}) for o in outcomes)
        return failed(state, final, "Given up after four days. ")
    return DeliveryDeferred(
        email_id=state.message.email_id,
        attempt=state.attempt,
        outcomes=_in_order(state, outcomes),
        retry_at=retry,
    )


def failed(state: Attempted, outcomes: Outcomes, why: str = "") -> DeliveryFailed:
    """Everybody's answer is no; the text gives the server's words."""
    return DeliveryFailed(
        email_id=state.message.email_id,
        attempt=state.attempt,
        outcomes=_in_order(state, outcomes),
        text=(why + "; ".join(dict.fromkeys(_words(o) for o in outcomes)))[:WORDS_LIMIT],
    )


def given_up(state: Queued, text: str) -> DeliveryFailed:
    """No attempt can be made: the text says why and what to do."""
    outcomes = same_for_all(waiting_recipients(state), FAILED, text)
    return DeliveryFailed(
        email_id=state.message.email_id,
        attempt=state.attempts,
        outcomes=_in_order(state, outcomes),
        text=text,
    )


def uncertain(state: Attempted, text: str) -> DeliveryBecameUncertain:
    """The message may have arrived, and nobody knows."""
    return DeliveryBecameUncertain(
        email_id=state.message.email_id, attempt=state.attempt, text=text
    )


def _words(outcome: RecipientOutcome) -> str:
    return outcome.text if outcome.code is None else f"{outcome.code} {outcome.text}"


def _in_order(state: Queued | Sending | Uncertain, outcomes: Outcomes) -> Outcomes:
    """Return every recipient once, earlier refusals included, in the envelope's order."""
    known = {o.address: o for o in (*state.refused, *outcomes)}
    return tuple(known[a] for a in state.message.envelope_to if a in known)
