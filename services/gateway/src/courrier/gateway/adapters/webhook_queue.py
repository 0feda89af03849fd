"""What is to be sent to which webhook, and how it went: rows of the state, shared by all instances.

A row is claimed by moving its next try ahead; whoever dies with it leaves it due again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.postgres.pool import Pool

CLAIM_S = 60.0
"""For so long nobody else tries what was claimed; longer than any call takes."""
MOST_WAITING = 50_000
"""Deliveries that may wait for one webhook; more are not noted any more, and logged."""
KEPT_DAYS = 7
TIMEOUT_S = 10.0

CURSORS = "SELECT stream, seq FROM webhook_cursors"
BEGIN = """
    INSERT INTO webhook_cursors (stream, seq)
    SELECT n.stream, n.seq FROM unnest($1::text[], $2::bigint[]) AS n(stream, seq)
    ON CONFLICT DO NOTHING
"""
MOVE = """
    UPDATE webhook_cursors AS c SET seq = n.seq
      FROM unnest($1::text[], $2::bigint[]) AS n(stream, seq)
     WHERE c.stream = n.stream AND c.seq < n.seq
"""
ADD = """
    INSERT INTO webhook_deliveries (webhook_id, event_id, event_type, stream, seq)
    SELECT n.webhook_id, n.event_id, n.event_type, n.stream, n.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
        AS n(webhook_id, event_id, event_type, stream, seq)
    ON CONFLICT DO NOTHING
"""
FULL = """
    SELECT webhook_id FROM webhook_deliveries
     WHERE state = 'waiting' AND webhook_id = ANY($1::text[])
     GROUP BY webhook_id HAVING count(*) >= $2
"""
CLAIM = """
    UPDATE webhook_deliveries AS d
       SET next_try = clock_timestamp() + make_interval(secs => $2), attempts = attempts + 1
      FROM (SELECT id FROM webhook_deliveries
             WHERE state = 'waiting' AND next_try <= clock_timestamp()
             ORDER BY next_try LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
     WHERE d.id = due.id
    RETURNING d.id, d.webhook_id, d.event_id, d.event_type, d.stream, d.seq, d.state, d.attempts,
              d.created_at, d.next_try, d.answered_at, d.status, d.answer
"""
SETTLE = """
    UPDATE webhook_deliveries
       SET state = $2, status = $3, answer = $4, answered_at = clock_timestamp(),
           next_try = coalesce($5, next_try)
     WHERE id = $1
"""
LOG = """
    SELECT id, webhook_id, event_id, event_type, stream, seq, state, attempts, created_at, next_try,
           answered_at, status, answer
      FROM webhook_deliveries
     WHERE webhook_id = $1 AND ($2::bigint IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3
"""
AGAIN = """
    UPDATE webhook_deliveries
       SET state = 'waiting', next_try = clock_timestamp(), created_at = clock_timestamp(),
           attempts = 0
     WHERE webhook_id = $1 AND id = $2
    RETURNING id, webhook_id, event_id, event_type, stream, seq, state, attempts, created_at,
              next_try, answered_at, status, answer
"""
PRUNE = """
    DELETE FROM webhook_deliveries
     WHERE state <> 'waiting' AND answered_at < now() - make_interval(days => $1)
"""


@dataclass(frozen=True, slots=True)
class Noted:
    """An event that a webhook is to be told of."""

    webhook_id: str
    event_id: str
    event_type: str
    stream: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of the delivery log; ``state`` is waiting, delivered, failed or withdrawn."""

    id: int
    webhook_id: str
    event_id: str
    event_type: str
    stream: str
    seq: int
    state: str
    attempts: int
    created_at: datetime
    next_try: datetime
    answered_at: datetime | None
    status: int | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went; ``again`` is when to try again, for what is still waiting."""

    state: str
    status: int | None
    answer: str
    again: datetime | None = None


class WebhookQueue:
    """The rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, ends: Mapping[str, int]) -> dict[str, int]:
        """Return how far webhooks are by stream; a stream that is new to them begins here."""
        await self._pool.execute(BEGIN, list(ends), list(ends.values()))
        rows = await self._pool.fetch(CURSORS)
        return {row["stream"]: row["seq"] for row in rows}

    async def add(self, noted: Sequence[Noted], reached: Mapping[str, int]) -> None:
        """Note deliveries and how far that reaches, both or neither; again changes nothing."""
        columns = [
            [each.webhook_id for each in noted],
            [each.event_id for each in noted],
            [each.event_type for each in noted],
            [each.stream for each in noted],
            [each.sequence for each in noted],
        ]
        async with self._pool.acquire(timeout=TIMEOUT_S) as db, db.transaction():
            if noted:
                await db.execute(ADD, *columns)
            await db.execute(MOVE, list(reached), list(reached.values()))

    async def full(self, webhook_ids: Sequence[str]) -> set[str]:
        """Return those for which too much waits."""
        rows = await self._pool.fetch(FULL, list(webhook_ids), MOST_WAITING)
        return {row["webhook_id"] for row in rows}

    async def claim(self, most: int) -> list[Delivery]:
        """Return deliveries that are due and ours for ``CLAIM_S``, this try counted."""
        return [Delivery(**row) for row in await self._pool.fetch(CLAIM, most, CLAIM_S)]

    async def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Note how a try went."""
        told = (outcome.state, outcome.status, outcome.answer, outcome.again)
        await self._pool.execute(SETTLE, delivery.id, *told)

    async def log(self, webhook_id: str, before: int | None, most: int) -> list[Delivery]:
        """Return deliveries, the newest first, from behind this one on."""
        rows = await self._pool.fetch(LOG, webhook_id, before, most)
        return [Delivery(**row) for row in rows]

    async def again(self, webhook_id: str, delivery_id: int) -> Delivery | None:
        """Have one sent again from the start; None where there is none."""
        row = await self._pool.fetchrow(AGAIN, webhook_id, delivery_id)
        return Delivery(**row) if row else None


async def prune(pool: Pool) -> None:
    """Delete what was settled more than a week ago."""
    await pool.execute(PRUNE, KEPT_DAYS)
