"""When each token was used last, to the minute: what tells a forgotten token from one in use."""

from courrier.events.postgres.pool import Pool

USED = """
    INSERT INTO token_uses AS t (token_id, last_used_at) VALUES ($1, now())
    ON CONFLICT (token_id) DO UPDATE SET last_used_at = now()
     WHERE t.last_used_at < now() - interval '1 minute'
"""


async def used(pool: Pool, token_id: str) -> None:
    """Note that a token is used now."""
    await pool.execute(USED, token_id)
