"""Which e-mails stand on a page: ids only, newest first, by folder, record or thread.

Keyset pages over the tables of e-mails, holders and links. Access is in each statement, by the
``Reach`` that ``domain/access.py`` gives; each ends at an index made for it. Look-ups by
``LIMIT 1`` instead of EXISTS: the planner would hash an EXISTS over all of a person's mail.
"""

from asyncpg import Record

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.cursors import Cursor, Place
from courrier.gateway.domain.mail_query import MailQuery

from . import team_pages
from .relations import history_of

IN_FOLDER = """
    SELECT email_id, date FROM email_holders
     WHERE holder_id = $1 AND folder = $2 AND (date, email_id) < ($3, $4)
     ORDER BY date DESC, email_id DESC LIMIT $5
"""
UNREAD_IN_FOLDER = """
    SELECT email_id, date FROM email_holders
     WHERE holder_id = $1 AND folder = $2 AND NOT is_read AND (date, email_id) < ($3, $4)
     ORDER BY date DESC, email_id DESC LIMIT $5
"""
HELD = """
    SELECT email_id, date FROM email_holders
     WHERE holder_id = $1 AND folder NOT IN ('trash', 'junk') AND (date, email_id) < ($2, $3)
     ORDER BY date DESC, email_id DESC LIMIT $4
"""
UNREAD_HELD = """
    SELECT email_id, date FROM email_holders
     WHERE holder_id = $1 AND folder NOT IN ('trash', 'junk') AND NOT is_read
       AND (date, email_id) < ($2, $3)
     ORDER BY date DESC, email_id DESC LIMIT $4
"""
IMPORTANT = """
    SELECT email_id, date FROM email_holders
     WHERE holder_id = $1 AND folder NOT IN ('trash', 'junk') AND is_important
       AND (date, email_id) < ($2, $3)
     ORDER BY date DESC, email_id DESC LIMIT $4
"""
UNREAD_IMPORTANT = """
    SELECT email_id, date FROM email_holders
     WHERE holder_id = $1 AND folder NOT IN ('trash', 'junk') AND is_important AND NOT is_read
       AND (date, email_id) < ($2, $3)
     ORDER BY date DESC, email_id DESC LIMIT $4
"""
OF_RECORDS = """
    SELECT found.email_id, max(found.date) AS date
      FROM unnest($1::text[], $2::text[]) AS about(record_type, record_id)
     CROSS JOIN LATERAL (
           SELECT l.email_id, l.date FROM email_links l
            WHERE l.record_type = about.record_type AND l.record_id = about.record_id
              AND (l.date, l.email_id) < ($3, $4)
            ORDER BY l.date DESC, l.email_id DESC LIMIT $5) found
     GROUP BY found.email_id
     ORDER BY date DESC, found.email_id DESC LIMIT $5
"""
UNREAD_OF_RECORDS = """
    SELECT found.email_id, max(found.date) AS date
      FROM unnest($1::text[], $2::text[]) AS about(record_type, record_id)
     CROSS JOIN LATERAL (
           SELECT l.email_id, l.date FROM email_links l
             JOIN email_holders h
               ON h.email_id = l.email_id AND h.holder_id = $6 AND NOT h.is_read
            WHERE l.record_type = about.record_type AND l.record_id = about.record_id
              AND (l.date, l.email_id) < ($3, $4)
            ORDER BY l.date DESC, l.email_id DESC LIMIT $5) found
     GROUP BY found.email_id
     ORDER BY date DESC, found.email_id DESC LIMIT $5
"""
OF_THREAD = """
    SELECT e.email_id, e.date FROM emails e
     WHERE e.thread_id = $1 AND (e.date, e.email_id) < ($2, $3)
       AND ((SELECT true FROM email_holders h
              WHERE h.email_id = e.email_id AND h.holder_id = ANY($4::text[])
              LIMIT 1) IS NOT NULL
            OR (SELECT true FROM email_links l
                  LEFT JOIN merged_records m
                    ON m.record_type = l.record_type AND m.record_id = l.record_id
                  LEFT JOIN records r
                    ON r.record_type = l.record_type
                   AND r.record_id = coalesce(m.into_id, l.record_id)
                 WHERE l.email_id = e.email_id AND r.audience && $5::text[]
                 LIMIT 1) IS NOT NULL)
     ORDER BY e.date DESC, e.email_id DESC LIMIT $6
"""

EVERYWHERE = "all"
"""The folder that holds whatever a person has in use: not the Trash, not Junk."""
MARKED = "important"
"""What a person marked important, wherever it is in use."""
VIEWS = {EVERYWHERE: (HELD, UNREAD_HELD), MARKED: (IMPORTANT, UNREAD_IMPORTANT)}
"""Folders in which an e-mail is beside the one it is in; all of it, and what is unread."""


async def in_folder(
    pool: Pool, reach: Reach, folder: str, place: Place, *, unread: bool = False
) -> list[Cursor]:
    """Return a person's e-mails in a folder, or in one of the ``VIEWS``; those of teams, too."""
    if reach.team_ids:
        return await team_pages.matching(pool, reach, MailQuery(folder, unread), place)
    after, holder_id = place.after, reach.person_id
    if folder in VIEWS:
        sql = VIEWS[folder][unread]
        rows = await pool.fetch(sql, holder_id, after.moment, after.id, place.limit)
    else:
        sql = UNREAD_IN_FOLDER if unread else IN_FOLDER
        rows = await pool.fetch(sql, holder_id, folder, after.moment, after.id, place.limit)
    return _cursors(rows)


async def matching(pool: Pool, reach: Reach, query: MailQuery, place: Place) -> list[Cursor]:
    """Return the e-mails that a person asks for in words."""
    if query.is_of_work:
        return await team_pages.matching(pool, reach, query, place)
    return await in_folder(pool, reach, query.folder, place, unread=query.unread)


async def of_record(
    pool: Pool, record: RecordRef, place: Place, unread_by: str | None = None
) -> list[Cursor]:
    """Return the e-mails of a record that the caller may read (checked before).

    Those linked to it, and what stands behind it (``history_of``). ``unread_by`` leaves those that
    this person holds and has not read.
    """
    about = await history_of(pool, record)
    found = (
        [each.type for each in about],
        [each.id for each in about],
        place.after.moment,
        place.after.id,
        place.limit,
    )
    if unread_by is None:
        return _cursors(await pool.fetch(OF_RECORDS, *found))
    return _cursors(await pool.fetch(UNREAD_OF_RECORDS, *found, unread_by))


async def of_thread(pool: Pool, thread_id: str, reach: Reach, place: Place) -> list[Cursor]:
    """Return the e-mails of a conversation that are within the reader's reach."""
    rows = await pool.fetch(
        OF_THREAD,
        thread_id,
        place.after.moment,
        place.after.id,
        list(reach.holder_ids),
        list(reach.keys),
        place.limit,
    )
    return _cursors(rows)


def _cursors(rows: list[Record]) -> list[Cursor]:
    return [Cursor(row["date"], row["email_id"]) for row in rows]
