"""Which private e-mails administrators opened, and why: what their holders are shown.

Table ``mail_openings``, fed by ``SETTINGS`` alone; a row for each fact, by its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.envelope import Recorded
from courrier.events.families.identity import PrivateMailOpened
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import text

ADD = """
    INSERT INTO mail_openings (event_id, email_id, user_id, reason, opened_at, seq)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
"""
OF_EMAIL = """
    SELECT o.user_id, coalesce(u.name, o.user_id) AS name, o.reason, o.opened_at
      FROM mail_openings o LEFT JOIN users u ON u.user_id = o.user_id
     WHERE o.email_id = $1 ORDER BY o.seq LIMIT 100
"""

mail_openings: Projection[Db] = Projection("mail-openings", stream="SETTINGS", version=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody looked in, and said why."""

    user_id: str
    name: str
    reason: str
    at: datetime


@mail_openings.on(PrivateMailOpened)
async def opened(db: Db, run: Sequence[Recorded[PrivateMailOpened]]) -> None:
    """A look into somebody else's mail."""
    for recorded in run:
        event = recorded.event
        await db.execute(
            ADD,
            recorded.id,
            event.email_id,
            event.user_id,
            text(event.reason),
            recorded.time,
            recorded.sequence,
        )


async def openings_of(pool: Pool, email_id: str) -> list[Opening]:
    """Return who opened an e-mail, oldest first."""
    return [
        Opening(row["user_id"], row["name"], row["reason"], row["opened_at"])
        for row in await pool.fetch(OF_EMAIL, email_id)
    ]
