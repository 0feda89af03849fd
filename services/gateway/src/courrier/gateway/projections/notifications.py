"""What a person is told: new mail, mentions, assignments, reminders, bounces. No table, a question.

New mail is the unread copies that nobody silenced, not older than a day when they came (what a
mailbox brings when it is set up is no news). Robots' mail is told only to whoever
wants it, new mail at all only to whoever did not turn it off: asked when it is read.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.cursors import Cursor

_MAIL = """
    SELECT h.email_id AS id, 'mail' AS kind, h.email_id, e.thread_id,
           e.subject, e.sent_from ->> 'address' AS actor, h.held_at AS at
      FROM email_holders h JOIN emails e ON e.email_id = h.email_id
     WHERE h.holder_id = $1 AND NOT h.is_quiet AND NOT h.is_read
       AND h.folder NOT IN ('trash', 'junk', 'archive', 'sent')
       AND h.date > h.held_at - interval '1 day'
       AND $2 AND (NOT e.auto_reply OR $3)
"""
_TEAM_MAIL = """
    SELECT h.email_id AS id, 'mail' AS kind, h.email_id, e.thread_id,
           e.subject, e.sent_from ->> 'address' AS actor, h.held_at AS at
      FROM email_holders h JOIN emails e ON e.email_id = h.email_id
      LEFT JOIN team_copies c ON c.email_id = h.email_id AND c.person_id = $1
     WHERE h.holder_id = ANY({teams}::text[]) AND NOT h.is_quiet AND NOT h.is_read
       AND h.folder NOT IN ('trash', 'junk', 'archive', 'sent')
       AND coalesce(c.folder, '.') = '.' AND NOT coalesce(c.is_read, false)
       AND NOT EXISTS (SELECT 1 FROM email_holders o
                        WHERE o.email_id = h.email_id
                          AND (o.holder_id = $1 OR (o.holder_id = ANY({teams}::text[])
                                                    AND o.holder_id < h.holder_id)))
       AND h.date > h.held_at - interval '1 day'
       AND $2 AND (NOT e.auto_reply OR $3)
"""
_NOTICES = """
    SELECT n.notice_id AS id, n.kind, n.email_id, n.thread_id, NULL::text AS subject, n.actor, n.at
      FROM notices n
     WHERE n.person_id = $1 AND n.at > now() - interval '30 days'
"""
_BOUNCES = """
    SELECT 'bounce-' || b.email_id || '-' || b.address AS id, 'bounce' AS kind, b.email_id,
           NULL::text AS thread_id, b.subject, b.address AS actor, b.at
      FROM bounces b
     WHERE b.author_id = $1 AND b.at > now() - interval '30 days'
"""
_PAGED = """
    SELECT t.id, t.kind, t.email_id, t.thread_id, t.subject, t.actor, t.at,
           t.at > coalesce((SELECT seen_at FROM notices_seen s WHERE s.person_id = $1),
                           '-infinity') AS is_new
      FROM ({mail} UNION ALL {teams} UNION ALL {notices} UNION ALL {bounces}) AS t
     WHERE (t.at, t.id) < ($4, $5)
     ORDER BY t.at DESC, t.id DESC LIMIT $6
"""
PAGE = _PAGED.format(
    mail=f"({_MAIL} AND (h.held_at, h.email_id) <= ($4, $5) ORDER BY h.held_at DESC LIMIT $6)",
    teams="("
    + _TEAM_MAIL.format(teams="$7")
    + " AND (h.held_at, h.email_id) <= ($4, $5) ORDER BY h.held_at DESC LIMIT $6)",
    notices=f"({_NOTICES} AND (n.at, n.notice_id) <= ($4, $5) ORDER BY n.at DESC LIMIT $6)",
    bounces=f"({_BOUNCES} AND b.at <= $4 ORDER BY b.at DESC LIMIT $6)",
)
_AMONG = """
    SELECT found.id
      FROM ({mail} UNION ALL {teams} UNION ALL {notices} UNION ALL {bounces}) AS found
     WHERE found.id = ANY($4::text[])
"""
AMONG = _AMONG.format(
    mail=f"{_MAIL} AND h.email_id = ANY($4::text[])",
    teams=_TEAM_MAIL.format(teams="$5") + " AND h.email_id = ANY($4::text[])",
    notices=_NOTICES,
    bounces=_BOUNCES,
)
SEEN = """
    INSERT INTO notices_seen AS s (person_id, seen_at) VALUES ($1, $2)
    ON CONFLICT (person_id) DO UPDATE SET seen_at = greatest(s.seen_at, excluded.seen_at)
"""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a person wants to be told of new mail."""

    new_mail: bool = True
    robots: bool = False


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to tell; ``actor`` is an address for mail and bounces, else ``user:<id>``."""

    id: str
    kind: str
    email_id: str | None
    thread_id: str | None
    subject: str | None
    actor: str | None
    at: datetime
    is_new: bool


async def notifications_of(
    pool: Pool, reach: Reach, wants: Wants, *, before: Cursor, limit: int
) -> list[Notification]:
    """Return what a person is told, newest first."""
    values = (reach.person_id, wants.new_mail, wants.robots, before.moment, before.id, limit)
    rows = await pool.fetch(PAGE, *values, list(reach.team_ids))
    return [Notification(*row) for row in rows]


async def told_among(
    pool: Pool, reach: Reach, wants: Wants, ids: Collection[str]
) -> frozenset[str]:
    """Return those of these that the person is told of."""
    values = (reach.person_id, wants.new_mail, wants.robots, list(ids), list(reach.team_ids))
    rows = await pool.fetch(AMONG, *values)
    return frozenset(row["id"] for row in rows)


async def seen(pool: Pool, person_id: str, until: datetime) -> None:
    """Note that the person has seen all that was told up to then."""
    await pool.execute(SEEN, person_id, until)
