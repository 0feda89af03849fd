"""What became of each message that was to be sent, recipient by recipient.

Table ``deliveries``, fed by ``OUTBOUND``; ``bcc`` is shown to the author only. Every statement
refuses to go back in the stream, so that replaying gives the same rows. The author's screen is
told of each change in the same transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryReleased,
    DeliveryReported,
    DeliveryStarted,
    MessageSent,
    OutboundCancelled,
    OutboundErased,
    RecipientOutcome,
    RecipientsSettled,
    SendRequested,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

from . import kept, view_changes
from .emails import mailbox_json, mailboxes_text
from .rows import json_text, text

REQUEST = """
    INSERT INTO deliveries
           (email_id, author_id, account_id, raw_digest, raw_size, message_id, in_reply_to,
            replies_to, sent_from, sent_to, cc, bcc, subject, snippet, text, attachment_count,
            date, state, attempts, outcomes, explanation, retry_at, changed_at, seq,
            attachments)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11::jsonb, $12::jsonb, $13,
            $14, $15, $16, $17, $18, 0, $19::jsonb, '', $20, $21, $22, $23::jsonb)
    ON CONFLICT DO NOTHING
    RETURNING author_id
"""
MOVE = """
    UPDATE deliveries
       SET state = $2, attempts = $3, outcomes = coalesce($4::jsonb, outcomes), explanation = $5,
           retry_at = $6, changed_at = $7, seq = $8
     WHERE email_id = $1 AND seq < $8
    RETURNING author_id
"""

REPORT = """
    UPDATE deliveries
       SET state = $2, outcomes = $3::jsonb, changed_at = $4, seq = $5
     WHERE email_id = $1 AND seq < $5
    RETURNING author_id
"""
STANDING = "SELECT state, outcomes::text FROM deliveries WHERE email_id = $1"
OUTCOMES = "SELECT outcomes::text FROM deliveries WHERE email_id = $1"

FORGET = "DELETE FROM deliveries WHERE email_id = $1 RETURNING author_id"

deliveries: Projection[Db] = Projection("deliveries", stream="OUTBOUND", version=4)


@dataclass(frozen=True, slots=True)
class _Move:
    """What one event makes of a delivery; ``outcomes`` None: as they were."""

    state: str
    outcomes: Sequence[RecipientOutcome] | None = None
    explanation: str = ""
    retry_at: datetime | None = None


@deliveries.on(SendRequested)
async def requested(db: Db, run: Sequence[Recorded[SendRequested]]) -> None:
    """A message that waits for its first attempt."""
    for recorded in run:
        author = await db.fetchval(REQUEST, *_request(recorded))
        await _tell(db, author, recorded)


@deliveries.on(OutboundCancelled)
async def cancelled(db: Db, run: Sequence[Recorded[OutboundCancelled]]) -> None:
    """Taken back: it is nobody's message to send any more."""
    for recorded in run:
        author = await db.fetchval(FORGET, recorded.event.email_id)
        await _tell(db, author, recorded)


@deliveries.on(DeliveryStarted)
async def started(db: Db, run: Sequence[Recorded[DeliveryStarted]]) -> None:
    """An attempt is under way."""
    for recorded in run:
        await _move(db, recorded, recorded.event.attempt, _Move("sending"))


@deliveries.on(MessageSent)
async def sent(db: Db, run: Sequence[Recorded[MessageSent]]) -> None:
    """Taken by the server for at least one recipient."""
    for recorded in run:
        outcomes = recorded.event.outcomes
        await _move(db, recorded, recorded.event.attempt, _Move(_reached(outcomes), outcomes))


@deliveries.on(RecipientsSettled)
async def settled(db: Db, run: Sequence[Recorded[RecipientsSettled]]) -> None:
    """Those who had been put off have their last word too."""
    for recorded in run:
        outcomes = recorded.event.outcomes
        await _move(db, recorded, recorded.event.attempt, _Move(_reached(outcomes), outcomes))


@deliveries.on(DeliveryReleased)
async def released(db: Db, run: Sequence[Recorded[DeliveryReleased]]) -> None:
    """Somebody wants it sent again."""
    for recorded in run:
        await _move(db, recorded, recorded.event.attempt, _Move("queued"))


@deliveries.on(DeliveryDeferred)
async def deferred(db: Db, run: Sequence[Recorded[DeliveryDeferred]]) -> None:
    """To be tried again; where some have it already, they are named."""
    for recorded in run:
        event = recorded.event
        has_left = any(each.outcome == "sent" for each in event.outcomes)
        state = "partial" if has_left else "queued"
        move = _Move(state, event.outcomes, retry_at=event.retry_at)
        await _move(db, recorded, event.attempt, move)


@deliveries.on(DeliveryFailed)
async def failed(db: Db, run: Sequence[Recorded[DeliveryFailed]]) -> None:
    """Nobody will get it."""
    for recorded in run:
        event = recorded.event
        move = _Move("failed", event.outcomes, event.text)
        await _move(db, recorded, event.attempt, move)


@deliveries.on(DeliveryBecameUncertain)
async def uncertain(db: Db, run: Sequence[Recorded[DeliveryBecameUncertain]]) -> None:
    """It may have arrived."""
    for recorded in run:
        event = recorded.event
        await _move(db, recorded, event.attempt, _Move("uncertain", None, event.text))


@deliveries.on(DeliveryReported)
async def told_later(db: Db, run: Sequence[Recorded[DeliveryReported]]) -> None:
    """A server says what became of it for some; whoever bounced did not get it."""
    for recorded in run:
        row = await db.fetchrow(STANDING, recorded.aggregate)
        if row is None:
            continue
        known = {each["address"]: each for each in json.loads(row["outcomes"])}
        at = {"at": recorded.time.isoformat()}
        told = {each.address: each.model_dump(mode="json") for each in recorded.event.outcomes}
        after = known | {address: said | at for address, said in told.items()}
        state = _after_reports(row["state"], [each["outcome"] for each in after.values()])
        values = (state, json_text(list(after.values())), recorded.time, recorded.sequence)
        author = await db.fetchval(REPORT, recorded.aggregate, *values)
        await _tell(db, author, recorded)


@deliveries.on(OutboundErased)
async def erased(db: Db, run: Sequence[Recorded[OutboundErased]]) -> None:
    """Nothing is known of it any more."""
    for recorded in run:
        author = await db.fetchval(FORGET, recorded.event.email_id)
        await _tell(db, author, recorded)
    await kept.forget(db, [recorded.event.email_id for recorded in run])


async def _move(db: Db, recorded: Recorded[Event], attempt: int, move: _Move) -> None:
    outcomes = None if move.outcomes is None else await _timed(db, recorded, move.outcomes)
    author = await db.fetchval(
        MOVE,
        recorded.aggregate,
        move.state,
        attempt,
        outcomes,
        text(move.explanation),
        move.retry_at,
        recorded.time,
        recorded.sequence,
    )
    await _tell(db, author, recorded)


async def _timed(db: Db, recorded: Recorded[Event], outcomes: Sequence[RecipientOutcome]) -> str:
    """Return the outcomes as kept, each with the time since when it is so."""
    found = await db.fetchval(OUTCOMES, recorded.aggregate)
    known = {each["address"]: each for each in json.loads(found or "[]")}
    now = recorded.time.isoformat()
    kept = []
    for outcome in outcomes:
        said = outcome.model_dump(mode="json")
        before = known.get(outcome.address, {})
        is_news = any(said[key] != before.get(key) for key in said)
        kept.append(said | {"at": now if is_news else before.get("at", now)})
    return json_text(kept)


def _after_reports(state: str, outcomes: Sequence[str]) -> str:
    """Return the state of a message that had left, after what was told of it later."""
    if state not in {"sent", "partial", "failed"}:
        return state
    lost = [each in {"bounced", "failed"} for each in outcomes]
    if all(lost):
        return "failed"
    return "partial" if any(lost) else state


def _reached(outcomes: Sequence[RecipientOutcome]) -> str:
    return "sent" if all(each.outcome == "sent" for each in outcomes) else "partial"


async def _tell(db: Db, author: str | None, recorded: Recorded[Event]) -> None:
    if author is not None:
        at = (recorded.stream, recorded.sequence)
        await view_changes.add(db, author, kind="email", ref=recorded.aggregate, at=at)


def _request(recorded: Recorded[SendRequested]) -> tuple[object, ...]:
    event = recorded.event
    return (
        event.email_id,
        event.author_id,
        event.account_id,
        event.raw.digest,
        event.raw.size,
        text(event.message_id),
        text(event.in_reply_to),
        event.replies_to,
        json_text(mailbox_json(event.sent_from)),
        mailboxes_text(event.to),
        mailboxes_text(event.cc),
        mailboxes_text(event.bcc),
        text(event.subject),
        text(event.snippet),
        text(event.text),
        event.attachment_count,
        event.date,
        "scheduled" if event.not_before else "queued",
        json_text([_waiting(address, recorded) for address in event.envelope_to]),
        event.not_before,
        recorded.time,
        recorded.sequence,
        json_text(event.attachments),
    )


def _waiting(address: str, recorded: Recorded[SendRequested]) -> dict[str, object]:
    at = recorded.time.isoformat()
    return {"address": address, "outcome": "queued", "code": None, "text": "", "at": at}
