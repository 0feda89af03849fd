"""Answers kept for ``Idempotency-Key`` hold what they told: erasing forgets those, too.

And tables that wait to be imported, whatever they hold. Both are state, not views: a rebuild of
views leaves them alone.
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


async def forget(db: Db, ids: Sequence[str]) -> None:
    """Delete the answers in which one of these ids stands."""
    await db.execute(FORGET, list(ids))
    await db.execute(FORGET_IMPORTS)
