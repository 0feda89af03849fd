"""What became of each outgoing message, and which one is due.

Table ``deliveries``, one row a message, fed by ``OUTBOUND`` alone. ``outbound_seq`` is the
sequence of the last event the row has seen; every statement refuses to go back, so replaying
from zero gives the same rows. ``due_at`` NULL on a queued row means at once; ``moved_at`` is the
time of the last event. The delivery loop reads the queue from here and believes the log only.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.envelope import Recorded
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryStarted,
    MessageSent,
    OutboundErased,
    OutboundEvent,
    SendRequested,
)
from courrier.events.postgres.pool import DatabaseUnavailable, Db, Pool
from courrier.events.postgres.projector import TRANSIENT, Checkpoint
from courrier.events.projection import Projection
from courrier.sender.domain.answers import SENT
from courrier.sender.ports import Due

CHECKPOINT = Checkpoint("sender", "deliveries", "OUTBOUND")

INSERT = """
    INSERT INTO deliveries
           (email_id, account_id, state, attempts, due_at, moved_at, outbound_seq)
    SELECT n.email_id, n.account_id, 'queued', 0, NULL, n.moved_at, n.seq
      FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[])
           AS n (email_id, account_id, moved_at, seq)
    ON CONFLICT (email_id) DO NOTHING
"""

MOVE = """
    UPDATE deliveries AS d
       SET state = n.state, attempts = n.attempts, due_at = n.due_at,
           moved_at = n.moved_at, outbound_seq = n.seq
      FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[],
                  $5::timestamptz[], $6::bigint[])
           AS n (email_id, state, attempts, due_at, moved_at, seq)
     WHERE d.email_id = n.email_id AND d.outbound_seq < n.seq
"""

FORGET = "DELETE FROM deliveries WHERE email_id = ANY($1::text[])"

DUE = """
    SELECT email_id, account_id
      FROM deliveries
     WHERE state = 'queued' AND (due_at IS NULL OR due_at <= $1)
       AND account_id <> ALL ($3::text[]) AND email_id <> ALL ($4::text[])
     ORDER BY due_at NULLS FIRST, outbound_seq
     LIMIT $2
"""

NEXT_DUE = "SELECT min(due_at) FROM deliveries WHERE state = 'queued' AND due_at > $1"

UNDER_WAY = """
    SELECT email_id
      FROM deliveries
     WHERE state = 'sending' AND ($1::timestamptz IS NULL OR moved_at < $1)
     ORDER BY outbound_seq
"""

deliveries: Projection[Db] = Projection("deliveries", stream="OUTBOUND", version=1)


@deliveries.on(SendRequested)
async def requested(db: Db, run: Sequence[Recorded[SendRequested]]) -> None:
    """A new row, due at once."""
    await db.execute(
        INSERT,
        [recorded.event.email_id for recorded in run],
        [recorded.event.account_id for recorded in run],
        [recorded.time for recorded in run],
        [recorded.sequence for recorded in run],
    )


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
    attempts = 0 if isinstance(event, SendRequested | OutboundErased) else event.attempt
    return _Move(event.email_id, state, attempts, due_at, recorded.time, recorded.sequence)


def _state_of(event: MessageSent) -> str:
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


class ProjectedQueue:
    """``Queue`` over the rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def due(
        self,
        now: datetime,
        limit: int,
        *,
        but_accounts: Collection[str],
        but_emails: Collection[str],
    ) -> list[Due]:
        """Return due messages (see ``Queue.due``)."""
        try:
            rows = await self._pool.fetch(DUE, now, limit, list(but_accounts), list(but_emails))
        except TRANSIENT as error:
            raise _unavailable(error) from error
        return [Due(row["email_id"], row["account_id"]) for row in rows]

    async def next_due(self, now: datetime) -> datetime | None:
        """Return when the next message is due (see ``Queue.next_due``)."""
        try:
            found: datetime | None = await self._pool.fetchval(NEXT_DUE, now)
        except TRANSIENT as error:
            raise _unavailable(error) from error
        return found

    async def unanswered(self, started_before: datetime | None) -> list[str]:
        """Return messages whose attempt has no answer (see ``Queue.unanswered``)."""
        try:
            rows = await self._pool.fetch(UNDER_WAY, started_before)
        except TRANSIENT as error:
            raise _unavailable(error) from error
        return [row["email_id"] for row in rows]

    async def position(self) -> int:
        """Return how far the rows are written (see ``Queue.position``)."""
        try:
            async with self._pool.acquire() as db:
                return await CHECKPOINT.read(db)
        except TRANSIENT as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"cannot read the queue: {error!r}")
