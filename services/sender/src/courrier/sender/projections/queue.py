"""The queue as the delivery loop reads it: whose turn it is, who waits, and what nobody answered.

Reads ``deliveries``, ``holds`` and ``sightings``; writes nothing. Each account's messages come in
the order in which they became due, and of each account only some, so that a long queue of one
stands in nobody's way.
"""

from collections.abc import Collection
from datetime import datetime

from asyncpg import Record

from courrier.events.postgres.pool import DatabaseUnavailable, Pool
from courrier.events.postgres.projector import TRANSIENT
from courrier.sender.domain.turns import Due
from courrier.sender.ports import Sighting

from .deliveries import CHECKPOINT

DUE = """
    WITH RECURSIVE waiting AS (
        (SELECT account_id FROM deliveries WHERE state = 'queued' ORDER BY account_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.account_id FROM deliveries AS d
                 WHERE d.state = 'queued' AND d.account_id > w.account_id
                 ORDER BY d.account_id LIMIT 1)
          FROM waiting AS w WHERE w.account_id IS NOT NULL
    )
    SELECT d.email_id, w.account_id, d.domains, d.turn_at,
           h.account_id IS NOT NULL AS was_held
      FROM waiting AS w
      LEFT JOIN holds AS h ON h.account_id = w.account_id
     CROSS JOIN LATERAL (
           SELECT email_id, domains, turn_at
             FROM deliveries
            WHERE state = 'queued' AND account_id = w.account_id
              AND (due_at IS NULL OR due_at <= $1) AND turn_at <= $1::timestamptz + '1 day'
              AND email_id <> ALL ($3::text[])
            ORDER BY turn_at, outbound_seq
            LIMIT $2) AS d
     WHERE h.until IS NULL OR h.until <= $1
"""

NEXT_DUE = """
    SELECT least(
        (SELECT min(due_at) FROM deliveries WHERE state = 'queued' AND due_at > $1),
        (SELECT min(until) FROM holds WHERE until > $1))
"""

UNDER_WAY = """
    SELECT email_id
      FROM deliveries
     WHERE state = 'sending' AND ($1::timestamptz IS NULL OR moved_at < $1)
     ORDER BY outbound_seq
"""

WAITING = """
    SELECT email_id
      FROM deliveries
     WHERE state = 'queued' AND email_id > $1
     ORDER BY email_id
     LIMIT 500
"""

SEEN = """
    SELECT DISTINCT ON (s.email_id) s.email_id, s.message_digest, s.place
      FROM deliveries AS d JOIN sightings AS s ON s.email_id = d.email_id
     WHERE d.state = 'uncertain'
     ORDER BY s.email_id, s.mailbox_seq
     LIMIT 500
"""


class ProjectedQueue:
    """``Queue`` over the rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def due(
        self,
        now: datetime,
        each: int,
        *,
        but_emails: Collection[str],
    ) -> list[Due]:
        """Return due messages (see ``Queue.due``)."""
        rows = await self._fetch(DUE, now, each, list(but_emails))
        return [_due(row) for row in rows]

    async def next_due(self, now: datetime) -> datetime | None:
        """Return when the next message is due (see ``Queue.next_due``)."""
        [row] = await self._fetch(NEXT_DUE, now)
        found: datetime | None = row[0]
        return found

    async def unanswered(self, started_before: datetime | None) -> list[str]:
        """Return messages whose attempt has no answer (see ``Queue.unanswered``)."""
        return [row["email_id"] for row in await self._fetch(UNDER_WAY, started_before)]

    async def waiting(self, after: str) -> list[str]:
        """Return messages that wait (see ``Queue.waiting``)."""
        return [row["email_id"] for row in await self._fetch(WAITING, after)]

    async def seen(self) -> list[Sighting]:
        """Return uncertain messages that were met (see ``Queue.seen``)."""
        rows = await self._fetch(SEEN)
        return [Sighting(row["email_id"], row["message_digest"], row["place"]) for row in rows]

    async def position(self) -> int:
        """Return how far the rows are written (see ``Queue.position``)."""
        try:
            async with self._pool.acquire() as db:
                return await CHECKPOINT.read(db)
        except TRANSIENT as error:
            raise _unavailable(error) from error

    async def _fetch(self, query: str, *arguments: object) -> list[Record]:
        try:
            found: list[Record] = await self._pool.fetch(query, *arguments)
        except TRANSIENT as error:
            raise _unavailable(error) from error
        return found


def _due(row: Record) -> Due:
    return Due(
        row["email_id"], row["account_id"], tuple(row["domains"]), row["was_held"], row["turn_at"]
    )


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"cannot read the queue: {error!r}")
