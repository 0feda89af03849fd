"""Sessions as rows: they say who is logged in now, not what happened, and are in no log."""

from asyncpg import Record

from courrier.events.postgres.pool import Pool
from courrier.gateway.entrance import Session

OPEN = """
    WITH expired AS (DELETE FROM sessions WHERE expires_at < now())
    INSERT INTO sessions
           (digest, user_id, csrf, created_at, expires_at, session_id, agent, address)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
FIND = """
    SELECT digest, user_id, csrf, created_at, expires_at, session_id, agent, address, last_seen_at
      FROM sessions WHERE digest = $1 AND expires_at > now()
"""
OF_USER = """
    SELECT digest, user_id, csrf, created_at, expires_at, session_id, agent, address, last_seen_at
      FROM sessions WHERE user_id = $1 AND expires_at > now()
     ORDER BY last_seen_at DESC, session_id LIMIT 200
"""
SEEN = """
    UPDATE sessions SET last_seen_at = now()
     WHERE digest = $1 AND last_seen_at < now() - interval '1 minute'
"""
END = "DELETE FROM sessions WHERE digest = $1"
END_ONE = "DELETE FROM sessions WHERE user_id = $1 AND session_id = $2 RETURNING session_id"
END_ALL = "DELETE FROM sessions WHERE user_id = $1 AND digest IS DISTINCT FROM $2"


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
            session.id,
            session.agent,
            session.address,
        )

    async def find(self, digest: str) -> Session | None:
        """Return a session that has not expired, and note that it is used."""
        row = await self._pool.fetchrow(FIND, digest)
        if row is None:
            return None
        await self._pool.execute(SEEN, digest)
        return _session(row)

    async def of_user(self, user_id: str) -> list[Session]:
        """Return a user's sessions, the one used last first."""
        return [_session(row) for row in await self._pool.fetch(OF_USER, user_id)]

    async def end(self, digest: str) -> None:
        """Forget a session."""
        await self._pool.execute(END, digest)

    async def end_one(self, user_id: str, session_id: str) -> bool:
        """Forget one of a user's sessions; False if there is none of this id."""
        return await self._pool.fetchrow(END_ONE, user_id, session_id) is not None

    async def end_all(self, user_id: str, but: str | None = None) -> None:
        """Forget all sessions of a user, except the one with this digest."""
        await self._pool.execute(END_ALL, user_id, but)


def _session(row: Record) -> Session:
    return Session(
        digest=row["digest"],
        user_id=row["user_id"],
        csrf=row["csrf"],
        opened_at=row["created_at"],
        expires_at=row["expires_at"],
        id=row["session_id"],
        agent=row["agent"],
        address=row["address"],
        last_seen_at=row["last_seen_at"],
    )
