"""Where the messages of e-mails were received: their events' places on ``MAILBOX``.

A query over ``emails`` and ``received_texts``; it feeds nothing. E-mails that were written here
have no such event, and erased ones no row.
"""

from dataclasses import dataclass
from datetime import datetime

from courrier.events.postgres.pool import Pool

BY_IDS = """
    SELECT e.email_id, t.seq
      FROM emails e JOIN received_texts t ON t.event_id = e.source_id
     WHERE e.email_id = ANY($1::text[]) ORDER BY e.email_id
"""
NEXT = """
    SELECT e.email_id, t.seq
      FROM emails e JOIN received_texts t ON t.event_id = e.source_id
     WHERE e.email_id > $1 AND ($2::text IS NULL OR e.account_id = $2)
       AND ($3::timestamptz IS NULL OR e.date >= $3)
       AND ($4::timestamptz IS NULL OR e.date < $4)
     ORDER BY e.email_id LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which e-mails: of an account, from ``since`` on, before ``until``; None: any."""

    account_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def places_of(pool: Pool, email_ids: list[str]) -> list[tuple[str, int]]:
    """Return (e-mail, place of its message's event) for those that were received."""
    return [(row[0], row[1]) for row in await pool.fetch(BY_IDS, email_ids)]


async def next_places(pool: Pool, wanted: Wanted, after: str, limit: int) -> list[tuple[str, int]]:
    """Return the next e-mails by id, with the places of their messages' events."""
    rows = await pool.fetch(NEXT, after, wanted.account_id, wanted.since, wanted.until, limit)
    return [(row[0], row[1]) for row in rows]
