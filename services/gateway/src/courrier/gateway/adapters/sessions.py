"""Sessions as rows: they say who is logged in now, not what happened, and are in no log."""

from courrier.events.postgres.pool import Pool
from courrier.gateway.ports import Session

OPEN = """
    WITH expired AS (DELETE FROM sessions WHERE expires_at < now())
    INSERT INTO sessions (digest, user_id, csrf, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5)
"""
FIND = """
    SELECT digest, user_id, csrf, created_at, expires_at FROM sessions
     WHERE digest = $1 AND expires_at > now()
"""
END = "DELETE FROM sessions WHERE digest = $1"
END_ALL = "DELETE FROM sessions WHERE user_id = $1"


class PostgresSessions:
    """``Sessions`` in the gateway's schema, so that any instance knows them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self, session: Session) -> None:
        """Keep a new session; those that expired go."""
        await self._pool.execute(
            OPEN,
            session.digest,
            session.user_id,
            session.csrf,
            session.opened_at,
            session.expires_at,
        )

    async def find(self, digest: str) -> Session | None:
        """Return a session that has not expired."""
        row = await self._pool.fetchrow(FIND, digest)
        if row is None:
            return None
        return Session(
            row["digest"], row["user_id"], row["csrf"], row["created_at"], row["expires_at"]
        )

    async def end(self, digest: str) -> None:
        """Forget a session."""
        await self._pool.execute(END, digest)

    async def end_all(self, user_id: str) -> None:
        """Forget all sessions of a user."""
        await self._pool.execute(END_ALL, user_id)
