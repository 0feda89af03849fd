"""What came into a conversation while somebody wrote an answer: a question, not a table."""

from dataclasses import dataclass
from datetime import datetime

from courrier.events.postgres.pool import Pool

NEWER = """
    SELECT e.email_id
      FROM emails answered
      JOIN emails e ON e.thread_id = answered.thread_id AND e.email_id <> answered.email_id
     WHERE answered.email_id = $1 AND e.imported_at > $2 AND e.date > answered.date
       AND NOT e.auto_reply
       AND (SELECT true FROM deliveries d
             WHERE d.email_id = e.email_id AND d.author_id = $3 LIMIT 1) IS NULL
     ORDER BY e.date DESC, e.email_id DESC LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer to an e-mail, begun at a time, by somebody."""

    replies_to: str
    begun_at: datetime
    author_id: str


async def newer_than(pool: Pool, answering: Answering) -> list[str]:
    """Return what others wrote in the conversation since the answer was begun, newest first."""
    rows = await pool.fetch(NEWER, answering.replies_to, answering.begun_at, answering.author_id)
    return [row["email_id"] for row in rows]
