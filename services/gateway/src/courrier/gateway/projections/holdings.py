"""Who has each e-mail, in which folder, read or not; and the counters beside the folders.

Tables ``email_holders``, ``given_up`` and ``folder_counters``, fed by ``EMAIL``; what people do
with their copies is in ``holding_changes.py``, and with a team's in ``team_copies.py``. A counter
moves by what the same statement did to the rows, never by what an event claims: an event that comes
again moves nothing, so that counters always equal a recount. The screens that show the change are
told in the same transaction.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.email import (
    EmailErased,
    EmailImported,
    EmailShared,
    Holding,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.access import Reach

from . import team_copies, view_changes
from .emails import evidence_text
from .holding_changes import filled, forget_zeros, register
from .rows import columns

NEWS = """
            UNION ALL
            SELECT a.holder_id, 'notification', a.email_id, a.seq
              FROM added a
             WHERE NOT a.is_quiet AND NOT a.is_read AND a.date > a.held_at - interval '1 day'
               AND a.folder NOT IN ('trash', 'junk', 'archive', 'sent')
"""
ADD_COPIES = """
    WITH given AS (
        SELECT g.email_id, g.holder_id, g.holder_type,
               CASE c.folder WHEN '.' THEN t.folder ELSE coalesce(c.folder, g.folder) END AS folder,
               g.account_id, g.source_id, coalesce(c.is_read, g.is_read) AS is_read,
               coalesce(c.is_important, g.is_important) AS is_important, g.is_quiet,
               g.reason::jsonb AS reason, g.date, g.held_at, g.seq
          FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                      $7::boolean[], $8::boolean[], $9::boolean[], $10::text[],
                      $11::timestamptz[], $12::timestamptz[], $13::bigint[])
               AS g(email_id, holder_id, holder_type, folder, account_id, source_id, is_read,
                    is_important, is_quiet, reason, date, held_at, seq)
          LEFT JOIN team_copies c ON c.email_id = g.email_id AND c.person_id = g.holder_id
          LEFT JOIN LATERAL (
               SELECT h.folder FROM email_holders h
                WHERE h.email_id = c.email_id AND h.holder_type = 'group'
                ORDER BY h.holder_id LIMIT 1) t ON true
         WHERE c.folder IS DISTINCT FROM ''
           AND NOT EXISTS (SELECT 1 FROM given_up u
                            WHERE u.email_id = g.email_id AND u.holder_id = g.holder_id)
    ), added AS (
        INSERT INTO email_holders
               (email_id, holder_id, holder_type, folder, account_id, source_id, is_read,
                is_important, is_quiet, reason, date, held_at, seq)
        SELECT g.email_id, g.holder_id, g.holder_type, g.folder, g.account_id, g.source_id,
               g.is_read, g.is_important, g.is_quiet, g.reason, g.date, g.held_at, g.seq
          FROM given g
        ON CONFLICT DO NOTHING
        RETURNING email_id, holder_id, folder, is_read, is_important, is_quiet, date, held_at, seq
    ), moves AS (
        SELECT n.email_id, n.holder_id, place, n.seq, 1 AS total,
               CASE WHEN n.is_read THEN 0 ELSE 1 END AS unread
          FROM added n CROSS JOIN LATERAL unnest({places_new}) AS place
    ), counted AS ({count})
    {tell}
"""
ADD = filled(ADD_COPIES, more=NEWS)
FORGET = filled("""
    WITH gone AS (
        DELETE FROM email_holders h USING unnest($1::text[], $2::bigint[]) AS g(email_id, seq)
         WHERE h.email_id = g.email_id
        RETURNING h.holder_id, h.email_id, h.folder, h.is_read, h.is_important, g.seq
    ), moves AS (
        SELECT o.email_id, o.holder_id, place, o.seq, -1 AS total,
               CASE WHEN o.is_read THEN 0 ELSE -1 END AS unread
          FROM gone o CROSS JOIN LATERAL unnest({places_old}) AS place
    ), counted AS ({count}), told AS ({tell})
    SELECT holder_id FROM gone
""")
FORGET_GIVEN_UP = "DELETE FROM given_up WHERE email_id = ANY($1::text[])"
DATES = "SELECT email_id, date FROM emails WHERE email_id = ANY($1::text[])"
COUNTERS = """
    SELECT folder, total, unread FROM folder_counters WHERE holder_id = $1 ORDER BY folder
"""

holdings: Projection[Db] = Projection("holdings", stream="EMAIL", version=3)
register(holdings)


@holdings.on(EmailImported)
async def imported(db: Db, run: Sequence[Recorded[EmailImported]]) -> None:
    """The first holders of new e-mails."""
    rows = [
        (*_row(recorded, holding), recorded.event.date, recorded.time, recorded.sequence)
        for recorded in run
        for holding in recorded.event.holdings
    ]
    await _add(db, rows)


@holdings.on(EmailShared)
async def shared(db: Db, run: Sequence[Recorded[EmailShared]]) -> None:
    """Further holders; the date is the e-mail's, whose row the same stream made before."""
    ids = sorted({recorded.event.email_id for recorded in run})
    dates = {row["email_id"]: row["date"] for row in await db.fetch(DATES, ids)}
    rows = [
        (
            *_row(recorded, holding),
            dates.get(recorded.event.email_id, recorded.time),
            recorded.time,
            recorded.sequence,
        )
        for recorded in run
        for holding in recorded.event.holdings
    ]
    await _add(db, rows)


@holdings.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nobody has these e-mails any more; a folder that is empty now counts as never used."""
    await view_changes.lock(db)
    rows = [(recorded.event.email_id, recorded.sequence) for recorded in run]
    ids = [email_id for email_id, _ in rows]

    async def forget() -> None:
        gone = await db.fetch(FORGET, *columns(rows, 2))
        await db.execute(FORGET_GIVEN_UP, ids)
        await team_copies.forget(db, ids)
        await forget_zeros(db, [row["holder_id"] for row in gone])

    await team_copies.following(db, ids, forget)


async def counters_of(pool: Pool, reach: Reach) -> dict[str, tuple[int, int]]:
    """Return total and unread by folder, team mail included; folders without mail are absent."""
    rows = await pool.fetch(COUNTERS, reach.person_id)
    own = {row["folder"]: (row["total"], row["unread"]) for row in rows}
    shared = await team_copies.counters_of(pool, reach.person_id, reach.team_ids)
    for folder, (total, unread) in shared.items():
        before = own.get(folder, (0, 0))
        own[folder] = (before[0] + total, before[1] + unread)
    return own


def _row(
    recorded: Recorded[EmailImported] | Recorded[EmailShared], holding: Holding
) -> tuple[object, ...]:
    return (
        recorded.event.email_id,
        holding.holder_id,
        holding.holder_type,
        holding.folder,
        holding.account_id,
        recorded.event.source_id,
        holding.is_read,
        holding.is_important,
        holding.is_quiet,
        evidence_text(holding.reason),
    )


async def _add(db: Db, rows: list[tuple[object, ...]]) -> None:
    if not rows:
        return
    ids = [str(row[0]) for row in rows]

    async def add() -> None:
        await view_changes.lock(db)
        await db.execute(ADD, *columns(rows, 13))
        await team_copies.taken_over(db, ids)

    await team_copies.following(db, ids, add)
