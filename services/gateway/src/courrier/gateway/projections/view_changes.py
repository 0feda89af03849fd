"""What each person's screen has to redraw, in the order in which it became visible.

Table ``view_changes``. Ids are given under one lock that is held until the commit, so that they
rise in the order of commits: a reader that asks for ids over the last it saw misses nothing.
Rows are kept for a day; ``view_horizon`` remembers up to where they are gone. They are state, not
views: what is built in a shadow tells nobody (I10), and waits for nobody's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from courrier.events.postgres.pool import Db, Pool

LOCK = """
    SELECT pg_advisory_xact_lock(hashtext('gateway.view_changes'))
     WHERE current_setting('courrier.rebuilding', true) IS NULL
"""
ADD = """
    INSERT INTO view_changes (person_id, kind, ref, stream, seq)
    SELECT $1, $2, $3, $4, $5 WHERE current_setting('courrier.rebuilding', true) IS NULL
"""
AFTER = """
    SELECT id, kind, ref, stream, seq FROM view_changes
     WHERE person_id = ANY($1::text[]) AND id > $2 ORDER BY id LIMIT $3
"""
SPAN = """
    SELECT h.pruned, coalesce((SELECT max(id) FROM view_changes), h.pruned) AS newest
      FROM view_horizon h
"""
PRUNE = """
    WITH gone AS (
        DELETE FROM view_changes WHERE at < now() - interval '24 hours' RETURNING id
    )
    UPDATE view_horizon SET pruned = greatest(pruned, (SELECT max(id) FROM gone))
     WHERE EXISTS (SELECT 1 FROM gone)
"""

BEGIN_EPOCH = """
    WITH turned AS (
        UPDATE view_horizon
           SET epoch = $1, pruned = nextval(pg_get_serial_sequence('view_changes', 'id'))
         WHERE epoch <> $1 RETURNING pruned
    ), told AS (
        DELETE FROM view_changes WHERE id <= (SELECT pruned FROM turned)
    ), kept AS (
        DELETE FROM kept_answers WHERE EXISTS (SELECT 1 FROM turned)
    )
    SELECT true FROM turned
"""

PAGE = 500


@dataclass(frozen=True, slots=True)
class ViewChange:
    """One thing to redraw; ``kind`` is email, counters or job, ``ref`` the e-mail, folder or job.

    What follows from no event has no ``position``.
    """

    id: int
    kind: str
    ref: str
    position: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Ids up to ``pruned`` are gone; ``newest`` is the last one given."""

    pruned: int
    newest: int


async def lock(db: Db) -> None:
    """Take the lock under which ids are given; it is released by the end of the transaction."""
    await db.execute(LOCK)


async def add(db: Db, person_id: str, *, kind: str, ref: str, at: tuple[str, int]) -> None:
    """Tell one person's screen; ``at`` is stream and sequence. Takes the lock."""
    await lock(db)
    await db.execute(ADD, person_id, kind, ref, *at)


async def after(pool: Pool, whose: Sequence[str], last: int) -> list[ViewChange]:
    """Return up to ``PAGE`` changes of a person and their teams after ``last``, oldest first."""
    return [
        ViewChange(row["id"], row["kind"], row["ref"], _position(row["stream"], row["seq"]))
        for row in await pool.fetch(AFTER, list(whose), last, PAGE)
    ]


def _position(stream: str, seq: int) -> str | None:
    return f"{stream}:{seq}" if stream else None


async def span(pool: Pool) -> Span:
    """Return which ids can still be asked for."""
    row = await pool.fetchrow(SPAN)
    return Span(row["pruned"], row["newest"]) if row else Span(0, 0)


async def begin_epoch(pool: Pool, epoch: int) -> bool:
    """Tell everybody to start anew if the log is another one now; return whether it is.

    What was told is forgotten, and answers kept for repeats are: the log may not hold it any more.
    """
    async with pool.acquire() as db, db.transaction():
        await lock(db)
        return bool(await db.fetchval(BEGIN_EPOCH, epoch))


async def prune(pool: Pool) -> None:
    """Delete what is older than a day."""
    await pool.execute(PRUNE)
