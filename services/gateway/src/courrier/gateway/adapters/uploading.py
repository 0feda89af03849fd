"""Files that come in pieces, as rows: for a day, or until they are complete."""

from dataclasses import dataclass

import asyncpg

from courrier.events.postgres.pool import Pool

BEGIN = """
    INSERT INTO uploading (upload_id, user_id, filename, content_type, content_id, inline, size)
    SELECT $1, $2, $3, $4, $5, $6, $7
     WHERE (SELECT count(*) FROM uploading WHERE user_id = $2) < $8
    ON CONFLICT DO NOTHING
"""
FIND = """
    SELECT upload_id, filename, content_type, content_id, inline, size, received
      FROM uploading WHERE upload_id = $1 AND user_id = $2
"""
MOVE = """
    UPDATE uploading SET received = received + $3, changed_at = now()
     WHERE upload_id = $1 AND received = $2 AND received + $3 <= size
    RETURNING received
"""
ADD = "INSERT INTO uploading_parts (upload_id, place, content) VALUES ($1, $2, $3)"
PARTS = "SELECT content FROM uploading_parts WHERE upload_id = $1 ORDER BY place"
REMOVE = "DELETE FROM uploading WHERE upload_id = $1"
PRUNE = "DELETE FROM uploading WHERE changed_at < now() - interval '24 hours'"

AT_ONCE = 20
"""Unfinished files of one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A file of which ``received`` bytes of ``size`` are there."""

    id: str
    filename: str
    content_type: str
    content_id: str | None
    inline: bool
    size: int
    received: int = 0


async def begin(pool: Pool, user_id: str, new: Unfinished) -> Unfinished | None:
    """Begin a file; None when the person has too many that are not finished."""
    values = (new.id, user_id, new.filename, new.content_type, new.content_id, new.inline, new.size)
    await pool.execute(BEGIN, *values, AT_ONCE)
    return await find(pool, user_id, new.id)


async def find(pool: Pool, user_id: str, upload_id: str) -> Unfinished | None:
    """Return a person's unfinished file."""
    row = await pool.fetchrow(FIND, upload_id, user_id)
    return _unfinished(row) if row else None


async def add(pool: Pool, upload_id: str, offset: int, content: bytes) -> int | None:
    """Keep the piece that stands at ``offset``; None if the file is not that far, or is further.

    Returns how many bytes are there now.
    """
    async with pool.acquire() as db, db.transaction():
        received: int | None = await db.fetchval(MOVE, upload_id, offset, len(content))
        if received is not None and content:
            await db.execute(ADD, upload_id, offset, content)
        return received


async def content_of(pool: Pool, upload_id: str) -> bytes:
    """Return all that is there of a file."""
    return b"".join(row["content"] for row in await pool.fetch(PARTS, upload_id))


async def remove(pool: Pool, upload_id: str) -> None:
    """Forget a file: it is complete, or given up."""
    await pool.execute(REMOVE, upload_id)


async def prune(pool: Pool) -> None:
    """Forget what nobody has gone on with for a day."""
    await pool.execute(PRUNE)


def _unfinished(row: asyncpg.Record) -> Unfinished:
    return Unfinished(
        id=row["upload_id"],
        filename=row["filename"],
        content_type=row["content_type"],
        content_id=row["content_id"],
        inline=row["inline"],
        size=row["size"],
        received=row["received"],
    )
