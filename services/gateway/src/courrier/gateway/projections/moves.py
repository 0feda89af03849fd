"""What a person put into own folders by hand lately, and is there still."""

from collections.abc import Collection
from datetime import timedelta

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.suggesting import Move

MOST = 2_000
MOVED = """
    SELECT h.email_id, h.folder AS folder_id, e.sent_from ->> 'address' AS sender,
           coalesce(substring(t.list_id FROM '<([^<>]+)>'), t.list_id) AS list_id
      FROM decisions g
      JOIN decided d ON d.decision_id = g.decision_id AND d.person_id = g.person_id
      JOIN email_holders h ON h.email_id = d.email_id AND h.holder_id = d.person_id
      JOIN emails e ON e.email_id = d.email_id
      LEFT JOIN received_texts t ON t.event_id = e.source_id
     WHERE g.person_id = $1 AND g.at > now() - $2::interval
       AND d.what = 'filed:' || h.folder AND d.actor = $3 AND d.undoes IS NULL
       AND h.folder = ANY($4::text[])
       AND NOT EXISTS (SELECT 1 FROM decided u
                        WHERE u.email_id = d.email_id AND u.person_id = d.person_id
                          AND u.undoes = d.decision_id)
     GROUP BY h.email_id, h.folder, e.sent_from, t.list_id
     ORDER BY max(d.seq) DESC LIMIT $5
"""
DISMISS = """
    INSERT INTO dismissed_suggestions (person_id, suggestion_id) VALUES ($1, $2)
    ON CONFLICT DO NOTHING
"""
DISMISSED = "SELECT suggestion_id FROM dismissed_suggestions WHERE person_id = $1"


async def moved_by_hand(
    pool: Pool, person_id: str, folder_ids: Collection[str], within: timedelta
) -> list[Move]:
    """Return the e-mails that a person filed into these folders, the latest first."""
    given = (person_id, within, f"user:{person_id}", list(folder_ids), MOST)
    return [Move(**row) for row in await pool.fetch(MOVED, *given)]


async def dismiss(pool: Pool, person_id: str, suggestion_id: str) -> None:
    """Remember that a person does not want this suggestion."""
    await pool.execute(DISMISS, person_id, suggestion_id)


async def dismissed(pool: Pool, person_id: str) -> set[str]:
    """Return what a person did not want."""
    return {row["suggestion_id"] for row in await pool.fetch(DISMISSED, person_id)}
