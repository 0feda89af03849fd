"""Sessions as rows: they say who is logged in now, not what happened, and are in no log."""

from courrier.events.postgres.pool import Pool
from courrier.gateway.ports import Session

OPEN = """
    WITH expired AS (DELETE FROM sessions WHERE expires_at < now())
    INSERT INTO sessions (digest, user_id, csrf, expires_at) VALUES ($1, $2, $3, $4)
"""
FIND = """
    SELECT digest, user_id, csrf, expires_at FROM sessions
     WHERE digest = $1 AND expires_at > now()
"""
END = "DELETE FROM sessions WHERE digest = $1"


class PostgresSessions:
    """``Sessions`` in the gateway's schema, so that any instance knows them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self, session: Session) -> None:
        """Keep a new session; those that expired go."""
        await self._pool.execute(
            OPEN, session.digest, session.user_id, session.csrf, session.expires_at
        )

    async def find(self, digest: str) -> Session | None:
        """Return a session that has not expired."""
        row = await self._pool.fetchrow(FIND, digest)
        return (
            Session(row["digest"], row["user_id"], row["csrf"], row["expires_at"]) if row else None
        )

    async def end(self, digest: str) -> None:
        """Forget a session."""
        await self._pool.execute(END, digest)
