"""Answers kept for ``Idempotency-Key``: one row a key and person, for a day.

A row without status is a request under way; it may be taken over once it is old enough that the
process must have died.
"""

import json
from dataclasses import dataclass

from courrier.events.postgres.pool import Pool

CLAIM = """
    INSERT INTO kept_answers AS k (user_id, key, request) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, key) DO UPDATE SET started_at = now(), request = excluded.request,
           status = NULL, headers = NULL, body = NULL
     WHERE k.started_at < now() - interval '24 hours'
        OR (k.status IS NULL AND k.request = excluded.request
            AND k.started_at < now() - interval '60 seconds')
    RETURNING true
"""
FIND = """
    SELECT request, status, headers, body FROM kept_answers
     WHERE user_id = $1 AND key = $2
"""
KEEP = """
    UPDATE kept_answers SET status = $3, headers = $4::jsonb, body = $5
     WHERE user_id = $1 AND key = $2
"""
RELEASE = "DELETE FROM kept_answers WHERE user_id = $1 AND key = $2 AND status IS NULL"
PRUNE = "DELETE FROM kept_answers WHERE started_at < now() - interval '24 hours'"


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands under a key: the request's digest, and its answer.

    ``status`` is None while it runs; ``body`` is None if the answer may not be kept.
    """

    request: str
    status: int | None = None
    headers: dict[str, str] | None = None
    body: bytes | None = None


async def claim(pool: Pool, user_id: str, key: str, request: str) -> Kept | None:
    """Take the key for this request and return None, or return what stands there."""
    if await pool.fetchval(CLAIM, user_id, key, request):
        return None
    row = await pool.fetchrow(FIND, user_id, key)
    if row is None:
        return await claim(pool, user_id, key, request)
    headers = json.loads(row["headers"]) if row["headers"] else None
    return Kept(row["request"], row["status"], headers, row["body"])


async def keep(pool: Pool, user_id: str, key: str, answer: Kept) -> None:
    """Keep the answer under the key."""
    headers = json.dumps(answer.headers or {})
    await pool.execute(KEEP, user_id, key, answer.status, headers, answer.body)


async def release(pool: Pool, user_id: str, key: str) -> None:
    """Give the key back: nothing was done under it."""
    await pool.execute(RELEASE, user_id, key)


async def prune(pool: Pool) -> None:
    """Delete what is older than a day."""
    await pool.execute(PRUNE)
