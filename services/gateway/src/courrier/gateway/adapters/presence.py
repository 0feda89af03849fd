"""Who reads or answers which conversation now: rows that expire in seconds, on no log."""

from dataclasses import dataclass

from courrier.events.postgres.pool import Pool

HERE_S = 30
"""Whoever says nothing for so long is not there any more."""
SAY = """
    INSERT INTO presence (thread_id, person_id, doing, until)
    VALUES ($1, $2, $3, now() + $4 * interval '1 second')
    ON CONFLICT (thread_id, person_id) DO UPDATE
       SET doing = excluded.doing, until = excluded.until
"""
LEAVE = "DELETE FROM presence WHERE thread_id = $1 AND person_id = $2"
HERE = """
    SELECT p.person_id, u.name, p.doing
      FROM presence p LEFT JOIN users u ON u.user_id = p.person_id
     WHERE p.thread_id = $1 AND p.until > now() ORDER BY p.person_id LIMIT 100
"""
PRUNE = "DELETE FROM presence WHERE until < now() - interval '1 minute'"


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is at a conversation; ``doing`` is reading or answering."""

    person_id: str
    name: str | None
    doing: str


async def say(pool: Pool, thread_id: str, *, person_id: str, doing: str) -> None:
    """Note what a person does with a conversation for the next seconds."""
    await pool.execute(SAY, thread_id, person_id, doing, HERE_S)


async def leave(pool: Pool, thread_id: str, *, person_id: str) -> None:
    """Note that a person is not there any more."""
    await pool.execute(LEAVE, thread_id, person_id)


async def here(pool: Pool, thread_id: str) -> list[Present]:
    """Return who is at a conversation now."""
    return [Present(*row) for row in await pool.fetch(HERE, thread_id)]


async def prune(pool: Pool) -> None:
    """Delete who left."""
    await pool.execute(PRUNE)
