"""What members of a team did with mail that the team holds, and counters that fit each member.

Tables ``team_copies`` and ``team_counters``, fed by ``EMAIL`` only: who is a member is asked when
they are read, so that a new member sees old mail and a leaver none. A counter is kept for each
audience (the teams that hold an e-mail, and where), and for what each person has set of it; the
first of a reader's teams decides where they find it. Counters move by what a statement did to the
rows: they are counted for its e-mails before and after. Whoever holds an e-mail themselves, or gave
their copy up, has no part in the team's.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from courrier.events.postgres.pool import Db, Pool

from . import view_changes
from .rows import columns

HERE = "."
"""The place of a member's copy that is where the team has it."""

COUNT = """
    WITH held AS (
        SELECT h.email_id,
               string_agg(h.holder_id || ':' || h.folder || ':' || h.is_read::int
                          || h.is_important::int, ',' ORDER BY h.holder_id) AS audience
          FROM email_holders h
         WHERE h.email_id = ANY($1::text[]) AND h.holder_type = 'group'
         GROUP BY h.email_id
    ), set_by AS (
        SELECT t.audience, h.holder_id AS person_id, NULL::text[] AS places, false AS is_read
          FROM held t
          JOIN email_holders h ON h.email_id = t.email_id AND h.holder_type = 'user'
        UNION ALL
        SELECT t.audience, u.holder_id, NULL, false
          FROM held t JOIN given_up u ON u.email_id = t.email_id
        UNION ALL
        SELECT t.audience, c.person_id,
               CASE WHEN c.folder = '' THEN '{}'::text[] ELSE ARRAY[c.folder] END
               || CASE WHEN NOT c.is_important OR c.folder IN ('', 'trash', 'junk')
                       THEN '{}'::text[]
                       WHEN c.folder = '.' THEN ARRAY['.important'] ELSE ARRAY['important'] END,
               c.is_read
          FROM held t JOIN team_copies c ON c.email_id = t.email_id
    )
    SELECT audience, '' AS person_id, '' AS place, count(*) AS total, 0::bigint AS unread
      FROM held GROUP BY audience
    UNION ALL
    SELECT audience, person_id, '', count(*), 0 FROM set_by GROUP BY audience, person_id
    UNION ALL
    SELECT s.audience, s.person_id, place, count(*), count(*) FILTER (WHERE NOT s.is_read)
      FROM set_by s CROSS JOIN LATERAL unnest(s.places) AS place
     GROUP BY s.audience, s.person_id, place
"""
MOVE = """
    INSERT INTO team_counters AS c (audience, person_id, place, total, unread)
    SELECT g.audience, g.person_id, g.place, g.total, g.unread
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
           AS g(audience, person_id, place, total, unread)
     ORDER BY g.audience, g.person_id, g.place
    ON CONFLICT (audience, person_id, place) DO UPDATE
       SET total = c.total + excluded.total, unread = c.unread + excluded.unread
"""
NOTHING_COUNTED = "DELETE FROM team_counters WHERE total = 0 AND audience = ANY($1::text[])"
CHANGE = """
    WITH given AS (
        SELECT DISTINCT ON (g.email_id, g.person_id) g.email_id, g.person_id, g.folder, g.seq
          FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
               AS g(email_id, person_id, folder, seq)
         ORDER BY g.email_id, g.person_id, g.seq DESC
    ), new AS (
        INSERT INTO team_copies AS old
               (email_id, person_id, folder, is_read, is_important, date, seq)
        SELECT g.email_id, g.person_id, coalesce(g.folder, c.folder, '.'),
               coalesce($5, c.is_read, t.is_read), coalesce($6, c.is_important, t.is_important),
               t.date, g.seq
          FROM given g
         CROSS JOIN LATERAL (
               SELECT h.is_read, h.is_important, h.date FROM email_holders h
                WHERE h.email_id = g.email_id AND h.holder_type = 'group' AND h.seq < g.seq
                ORDER BY h.holder_id LIMIT 1) t
          LEFT JOIN team_copies c ON c.email_id = g.email_id AND c.person_id = g.person_id
         WHERE NOT EXISTS (SELECT 1 FROM email_holders o
                            WHERE o.email_id = g.email_id AND o.holder_id = g.person_id)
           AND NOT EXISTS (SELECT 1 FROM given_up u
                            WHERE u.email_id = g.email_id AND u.holder_id = g.person_id)
        ON CONFLICT (email_id, person_id) DO UPDATE
           SET folder = excluded.folder, is_read = excluded.is_read,
               is_important = excluded.is_important, seq = excluded.seq
         WHERE old.seq < excluded.seq
        RETURNING old.email_id, old.person_id, old.seq
    )
    INSERT INTO view_changes (person_id, kind, ref, stream, seq)
    SELECT n.person_id, told.kind, CASE told.kind WHEN 'email' THEN n.email_id ELSE 'all' END,
           'EMAIL', n.seq
      FROM new n CROSS JOIN (VALUES ('email', 1), ('counters', 2)) AS told(kind, place)
     WHERE current_setting('courrier.rebuilding', true) IS NULL
     ORDER BY n.seq, told.place
"""
TAKEN_OVER = """
    DELETE FROM team_copies c USING email_holders h
     WHERE c.email_id = ANY($1::text[]) AND h.email_id = c.email_id AND h.holder_id = c.person_id
"""
FORGET = "DELETE FROM team_copies WHERE email_id = ANY($1::text[])"
COUNTERS = """
    SELECT audience, person_id, place, total, unread FROM team_counters
     WHERE person_id IN ('', $1)
"""

Counts = Counter[tuple[str, str, str, bool]]
Row = tuple[object, ...]


async def following(
    db: Db, email_ids: Iterable[str], change: Callable[[], Awaitable[None]]
) -> None:
    """Change rows of these e-mails, and move the counters by what became of them."""
    ids = sorted(set(email_ids))
    before = await _count(db, ids)
    await change()
    after = await _count(db, ids)
    moved = {key: after[key] - before[key] for key in {**before, **after}}
    rows: dict[tuple[str, str, str], list[int]] = {}
    for (*key, is_unread), number in moved.items():
        audience, person_id, place = key
        rows.setdefault((audience, person_id, place), [0, 0])[is_unread] = number
    kept = [(*key, *numbers) for key, numbers in rows.items() if any(numbers)]
    if kept:
        await db.execute(MOVE, *columns(kept, 5))
        await db.execute(NOTHING_COUNTED, sorted({audience for audience, _, _ in rows}))


async def change(
    db: Db,
    rows: Sequence[Row],
    *,
    is_read: bool | None = None,
    is_important: bool | None = None,
) -> None:
    """Change members' copies: e-mail, person, folder (None: as it is) and sequence of each."""
    await view_changes.lock(db)
    await db.execute(CHANGE, *columns(rows, 4), is_read, is_important)


async def taken_over(db: Db, email_ids: Iterable[str]) -> None:
    """Forget the members' copies of those who hold the e-mail themselves now."""
    await db.execute(TAKEN_OVER, sorted(set(email_ids)))


async def forget(db: Db, email_ids: Iterable[str]) -> None:
    """Forget what anybody did with these e-mails."""
    await db.execute(FORGET, sorted(set(email_ids)))


async def counters_of(
    pool: Pool, person_id: str, team_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return total and unread by folder of what a person sees as a member of these teams."""
    if not team_ids:
        return {}
    found = Counter[str](), Counter[str]()
    for row in await pool.fetch(COUNTERS, person_id):
        seen = _seen(str(row["audience"]), team_ids)
        if seen is not None:
            counted = {"total": row["total"], "unread": row["unread"]}
            for place, total, unread in seen.placed(row["person_id"], row["place"], **counted):
                found[0][place] += total
                found[1][place] += unread
    return {place: (total, found[1][place]) for place, total in found[0].items() if total}


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where the first of a reader's teams has an e-mail, and how it is marked there."""

    folder: str
    is_read: bool
    is_important: bool

    def placed(
        self, person_id: str, place: str, *, total: int, unread: int
    ) -> list[tuple[str, int, int]]:
        """Return the folders in which a row of counters counts, with total and unread."""
        in_use = self.folder not in {"trash", "junk"}
        if place == "":
            number = -total if person_id else total
            places = [self.folder] + ["important"] * (self.is_important and in_use)
            return [(each, number, 0 if self.is_read else number) for each in places]
        if place == HERE:
            return [(self.folder, total, unread)]
        if place == ".important":
            return [("important", total, unread)] if in_use else []
        return [(place, total, unread)]


def _seen(audience: str, team_ids: Sequence[str]) -> _Seen | None:
    for each in audience.split(","):
        team_id, folder, marks = each.split(":")
        if team_id in team_ids:
            return _Seen(folder, marks[0] == "1", marks[1] == "1")
    return None


async def _count(db: Db, ids: Sequence[str]) -> Counts:
    """Return totals (keys with False) and unread (with True) of these e-mails."""
    found: Counts = Counter()
    for row in await db.fetch(COUNT, list(ids)):
        key = (row["audience"], row["person_id"], row["place"])
        found[*key, False] = row["total"]
        found[*key, True] = row["unread"]
    return found
