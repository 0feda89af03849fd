"""Which records name which, and whose cases are open: reads the tables of records and users."""

from collections.abc import Sequence

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.record_fields import KINDS
from courrier.gateway.ports import Changes

from . import positions

WAIT_S = 5.0
"""Seconds for which the tables may be behind; whoever asks comes again."""

NAMING = """
    SELECT record_type, record_id FROM records
     WHERE ($1 = 'account' AND account_id = ANY($2::text[]))
        OR ($1 = 'contact' AND contact_ids && $2::text[])
        OR ($1 = 'lead' AND record_type = 'case' AND fields->>'lead_id' = ANY($2::text[]))
        OR parent = ANY($3::text[])
     ORDER BY record_type, record_id
"""
MEMBERS = """
    SELECT user_id FROM users
     WHERE is_active AND $1 = ANY(team_ids) AND ($2::text IS NULL OR positions ->> $1 = $2)
     ORDER BY user_id
"""
IS_ACTIVE = "SELECT is_active FROM users WHERE user_id = $1"
OPEN_CASES = """
    SELECT assigned_user_id, count(*) AS count FROM records
     WHERE record_type = 'case' AND assigned_user_id = ANY($1::text[])
       AND lower(coalesce(status, '')) <> ALL($2::text[])
     GROUP BY assigned_user_id
"""


HISTORY_OF = """
    WITH own AS (
        SELECT $1::text AS record_type, $2::text AS record_id
         UNION SELECT m.record_type, m.record_id FROM merged_records m
                WHERE m.record_type = $1 AND m.into_id = $2),
    parts AS (
        SELECT r.record_type, r.record_id FROM records r
         WHERE $1 = 'account' AND r.account_id = $2
           AND r.record_type IN ('contact', 'opportunity', 'case'))
    SELECT record_type, record_id FROM own
     UNION SELECT record_type, record_id FROM parts
     UNION SELECT m.record_type, m.record_id FROM parts p
             JOIN merged_records m
               ON m.record_type = p.record_type AND m.into_id = p.record_id
     LIMIT $3
"""
MOST_PARTS = 2000
"""Records whose mail stands in one history; an account with more shows the first of them."""


async def history_of(pool: Pool, record: RecordRef) -> list[RecordRef]:
    """Return the records whose mail is a record's: itself, and what was merged into it.

    An account's is also that of its contacts, opportunities and cases.
    """
    rows = await pool.fetch(HISTORY_OF, record.type, record.id, MOST_PARTS)
    return [RecordRef(type=row["record_type"], id=row["record_id"]) for row in rows]


class RowRelations:
    """``Relations`` and ``Duties`` by the gateway's rows."""

    def __init__(self, pool: Pool, changes: Changes) -> None:
        self._pool = pool
        self._changes = changes

    async def naming(self, record_type: str, ids: Sequence[str], *, after: int) -> list[RecordRef]:
        """Return the records that name one of these (see ``Relations.naming``)."""
        await self._reach(after)
        parents = [f"{record_type}:{each}" for each in ids]
        rows = await self._pool.fetch(NAMING, record_type, list(ids), parents)
        return [RecordRef(type=row["record_type"], id=row["record_id"]) for row in rows]

    async def members(self, team_id: str, position: str | None = None) -> tuple[str, ...]:
        """Return the active members of a team, perhaps only those in this position."""
        rows = await self._pool.fetch(MEMBERS, team_id, position)
        return tuple(row["user_id"] for row in rows)

    async def is_active(self, user_id: str) -> bool:
        """Tell whether a person may use Courrier."""
        return bool(await self._pool.fetchval(IS_ACTIVE, user_id))

    async def open_cases(self, user_ids: Sequence[str], *, after: int) -> dict[str, int]:
        """Count open cases (see ``Duties.open_cases``)."""
        await self._reach(after)
        closed = [word.lower() for word in KINDS["case"].closed]
        rows = await self._pool.fetch(OPEN_CASES, list(user_ids), closed)
        return {row["assigned_user_id"]: row["count"] for row in rows}

    async def _reach(self, after: int) -> None:
        if not await positions.wait_for(self._pool, self._changes, {"CRM": after}, WAIT_S):
            raise TimeoutError(f"the tables have not reached CRM:{after}")
