"""Jobs as rows: one a job; whoever runs it says so again and again, and is replaced if silent."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.cursors import Cursor
from courrier.gateway.ports import Job, NewJob

SILENCE_S = 30
"""Whoever has a job and says nothing for so long is taken for dead; another goes on."""
KEPT_ERRORS = 100

ADD = """
    INSERT INTO jobs (job_id, user_id, kind, state, total, order_, body)
    VALUES ($1, $2, $3, 'queued', $4, $5::jsonb, $6) ON CONFLICT DO NOTHING
"""
FIND = """
    SELECT job_id, user_id, kind, state, done, total, errors, error_count, order_, note, result,
           created_at, changed_at
      FROM jobs WHERE job_id = $1 AND user_id = $2
"""
PAGE = """
    SELECT job_id, user_id, kind, state, done, total, errors, error_count, order_, note, result,
           created_at, changed_at
      FROM jobs WHERE user_id = $1 AND (created_at, job_id) < ($2, $3)
     ORDER BY created_at DESC, job_id DESC LIMIT $4
"""
CANCEL = """
    UPDATE jobs SET cancel = true, changed_at = now(),
           state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
           body = CASE state WHEN 'queued' THEN NULL ELSE body END
     WHERE job_id = $1 AND user_id = $2 AND state IN ('queued', 'running')
"""
CLAIM = """
    UPDATE jobs SET state = 'running', runner = $1, attempts = attempts + 1, changed_at = now(),
           due_at = now() + $3 * interval '1 second'
     WHERE job_id = (
           SELECT job_id FROM jobs
            WHERE state IN ('queued', 'running') AND due_at <= now() AND kind = ANY($2)
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING job_id, user_id, kind, state, done, total, errors, error_count, order_, note, result,
           created_at, changed_at, attempts
"""
BODY = "SELECT body FROM jobs WHERE job_id = $1"
BEAT = """
    UPDATE jobs SET due_at = now() + $3 * interval '1 second'
     WHERE job_id = $1 AND runner = $2 AND state = 'running' RETURNING cancel
"""
SAY = """
    UPDATE jobs SET done = $3, total = coalesce($4, total), note = coalesce($5::jsonb, note),
           errors = CASE WHEN jsonb_array_length(errors) < $8 THEN errors || $6::jsonb
                         ELSE errors END,
           error_count = error_count + $7, changed_at = now(),
           due_at = now() + $9 * interval '1 second'
     WHERE job_id = $1 AND runner = $2 AND state = 'running' RETURNING cancel
"""
FINISH = """
    UPDATE jobs SET state = $3, result = $4::jsonb, errors = errors || $5::jsonb,
           error_count = error_count + jsonb_array_length($5::jsonb), body = NULL,
           changed_at = now()
     WHERE job_id = $1 AND runner = $2 AND state = 'running'
"""
POSTPONE = """
    UPDATE jobs SET runner = NULL, attempts = attempts - 1,
           due_at = now() + $3 * interval '1 second'
     WHERE job_id = $1 AND runner = $2 AND state = 'running'
"""
PRUNE = "DELETE FROM jobs WHERE created_at < now() - interval '7 days'"


class JobTaken(RuntimeError):
    """Another instance has the job now, or it was ended: stop."""


class PostgresJobs:
    """``Jobs`` in the gateway's schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._added = asyncio.Event()

    async def add(self, new: NewJob) -> Job:
        """Keep a job (see ``Jobs.add``)."""
        order = json.dumps(new.order)
        values = (new.id, new.user_id, new.kind, new.total, order, new.body)
        await self._pool.execute(ADD, *values)
        self._added.set()
        found = await self.find(new.user_id, new.id)
        if found is None:
            raise JobTaken("a job with this id belongs to somebody else")
        return found

    async def find(self, user_id: str, job_id: str) -> Job | None:
        """Return a person's job."""
        row = await self._pool.fetchrow(FIND, job_id, user_id)
        return _job(row) if row else None

    async def page(self, user_id: str, before: Cursor, limit: int) -> list[Job]:
        """Return a person's jobs from before this one, newest first."""
        rows = await self._pool.fetch(PAGE, user_id, before.moment, before.id, limit)
        return [_job(row) for row in rows]

    async def cancel(self, user_id: str, job_id: str) -> None:
        """Ask for the end of a job (see ``Jobs.cancel``)."""
        await self._pool.execute(CANCEL, job_id, user_id)

    async def claim(self, kinds: Sequence[str]) -> "Claim | None":
        """Take a job of these kinds that waits, or whose runner has died."""
        runner = uuid4().hex
        row = await self._pool.fetchrow(CLAIM, runner, list(kinds), SILENCE_S)
        return Claim(self._pool, runner, _job(row), row["attempts"]) if row else None

    async def wait(self, longest_s: float) -> None:
        """Wait until a job was added here, or for so long."""
        self._added.clear()
        try:
            async with asyncio.timeout(longest_s):
                await self._added.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this process has taken: ``runner`` tells its words from those of others."""

    pool: Pool
    runner: str
    job: Job
    attempts: int

    async def body(self) -> bytes:
        """Return the bytes that the job was given."""
        return await self.pool.fetchval(BODY, self.job.id) or b""

    async def beat(self) -> bool:
        """Say that the job goes on; return whether its end is asked for.

        Raises:
            JobTaken: another has it.
        """
        return _still(await self.pool.fetchval(BEAT, self.job.id, self.runner, SILENCE_S))

    async def say(
        self,
        done: int,
        *,
        total: int | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        note: Mapping[str, Any] | None = None,
    ) -> bool:
        """Say how far the job is; return whether its end is asked for.

        Raises:
            JobTaken: another has it.
        """
        shown = json.dumps([dict(error) for error in errors[:KEPT_ERRORS]])
        noted = json.dumps(dict(note)) if note is not None else None
        values = (done, total, noted, shown, len(errors), KEPT_ERRORS, SILENCE_S)
        return _still(await self.pool.fetchval(SAY, self.job.id, self.runner, *values))

    async def finish(
        self, state: str, result: Mapping[str, Any] | None = None, error: str | None = None
    ) -> None:
        """End the job as done, failed or cancelled."""
        errors = json.dumps([{"detail": error}] if error else [])
        shown = json.dumps(dict(result)) if result is not None else None
        await self.pool.execute(FINISH, self.job.id, self.runner, state, shown, errors)

    async def postpone(self, seconds: float) -> None:
        """Give the job back, to be taken again later; this does not count as an attempt."""
        await self.pool.execute(POSTPONE, self.job.id, self.runner, seconds)


async def prune(pool: Pool) -> None:
    """Delete jobs of last week."""
    await pool.execute(PRUNE)


def _still(cancel: bool | None) -> bool:  # noqa: FBT001  a column's value
    if cancel is None:
        raise JobTaken("another instance has the job")
    return cancel


def _job(row: asyncpg.Record) -> Job:
    return Job(
        id=row["job_id"],
        user_id=row["user_id"],
        kind=row["kind"],
        state=row["state"],
        done=row["done"],
        total=row["total"],
        errors=json.loads(row["errors"])[:KEPT_ERRORS],
        error_count=row["error_count"],
        order=json.loads(row["order_"]),
        note=json.loads(row["note"]) if row["note"] else None,
        result=json.loads(row["result"]) if row["result"] else None,
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )
