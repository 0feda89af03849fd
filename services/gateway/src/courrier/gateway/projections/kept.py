"""Answers kept for ``Idempotency-Key`` hold what they told: erasing forgets those, too.

And tables that wait to be imported, and lines that a job has still to take, whatever they hold: an
erasure knows neither names nor addresses any more to search them for. All of it is state, not
views: a rebuild of views leaves it alone.
"""

from collections.abc import Sequence

from courrier.events.postgres.pool import Db

FORGET = """
    DELETE FROM kept_answers
     WHERE current_setting('courrier.rebuilding', true) IS NULL
       AND EXISTS (SELECT 1 FROM unnest($1::text[]) AS g(id)
                    WHERE position(convert_to(g.id, 'UTF8') IN body) > 0)
"""
FORGET_IMPORTS = """
    DELETE FROM imports WHERE current_setting('courrier.rebuilding', true) IS NULL
"""
FORGET_LINES = """
    UPDATE jobs
       SET state = 'failed', cancel = true, body = NULL, error_count = error_count + 1,
           errors = errors || jsonb_build_array(jsonb_build_object('detail', $1::text)),
           changed_at = now()
     WHERE body IS NOT NULL AND current_setting('courrier.rebuilding', true) IS NULL
"""
ENDED = "something was erased meanwhile, and these lines with it: send what was not done again"


async def forget(db: Db, ids: Sequence[str]) -> None:
    """Delete the answers in which one of these ids stands, and all that waits to be taken in."""
    await db.execute(FORGET, list(ids))
    await db.execute(FORGET_IMPORTS)
    await db.execute(FORGET_LINES, ENDED)
