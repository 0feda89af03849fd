"""Jobs as rows: an import that took longer than its request, until the e-mail can be read."""

from dataclasses import dataclass

from courrier.events.postgres.pool import Pool

ADD = """
    INSERT INTO jobs (job_id, user_id, holder_id, email_id, source_id)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
FIND = """
    SELECT job_id, holder_id, email_id, source_id FROM jobs
     WHERE job_id = $1 AND user_id = $2
"""
PRUNE = "DELETE FROM jobs WHERE created_at < now() - interval '7 days'"


@dataclass(frozen=True, slots=True)
class Import:
    """An e-mail that ``holder_id`` will have: by its id, or from this source event."""

    job_id: str
    holder_id: str
    email_id: str
    source_id: str | None


async def add(pool: Pool, user_id: str, job: Import) -> None:
    """Keep a job; the same one twice is one."""
    await pool.execute(ADD, job.job_id, user_id, job.holder_id, job.email_id, job.source_id)


async def find(pool: Pool, user_id: str, job_id: str) -> Import | None:
    """Return a person's job."""
    row = await pool.fetchrow(FIND, job_id, user_id)
    return (
        Import(row["job_id"], row["holder_id"], row["email_id"], row["source_id"]) if row else None
    )


async def prune(pool: Pool) -> None:
    """Delete jobs of last week."""
    await pool.execute(PRUNE)
