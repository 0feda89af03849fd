"""Copies in use that a filter matches and would change: counted, and page by page.

What is in Trash, Junk or Sent, snoozed or given up is left alone, as on arrival.
"""

from dataclasses import dataclass
from typing import Any

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.past_mail import Wanted

from .rows import escaped

MATCHING = """
      FROM email_holders h
      JOIN emails e ON e.email_id = h.email_id
      LEFT JOIN received_texts t ON t.event_id = e.source_id
     WHERE h.holder_type = 'user'
       AND h.folder NOT IN ('sent', 'trash', 'junk', 'snoozed')
       AND e.status = 'archived'
       AND ($1::text IS NULL OR h.holder_id = $1)
       AND ($2::text IS NULL OR h.account_id = $2)
       AND ($3::text IS NULL OR lower(e.sent_from ->> 'address') LIKE $3)
       AND ($4::text IS NULL
            OR EXISTS (SELECT 1 FROM jsonb_array_elements(e.sent_to) AS r
                        WHERE lower(r ->> 'address') LIKE $4))
       AND ($5::text IS NULL OR coalesce(e.subject, '') LIKE $5)
       AND ($6::bigint IS NULL OR e.raw_size > $6)
       AND ($7::text IS NULL OR lower(t.list_id) LIKE $7
            OR lower(rtrim(substring(t.list_id FROM '<([^<]*)$'), '> ')) LIKE $7)
       AND ($8::boolean IS NULL
            OR (e.attachment_count > jsonb_array_length(coalesce(t.attachments, '[]'))
                OR EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(t.attachments, '[]')) AS a
                            WHERE NOT coalesce((a ->> 'inline')::boolean, false))) = $8)
       AND ($9::text[] IS NULL OR lower(t.text) LIKE ANY($9))
       AND ($10::text[] IS NULL OR lower(t.text) LIKE ALL($10))
       AND ($11::text IS NULL OR h.email_id = $11)
       AND (h.folder <> coalesce($12::text, h.folder)
            OR ($13::boolean AND NOT h.is_read) OR ($14::boolean AND NOT h.is_important))
"""
COUNT = "SELECT count(*)" + MATCHING
FOUND = "SELECT h.holder_id, h.email_id, h.date" + MATCHING
NEWEST = """
    SELECT count(*) AS copies,
           (array_agg(email_id ORDER BY date DESC, email_id DESC)
              FILTER (WHERE holder_id = $15))[1:$16] AS newest
      FROM found
"""
NEXT = """
       AND (h.holder_id, h.email_id) > ($15::text, $16::text)
     ORDER BY h.holder_id, h.email_id LIMIT $17
"""
TELL = "WITH found AS MATERIALIZED (" + FOUND + ")" + NEWEST
PAGE = FOUND + NEXT


@dataclass(frozen=True, slots=True)
class Copy:
    """One person's copy of an e-mail; copies are in the order of both ids."""

    holder_id: str
    email_id: str


async def count(pool: Pool, wanted: Wanted) -> int:
    """Return how many copies would change."""
    return int(await pool.fetchval(COUNT, *_given(wanted)))


async def tell(pool: Pool, wanted: Wanted, reader_id: str, limit: int) -> tuple[int, list[str]]:
    """Return how many copies would change, and the newest of them that the reader holds."""
    row = await pool.fetchrow(TELL, *_given(wanted), reader_id, limit)
    return (row["copies"], row["newest"] or []) if row else (0, [])


async def page(pool: Pool, wanted: Wanted, after: Copy, limit: int) -> list[Copy]:
    """Return the next copies."""
    rows = await pool.fetch(PAGE, *_given(wanted), after.holder_id, after.email_id, limit)
    return [Copy(row["holder_id"], row["email_id"]) for row in rows]


def _given(wanted: Wanted) -> tuple[Any, ...]:
    change = wanted.change
    return (
        wanted.holder_id,
        wanted.account_id,
        _lower(wanted.sender),
        _lower(wanted.to),
        _pattern(wanted.subject),
        wanted.size_over,
        _lower(wanted.list_id),
        wanted.has_attachment,
        _within(wanted.any_of),
        _within(wanted.all_of),
        wanted.email_id,
        change.folder,
        bool(change.is_read),
        bool(change.is_important),
    )


def _pattern(words: str | None) -> str | None:
    """Return words with stars as LIKE takes them."""
    return None if words is None else escaped(words).replace("*", "%")


def _lower(words: str | None) -> str | None:
    pattern = _pattern(words)
    return pattern and pattern.lower()


def _within(phrases: list[str] | None) -> list[str] | None:
    return phrases and [f"%{escaped(each).lower()}%" for each in phrases]
