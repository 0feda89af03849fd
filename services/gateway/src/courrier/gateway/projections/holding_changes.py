"""What people did with their copies: the rows of ``email_holders`` change, and the counters follow.

Tables ``email_holders``, ``given_up`` and ``folder_counters``, fed by ``EMAIL``. One statement a
run: it locks the rows it changes, writes what they become, and moves the counters by the
difference, so that an event that comes again finds a newer row and moves nothing. A copy counts in
its folder and, when it is important and in use, in ``important``. A counter at zero has no row, so
that a rebuild gives the same rows however the events were batched.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailMarkedRead, EmailMarkedUnread
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

from . import team_copies, view_changes
from .rows import columns

_PLACES = """
    ARRAY[{row}.folder] || CASE WHEN {row}.is_important AND {row}.folder NOT IN ('trash', 'junk')
                                THEN ARRAY['important'] ELSE '{{}}'::text[] END
"""
_TELL = """
    INSERT INTO view_changes (person_id, kind, ref, stream, seq)
    SELECT told.person_id, told.kind, told.ref, 'EMAIL', told.seq
      FROM (SELECT m.holder_id AS person_id, 'email' AS kind, m.email_id AS ref, max(m.seq) AS seq
              FROM moves m GROUP BY m.holder_id, m.email_id
            UNION ALL
            SELECT m.holder_id, 'counters', m.place, max(m.seq)
              FROM moves m GROUP BY m.holder_id, m.place
            {more}) AS told
     WHERE current_setting('courrier.rebuilding', true) IS NULL
     ORDER BY told.seq, array_position(ARRAY['email', 'counters', 'notification'], told.kind)
"""
_COUNT = """
    INSERT INTO folder_counters AS c (holder_id, folder, total, unread)
    SELECT m.holder_id, m.place, sum(m.total), sum(m.unread)
      FROM moves m GROUP BY m.holder_id, m.place
    HAVING sum(m.total) <> 0 OR sum(m.unread) <> 0
     ORDER BY m.holder_id, m.place
    ON CONFLICT (holder_id, folder) DO UPDATE
       SET total = c.total + excluded.total, unread = c.unread + excluded.unread
"""


def filled(statement: str, more: str = "") -> str:
    """Return a statement with what all of them end with: ``moves`` are counted and told.

    ``places_old`` and ``places_new`` are the folders that a row ``o`` or ``n`` counts in; ``more``
    is told, too.
    """
    return statement.format(
        places_old=_PLACES.format(row="o"),
        places_new=_PLACES.format(row="n"),
        count=_COUNT,
        tell=_TELL.format(more=more),
    )


CHANGE = filled("""
    WITH given AS (
        SELECT DISTINCT ON (g.email_id, g.person_id) g.email_id, g.person_id, g.folder, g.seq
          FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
               AS g(email_id, person_id, folder, seq)
         ORDER BY g.email_id, g.person_id, g.seq DESC
    ), old AS (
        SELECT h.email_id, h.holder_id, h.folder, h.is_read, h.is_important, g.seq
          FROM email_holders h
          JOIN given g ON g.email_id = h.email_id AND g.person_id = h.holder_id
         WHERE h.seq < g.seq
           FOR UPDATE OF h
    ), new AS (
        SELECT o.email_id, o.holder_id, coalesce(g.folder, o.folder) AS folder,
               coalesce($5, o.is_read) AS is_read, coalesce($6, o.is_important) AS is_important,
               o.seq
          FROM old o JOIN given g ON g.email_id = o.email_id AND g.person_id = o.holder_id
    ), changed AS (
        UPDATE email_holders h
           SET folder = n.folder, is_read = n.is_read, is_important = n.is_important, seq = n.seq
          FROM new n
         WHERE h.email_id = n.email_id AND h.holder_id = n.holder_id
    ), moves AS (
        SELECT o.email_id, o.holder_id, place, o.seq, -1 AS total,
               CASE WHEN o.is_read THEN 0 ELSE -1 END AS unread
          FROM old o CROSS JOIN LATERAL unnest({places_old}) AS place
        UNION ALL
        SELECT n.email_id, n.holder_id, place, n.seq, 1,
               CASE WHEN n.is_read THEN 0 ELSE 1 END
          FROM new n CROSS JOIN LATERAL unnest({places_new}) AS place
    ), counted AS ({count})
    {tell}
""")
GIVE_UP = filled("""
    WITH given AS (
        SELECT g.email_id, g.person_id, g.seq
          FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g(email_id, person_id, seq)
    ), old AS (
        DELETE FROM email_holders h USING given g
         WHERE h.email_id = g.email_id AND h.holder_id = g.person_id AND h.seq < g.seq
        RETURNING h.email_id, h.holder_id, h.holder_type, h.folder, h.account_id, h.source_id,
                  h.is_read, h.is_important, h.is_quiet, h.reason, h.date, h.held_at, g.seq
    ), kept AS (
        INSERT INTO given_up (email_id, holder_id, holder_type, account_id, source_id, is_read,
                              is_important, is_quiet, reason, date, held_at, seq)
        SELECT email_id, holder_id, holder_type, account_id, source_id, is_read, is_important,
               is_quiet, reason, date, held_at, seq
          FROM old
        ON CONFLICT DO NOTHING
    ), moves AS (
        SELECT o.email_id, o.holder_id, place, o.seq, -1 AS total,
               CASE WHEN o.is_read THEN 0 ELSE -1 END AS unread
          FROM old o CROSS JOIN LATERAL unnest({places_old}) AS place
    ), counted AS ({count})
    {tell}
""")
GIVE_BACK = filled("""
    WITH given AS (
        SELECT DISTINCT ON (g.email_id, g.person_id) g.email_id, g.person_id, g.folder, g.seq
          FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
               AS g(email_id, person_id, folder, seq)
         ORDER BY g.email_id, g.person_id, g.seq DESC
    ), kept AS (
        DELETE FROM given_up u USING given g
         WHERE u.email_id = g.email_id AND u.holder_id = g.person_id AND u.seq < g.seq
        RETURNING u.email_id, u.holder_id, u.holder_type, g.folder, u.account_id, u.source_id,
                  u.is_read, u.is_important, u.is_quiet, u.reason, u.date, u.held_at, g.seq
    ), new AS (
        INSERT INTO email_holders (email_id, holder_id, holder_type, folder, account_id, source_id,
                                   is_read, is_important, is_quiet, reason, date, held_at, seq)
        SELECT email_id, holder_id, holder_type, folder, account_id, source_id, is_read,
               is_important, is_quiet, reason, date, held_at, seq
          FROM kept
        ON CONFLICT DO NOTHING
        RETURNING email_id, holder_id, folder, is_read, is_important, seq
    ), moves AS (
        SELECT n.email_id, n.holder_id, place, n.seq, 1 AS total,
               CASE WHEN n.is_read THEN 0 ELSE 1 END AS unread
          FROM new n CROSS JOIN LATERAL unnest({places_new}) AS place
    ), counted AS ({count})
    {tell}
""")
NOTHING_COUNTED = """
    DELETE FROM folder_counters WHERE total = 0 AND holder_id = ANY($1::text[])
"""
PLACE_OF: dict[type[object], str] = {
    EmailArchived: "archive",
    EmailTrashed: "trash",
    EmailSnoozed: "snoozed",
}

Run = Sequence[Recorded[Any]]


def register(holdings: Projection[Db]) -> None:
    """Let the projection of holders take what they do, in its order among the other facts."""
    holdings.on_each(EmailMarkedRead, EmailMarkedUnread)(_read)
    holdings.on_each(EmailMarkedImportant, EmailMarkedUnimportant)(_important)
    holdings.on_each(EmailFiled, EmailArchived, EmailTrashed, EmailSnoozed, EmailWoken)(_moved)
    holdings.on(EmailRestored)(_restored)
    holdings.on(EmailGivenUp)(_given_up)


async def forget_zeros(db: Db, holder_ids: Sequence[str]) -> None:
    """A folder that is empty now counts as never used."""
    await db.execute(NOTHING_COUNTED, sorted(set(holder_ids)))


async def _read(db: Db, run: Run) -> None:
    """Some e-mails are read, or unread."""
    await _change(db, run, is_read=isinstance(run[0].event, EmailMarkedRead))


async def _important(db: Db, run: Run) -> None:
    """Some e-mails are important, or are not."""
    await _change(db, run, is_important=isinstance(run[0].event, EmailMarkedImportant))


async def _moved(db: Db, run: Run) -> None:
    """Some e-mails are elsewhere."""
    await _change(db, run)


async def _restored(db: Db, run: Run) -> None:
    """Some e-mails are back; what was given up is held again."""

    async def restore() -> None:
        await view_changes.lock(db)
        await db.execute(GIVE_BACK, *columns(_rows(run), 4))
        await _changed(db, run)

    await _following(db, run, restore)


async def _given_up(db: Db, run: Run) -> None:
    """Some persons hold some e-mails no more."""

    async def give_up() -> None:
        await view_changes.lock(db)
        rows = [(r.event.email_id, r.event.person_id, r.sequence) for r in run]
        await db.execute(GIVE_UP, *columns(rows, 3))
        await team_copies.change(db, [(*row[:2], "", row[2]) for row in rows])
        await forget_zeros(db, [r.event.person_id for r in run])

    await _following(db, run, give_up)


async def _change(
    db: Db, run: Run, *, is_read: bool | None = None, is_important: bool | None = None
) -> None:
    change = partial(_changed, db, run, is_read=is_read, is_important=is_important)
    await _following(db, run, change)


async def _changed(
    db: Db, run: Run, *, is_read: bool | None = None, is_important: bool | None = None
) -> None:
    await view_changes.lock(db)
    rows = _rows(run)
    await db.execute(CHANGE, *columns(rows, 4), is_read, is_important)
    await team_copies.change(db, rows, is_read=is_read, is_important=is_important)
    await forget_zeros(db, [r.event.person_id for r in run])


async def _following(db: Db, run: Run, change: Callable[[], Awaitable[None]]) -> None:
    await team_copies.following(db, [r.event.email_id for r in run], change)


def _rows(run: Run) -> list[tuple[object, ...]]:
    """Return e-mail, person, folder (None: as it is) and sequence of each event."""
    return [
        (
            r.event.email_id,
            r.event.person_id,
            PLACE_OF.get(type(r.event)) or getattr(r.event, "folder", None),
            r.sequence,
        )
        for r in run
    ]
