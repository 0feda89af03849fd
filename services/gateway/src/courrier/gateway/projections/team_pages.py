"""Pages of a folder for members of teams: their own mail, and what their teams hold.

A branch for a person's own copies, one for team mail they put elsewhere, and one a team for what is
where the team has it: each ends at an index in the page's order and gives a page at most. Whoever
holds an e-mail themselves, or gave it up, is not shown the team's copy; of several teams that hold
it the first one's counts. Asked for the work on conversations, too: who has them, and their status.
"""

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.cursors import Cursor, Place
from courrier.gateway.domain.mail_query import MailQuery

_PAGE = """
    SELECT found.email_id, found.date FROM (
        (SELECT h.email_id, h.date FROM email_holders h
          WHERE h.holder_id = $1 AND {own} AND (h.date, h.email_id) < ($3, $4)
            AND ($6::boolean IS NULL OR h.is_read <> $6) AND {work_h}
          ORDER BY h.date DESC, h.email_id DESC LIMIT $5)
        UNION ALL
        (SELECT h.email_id, h.date FROM team_copies h
          WHERE h.person_id = $1 AND h.folder NOT IN ('.', '') AND {own}
            AND (h.date, h.email_id) < ($3, $4)
            AND ($6::boolean IS NULL OR h.is_read <> $6) AND {work_h}
            AND (SELECT true FROM email_holders t
                  WHERE t.email_id = h.email_id AND t.holder_id = ANY($7::text[])
                  LIMIT 1) IS NOT NULL
          ORDER BY h.date DESC, h.email_id DESC LIMIT $5)
        UNION ALL
        SELECT shared.email_id, shared.date
          FROM unnest($7::text[]) AS team(team_id)
         CROSS JOIN LATERAL (
               SELECT h.email_id, h.date FROM email_holders h
                 LEFT JOIN team_copies c ON c.email_id = h.email_id AND c.person_id = $1
                WHERE h.holder_id = team.team_id AND {shared}
                  AND (h.date, h.email_id) < ($3, $4)
                  AND coalesce(c.folder, '.') = '.'
                  AND ($6::boolean IS NULL OR coalesce(c.is_read, h.is_read) <> $6) AND {work_h}
                  AND (SELECT true FROM email_holders o
                        WHERE o.email_id = h.email_id
                          AND (o.holder_id = $1 OR (o.holder_id = ANY($7::text[])
                                                    AND o.holder_id < h.holder_id))
                        LIMIT 1) IS NULL
                  AND (SELECT true FROM given_up u
                        WHERE u.email_id = h.email_id AND u.holder_id = $1) IS NULL
                ORDER BY h.date DESC, h.email_id DESC LIMIT $5) AS shared) AS found
     ORDER BY found.date DESC, found.email_id DESC LIMIT $5
"""
_WORK = """(
    SELECT true FROM emails e
      LEFT JOIN conversations v ON v.thread_id = e.thread_id
     WHERE e.email_id = h.email_id
       AND ($8::text IS NULL OR coalesce(v.assignee, '') = $8)
       AND ($9::text IS NULL OR coalesce(v.status, 'open') = $9)
       AND ($10::text IS NULL OR $10 = ANY(v.tags))) IS NOT NULL"""
_IN_FOLDER = {"own": "h.folder = $2", "shared": "h.folder = $2"}
_IN_USE = "$2::text IS NOT NULL AND h.folder NOT IN ('trash', 'junk')"
_ALL = {"own": _IN_USE, "shared": _IN_USE}
_IMPORTANT = {
    "own": _IN_USE + " AND h.is_important",
    "shared": _IN_USE + " AND coalesce(c.is_important, h.is_important)",
}
IN_FOLDER = _PAGE.format(**_IN_FOLDER, work_h="true")
ALL = _PAGE.format(**_ALL, work_h="true")
IMPORTANT = _PAGE.format(**_IMPORTANT, work_h="true")
WORK_IN_FOLDER = _PAGE.format(**_IN_FOLDER, work_h=_WORK)
WORK_IN_ALL = _PAGE.format(**_ALL, work_h=_WORK)
WORK_IMPORTANT = _PAGE.format(**_IMPORTANT, work_h=_WORK)
VIEWS = {"all": (ALL, WORK_IN_ALL), "important": (IMPORTANT, WORK_IMPORTANT)}


async def matching(pool: Pool, reach: Reach, query: MailQuery, place: Place) -> list[Cursor]:
    """Return what a person asks for of a folder, or of ``all`` or ``important``."""
    after = place.after
    values = (reach.person_id, query.folder, after.moment, after.id, place.limit)
    more = (True if query.unread else None, list(reach.team_ids))
    plain, of_work = VIEWS.get(query.folder, (IN_FOLDER, WORK_IN_FOLDER))
    if not query.is_of_work:
        rows = await pool.fetch(plain, *values, *more)
    else:
        who = reach.person_id if query.assignee == "me" else query.assignee
        rows = await pool.fetch(of_work, *values, *more, who, query.status, query.tag)
    return [Cursor(row["date"], row["email_id"]) for row in rows]
