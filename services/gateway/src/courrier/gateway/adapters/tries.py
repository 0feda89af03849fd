"""Failed log-ins as rows, shared by all instances; a try is counted before it is judged.

Otherwise many tries at once would all pass before the first was found wrong.
"""

from collections.abc import Sequence

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.throttle import Key, wait_s
from courrier.gateway.entrance import TooManyTries

OPEN = """
    INSERT INTO log_in_tries (key, count, until, at)
    SELECT g.key, 0, clock_timestamp(), clock_timestamp()
      FROM unnest($1::text[]) AS g(key) ORDER BY g.key
    ON CONFLICT DO NOTHING
"""
READ = """
    SELECT key, CASE WHEN at < clock_timestamp() - interval '1 hour' THEN 0 ELSE count END AS count,
           extract(epoch FROM until - clock_timestamp())::float8 AS wait
      FROM log_in_tries WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE
"""
COUNT = """
    UPDATE log_in_tries
       SET count = $2, until = clock_timestamp() + make_interval(secs => $3),
           at = clock_timestamp()
     WHERE key = $1
"""
FORGIVE = "DELETE FROM log_in_tries WHERE key = ANY($1::text[])"
TAKE_BACK = "UPDATE log_in_tries SET count = count - 1 WHERE key = ANY($1::text[]) AND count > 0"
PRUNE = "DELETE FROM log_in_tries WHERE at < now() - interval '1 day'"


class PostgresTries:
    """``Tries`` in the gateway's schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def begin(self, keys: Sequence[Key]) -> None:
        """Count a try (see ``Tries.begin``)."""
        kinds = {key.text: key.kind for key in keys}
        async with self._pool.acquire() as db, db.transaction():
            await db.execute(OPEN, list(kinds))
            rows = await db.fetch(READ, list(kinds))
            longest = max((row["wait"] for row in rows), default=0.0)
            if longest > 0:
                raise TooManyTries(longest)
            for row in rows:
                count = row["count"] + 1
                await db.execute(COUNT, row["key"], count, wait_s(kinds[row["key"]], count))

    async def succeeded(self, keys: Sequence[Key]) -> None:
        """Forget the failures; of a place, which many share, only this try."""
        own = [key.text for key in keys if key.kind != "place"]
        shared = [key.text for key in keys if key.kind == "place"]
        await self._pool.execute(FORGIVE, own)
        await self._pool.execute(TAKE_BACK, shared)


async def prune(pool: Pool) -> None:
    """Delete what is older than a day."""
    await pool.execute(PRUNE)
