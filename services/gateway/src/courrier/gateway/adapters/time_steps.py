"""Which one-time code was taken last, so that none is taken twice, on any instance."""

from courrier.events.postgres.pool import Pool

TAKE = """
    INSERT INTO used_time_steps AS u (user_id, step) VALUES ($1, $2)
    ON CONFLICT (user_id) DO UPDATE SET step = excluded.step WHERE u.step < excluded.step
    RETURNING step
"""


class PostgresTimeSteps:
    """``TimeSteps`` in the gateway's schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def take(self, user_id: str, step: int) -> bool:
        """Tell whether the code of this step is new (see ``TimeSteps.take``)."""
        return await self._pool.fetchrow(TAKE, user_id, step) is not None
