"""Bytes that are to go once nobody refers to them: rows of what was asked for, until it is done."""

from collections.abc import Sequence
from datetime import datetime

from courrier.events.postgres.pool import Pool

ASK = """
    INSERT INTO unwanted_blobs (digest, asked_at)
    SELECT digest, $2 FROM unnest($1::text[]) AS wanted(digest)
    ON CONFLICT (digest) DO UPDATE SET asked_at = excluded.asked_at
"""
NEXT = """
    SELECT digest, asked_at FROM unwanted_blobs
     WHERE digest > $1 ORDER BY digest LIMIT $2
"""
DONE = "DELETE FROM unwanted_blobs WHERE digest = $1 AND asked_at = $2"


class PostgresUnwantedBlobs:
    """``UnwantedBlobs`` in the gateway's state: no rebuild forgets them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ask(self, digests: Sequence[str], now: datetime) -> None:
        """Note that these are to go."""
        await self._pool.execute(ASK, sorted(set(digests)), now)

    async def next(self, after: str, limit: int) -> list[tuple[str, datetime]]:
        """Return the next ones by digest, and when they were asked for."""
        return [(row[0], row[1]) for row in await self._pool.fetch(NEXT, after, limit)]

    async def done(self, digest: str, asked_at: datetime) -> None:
        """Forget one, unless it was asked for again."""
        await self._pool.execute(DONE, digest, asked_at)
