"""Who has each e-mail, in which folder, read or not; and the counters beside the folders.

Tables ``email_holders`` and ``folder_counters``, fed by ``EMAIL``. A counter moves by what the
same statement did to the rows, never by what an event claims: an event that comes again moves
nothing, so that counters always equal a recount. The screens that show the change are told in
the same transaction.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.email import (
    EmailErased,
    EmailImported,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
    Holding,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from . import view_changes
from .emails import evidence_text
from .rows import columns

ADD = """
    WITH given AS (
        SELECT g.email_id, g.holder_id, g.holder_type, g.folder, g.account_id, g.source_id,
               g.is_read, g.reason::jsonb AS reason, g.date, g.held_at, g.seq
          FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                      $7::boolean[], $8::text[], $9::timestamptz[], $10::timestamptz[],
                      $11::bigint[])
               AS g(email_id, holder_id, holder_type, folder, account_id, source_id, is_read,
                    reason, date, held_at, seq)
    ), added AS (
        INSERT INTO email_holders
               (email_id, holder_id, holder_type, folder, account_id, source_id, is_read, reason,
                date, held_at, seq)
        SELECT g.email_id, g.holder_id, g.holder_type, g.folder, g.account_id, g.source_id,
               g.is_read, g.reason, g.date, g.held_at, g.seq
          FROM given g
        ON CONFLICT DO NOTHING
        RETURNING email_id, holder_id, folder, is_read, seq
    ), counted AS (
        INSERT INTO folder_counters AS c (holder_id, folder, total, unread)
        SELECT a.holder_id, a.folder, count(*), count(*) FILTER (WHERE NOT a.is_read)
          FROM added a GROUP BY a.holder_id, a.folder ORDER BY a.holder_id, a.folder
        ON CONFLICT (holder_id, folder) DO UPDATE
           SET total = c.total + excluded.total, unread = c.unread + excluded.unread
    )
    INSERT INTO view_changes (person_id, kind, ref, stream, seq)
    SELECT told.person_id, told.kind, told.ref, 'EMAIL', told.seq
      FROM (SELECT a.holder_id AS person_id, 'email' AS kind, a.email_id AS ref, a.seq
              FROM added a
            UNION ALL
            SELECT a.holder_id, 'counters', a.folder, max(a.seq)
              FROM added a GROUP BY a.holder_id, a.folder) AS told
     WHERE current_setting('courrier.rebuilding', true) IS NULL
     ORDER BY told.seq, told.kind DESC
"""
MARK = """
    WITH given AS (
        SELECT DISTINCT ON (g.email_id, g.person_id) g.email_id, g.person_id, g.seq
          FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g(email_id, person_id, seq)
         ORDER BY g.email_id, g.person_id, g.seq DESC
    ), before AS (
        SELECT h.email_id, h.holder_id, h.folder, h.is_read, g.seq
          FROM email_holders h
          JOIN given g ON g.email_id = h.email_id AND g.person_id = h.holder_id
         WHERE h.seq < g.seq
           FOR UPDATE OF h
    ), changed AS (
        UPDATE email_holders h SET is_read = $4, seq = b.seq
          FROM before b
         WHERE h.email_id = b.email_id AND h.holder_id = b.holder_id
    ), counted AS (
        UPDATE folder_counters c
           SET unread = c.unread + CASE WHEN $4 THEN -moved.times ELSE moved.times END
          FROM (SELECT b.holder_id, b.folder, count(*) AS times
                  FROM before b WHERE b.is_read <> $4 GROUP BY b.holder_id, b.folder) AS moved
         WHERE c.holder_id = moved.holder_id AND c.folder = moved.folder
    )
    INSERT INTO view_changes (person_id, kind, ref, stream, seq)
    SELECT told.person_id, told.kind, told.ref, 'EMAIL', told.seq
      FROM (SELECT b.holder_id AS person_id, 'email' AS kind, b.email_id AS ref, b.seq
              FROM before b WHERE b.is_read <> $4
            UNION ALL
            SELECT b.holder_id, 'counters', b.folder, max(b.seq)
              FROM before b WHERE b.is_read <> $4 GROUP BY b.holder_id, b.folder) AS told
     WHERE current_setting('courrier.rebuilding', true) IS NULL
     ORDER BY told.seq, told.kind DESC
"""
FORGET = """
    WITH gone AS (
        DELETE FROM email_holders h USING unnest($1::text[], $2::bigint[]) AS g(email_id, seq)
         WHERE h.email_id = g.email_id
        RETURNING h.holder_id, h.email_id, h.folder, h.is_read, g.seq
    ), lost AS (
        SELECT holder_id, folder, count(*) AS total, count(*) FILTER (WHERE NOT is_read) AS unread
          FROM gone GROUP BY holder_id, folder
    ), counted AS (
        UPDATE folder_counters c SET total = c.total - l.total, unread = c.unread - l.unread
          FROM lost l WHERE c.holder_id = l.holder_id AND c.folder = l.folder
    )
    INSERT INTO view_changes (person_id, kind, ref, stream, seq)
    SELECT told.person_id, told.kind, told.ref, 'EMAIL', told.seq
      FROM (SELECT g.holder_id AS person_id, 'email' AS kind, g.email_id AS ref, g.seq
              FROM gone g
            UNION ALL
            SELECT g.holder_id, 'counters', g.folder, max(g.seq)
              FROM gone g GROUP BY g.holder_id, g.folder) AS told
     WHERE current_setting('courrier.rebuilding', true) IS NULL
     ORDER BY told.seq, told.kind DESC
"""
NOTHING_COUNTED = "DELETE FROM folder_counters WHERE total = 0"
DATES = "SELECT email_id, date FROM emails WHERE email_id = ANY($1::text[])"
COUNTERS = """
    SELECT folder, total, unread FROM folder_counters WHERE holder_id = $1 ORDER BY folder
"""

holdings: Projection[Db] = Projection("holdings", stream="EMAIL", version=2)


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


@holdings.on(EmailMarkedRead)
async def marked_read(db: Db, run: Sequence[Recorded[EmailMarkedRead]]) -> None:
    """A person has read some e-mails."""
    await _mark(db, run, is_read=True)


@holdings.on(EmailMarkedUnread)
async def marked_unread(db: Db, run: Sequence[Recorded[EmailMarkedUnread]]) -> None:
    """A person wants to read some e-mails again."""
    await _mark(db, run, is_read=False)


@holdings.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nobody has these e-mails any more; a folder that is empty now counts as never used."""
    await view_changes.lock(db)
    rows = [(recorded.event.email_id, recorded.sequence) for recorded in run]
    await db.execute(FORGET, *columns(rows, 2))
    await db.execute(NOTHING_COUNTED)


async def counters_of(pool: Pool, holder_id: str) -> dict[str, tuple[int, int]]:
    """Return total and unread by folder; folders without mail are absent."""
    rows = await pool.fetch(COUNTERS, holder_id)
    return {row["folder"]: (row["total"], row["unread"]) for row in rows}


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
        evidence_text(holding.reason),
    )


async def _add(db: Db, rows: list[tuple[object, ...]]) -> None:
    if rows:
        await view_changes.lock(db)
        await db.execute(ADD, *columns(rows, 11))


async def _mark(
    db: Db,
    run: Sequence[Recorded[EmailMarkedRead]] | Sequence[Recorded[EmailMarkedUnread]],
    *,
    is_read: bool,
) -> None:
    rows = [(r.event.email_id, r.event.person_id, r.sequence) for r in run]
    await view_changes.lock(db)
    await db.execute(MARK, *columns(rows, 3), is_read)
