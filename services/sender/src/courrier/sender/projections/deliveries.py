"""What became of each outgoing message, and which one is due.

Table ``deliveries``, one row a message, fed by ``OUTBOUND`` alone. ``outbound_seq`` is the
sequence of the last event the row has seen; every statement refuses to go back, so replaying
from zero gives the same rows. ``due_at`` NULL on a queued row means at once; ``moved_at`` is the
time of the last event. The delivery loop reads the queue from here and believes the log only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.envelope import Recorded
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryReleased,
    DeliveryStarted,
    MessageSent,
    OutboundCancelled,
    OutboundErased,
    OutboundEvent,
    RecipientsSettled,
    SendRequested,
)
from courrier.events.postgres.pool import Db
from courrier.events.postgres.projector import Checkpoint
from courrier.events.projection import Projection
from courrier.sender.domain.answers import SENT

CHECKPOINT = Checkpoint("sender", "deliveries", "OUTBOUND")

INSERT = """
    INSERT INTO deliveries AS d
           (email_id, account_id, state, attempts, due_at, turn_at, domains, moved_at, outbound_seq)
    VALUES ($1, $2, 'queued', 0, $3, $4, $5, $6, $7)
    ON CONFLICT (email_id) DO UPDATE
       SET account_id = excluded.account_id, state = 'queued', attempts = 0,
           due_at = excluded.due_at, turn_at = excluded.turn_at, domains = excluded.domains,
           moved_at = excluded.moved_at, outbound_seq = excluded.outbound_seq
     WHERE d.outbound_seq < excluded.outbound_seq
"""

MOVE = """
    UPDATE deliveries AS d
       SET state = n.state, attempts = n.attempts, due_at = n.due_at,
           turn_at = coalesce(n.due_at, n.moved_at), moved_at = n.moved_at, outbound_seq = n.seq
      FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[],
                  $5::timestamptz[], $6::bigint[])
           AS n (email_id, state, attempts, due_at, moved_at, seq)
     WHERE d.email_id = n.email_id AND d.outbound_seq < n.seq
"""

FORGET = "DELETE FROM deliveries WHERE email_id = ANY($1::text[])"

deliveries: Projection[Db] = Projection("deliveries", stream="OUTBOUND", version=2)


@deliveries.on(SendRequested)
async def requested(db: Db, run: Sequence[Recorded[SendRequested]]) -> None:
    """A new row, due at its time; also of a message that was taken back before."""
    await db.executemany(INSERT, [_request(recorded) for recorded in run])


@deliveries.on(OutboundCancelled)
async def cancelled(db: Db, run: Sequence[Recorded[OutboundCancelled]]) -> None:
    """Out of the queue; it may be asked for again."""
    await _move(db, [_moved(recorded, "cancelled") for recorded in run])


@deliveries.on(DeliveryStarted)
async def started(db: Db, run: Sequence[Recorded[DeliveryStarted]]) -> None:
    """An attempt is under way: nobody else begins one."""
    await _move(db, [_moved(recorded, "sending") for recorded in run])


@deliveries.on(MessageSent)
async def sent(db: Db, run: Sequence[Recorded[MessageSent]]) -> None:
    """Done; partial where the server refused some recipients."""
    await _move(db, [_moved(recorded, _state_of(recorded.event)) for recorded in run])


@deliveries.on(DeliveryDeferred)
async def deferred(db: Db, run: Sequence[Recorded[DeliveryDeferred]]) -> None:
    """Waiting again, until ``due_at``."""
    await _move(db, [_moved(each, "queued", due_at=each.event.retry_at) for each in run])


@deliveries.on(DeliveryFailed)
async def failed(db: Db, run: Sequence[Recorded[DeliveryFailed]]) -> None:
    """Given up for good."""
    await _move(db, [_moved(recorded, "failed") for recorded in run])


@deliveries.on(DeliveryBecameUncertain)
async def became_uncertain(db: Db, run: Sequence[Recorded[DeliveryBecameUncertain]]) -> None:
    """Out of the queue until somebody knows more."""
    await _move(db, [_moved(recorded, "uncertain") for recorded in run])


@deliveries.on(DeliveryReleased)
async def released(db: Db, run: Sequence[Recorded[DeliveryReleased]]) -> None:
    """A person wants it sent again: back into the queue."""
    await _move(db, [_moved(recorded, "queued") for recorded in run])


@deliveries.on(RecipientsSettled)
async def settled(db: Db, run: Sequence[Recorded[RecipientsSettled]]) -> None:
    """Those who had been put off have their last word too."""
    await _move(db, [_moved(recorded, _state_of(recorded.event)) for recorded in run])


@deliveries.on(OutboundErased)
async def erased(db: Db, run: Sequence[Recorded[OutboundErased]]) -> None:
    """Nothing is known of it, and nobody sends it."""
    await db.execute(FORGET, [recorded.event.email_id for recorded in run])


@dataclass(frozen=True, slots=True)
class _Move:
    email_id: str
    state: str
    attempts: int
    due_at: datetime | None
    moved_at: datetime
    seq: int


def _moved(
    recorded: Recorded[OutboundEvent], state: str, *, due_at: datetime | None = None
) -> _Move:
    event = recorded.event
    attempts = getattr(event, "attempt", 0)
    return _Move(event.email_id, state, attempts, due_at, recorded.time, recorded.sequence)


def _request(recorded: Recorded[SendRequested]) -> tuple[object, ...]:
    said = recorded.event
    return (
        said.email_id,
        said.account_id,
        said.not_before,
        said.not_before or recorded.time,
        sorted({address.rpartition("@")[2].lower() for address in said.envelope_to}),
        recorded.time,
        recorded.sequence,
    )


def _state_of(event: MessageSent | RecipientsSettled) -> str:
    return "sent" if all(o.outcome == SENT for o in event.outcomes) else "partial"


async def _move(db: Db, moves: Sequence[_Move]) -> None:
    # One row each: of two moves in one statement PostgreSQL would take either.
    last = list({move.email_id: move for move in moves}.values())
    await db.execute(
        MOVE,
        [move.email_id for move in last],
        [move.state for move in last],
        [move.attempts for move in last],
        [move.due_at for move in last],
        [move.moved_at for move in last],
        [move.seq for move in last],
    )
