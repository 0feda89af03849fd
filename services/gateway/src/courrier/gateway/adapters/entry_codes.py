"""Mailed codes as rows: taken once, by whichever instance comes first."""

from datetime import datetime

from courrier.events.postgres.pool import Pool
from courrier.gateway.entrance import EntryCode

KEEP = """
    WITH gone AS (
        DELETE FROM entry_codes
         WHERE (user_id = $2 AND purpose = $3 AND address = $4) OR expires_at < now()
    )
    INSERT INTO entry_codes (digest, user_id, purpose, address, expires_at)
    VALUES ($1, $2, $3, $4, $5)
"""
TAKE = """
    DELETE FROM entry_codes WHERE digest = $1 AND purpose = ANY($2::text[]) AND expires_at > now()
    RETURNING user_id, purpose, address
"""


class PostgresEntryCodes:
    """``EntryCodes`` in the gateway's schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, digest: str, code: EntryCode, expires_at: datetime) -> None:
        """Keep a code; an earlier one for the same is useless then."""
        await self._pool.execute(KEEP, digest, code.user_id, code.purpose, code.address, expires_at)

    async def take(self, digest: str, *purposes: str) -> EntryCode | None:
        """Return what a code is for, this once."""
        row = await self._pool.fetchrow(TAKE, digest, list(purposes))
        return EntryCode(row["user_id"], row["purpose"], row["address"]) if row else None
