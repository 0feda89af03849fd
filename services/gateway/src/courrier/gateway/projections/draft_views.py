"""Drafts as their writers read them: by id, page by page, and counted.

Reads ``drafts`` of ``OUTBOUND`` and the records of ``CRM``. A draft is for its author and, where it
belongs to a team's conversation, for the members of the team; what was given to be sent, for the
author alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from courrier.events.families.drafts import DraftFields
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import LinkedRecord, Person
from courrier.gateway.domain.cursors import Cursor, Place
from courrier.gateway.ports import Changes

from . import positions
from .rows import parsed

BY_IDS = """
    SELECT d.email_id, d.author_id, d.fields, d.begun_at, d.saved_at, d.version,
           r.name AS record_name, r.assigned_user_id, r.fields -> 'team_ids' AS record_teams
      FROM unnest($1::text[]) WITH ORDINALITY AS wanted(email_id, place)
      JOIN drafts d ON d.email_id = wanted.email_id AND d.state = 'draft'
      LEFT JOIN records r
        ON r.record_type = d.fields #>> '{parent,type}'
       AND r.record_id = d.fields #>> '{parent,id}'
     WHERE d.author_id = $2 OR d.team_ids && $3::text[]
     ORDER BY wanted.place
"""
WRITTEN = """
    SELECT email_id, saved_at AS date FROM drafts
     WHERE state = 'draft' AND (author_id = $1 OR team_ids && $2::text[])
       AND (saved_at, email_id) < ($3, $4)
     ORDER BY saved_at DESC, email_id DESC LIMIT $5
"""
LEAVING = """
    SELECT email_id, saved_at AS date FROM drafts
     WHERE state = 'submitted' AND author_id = $1 AND (saved_at, email_id) < ($2, $3)
     ORDER BY saved_at DESC, email_id DESC LIMIT $4
"""
SCHEDULED = """
    SELECT d.email_id
      FROM drafts w
      JOIN deliveries d ON d.email_id = w.email_id AND d.state = 'scheduled'
      JOIN users u ON u.user_id = w.author_id AND NOT u.is_active
     WHERE w.author_id = $1 AND w.state = 'submitted'
     ORDER BY d.email_id
"""
COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'draft') AS drafts,
           count(*) FILTER (WHERE state = 'submitted' AND author_id = $1) AS outbox
      FROM drafts WHERE author_id = $1 OR team_ids && $2::text[]
"""

DRAFTS = "drafts"
OUTBOX = "outbox"
"""What was given to be sent and is not: scheduled, under way, failed, uncertain."""
WAIT_S = 5.0
WRITTEN_HERE = (DRAFTS, OUTBOX)
"""Folders of what nobody has received."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft; ``record`` decides who may know the name of what it is about.

    ``html`` is its text as far as somebody has fetched it.
    """

    email_id: str
    author_id: str
    fields: DraftFields
    begun_at: datetime
    saved_at: datetime
    version: int
    record: LinkedRecord | None
    record_name: str | None
    html: str | None = None


async def drafts_by_ids(pool: Pool, ids: Sequence[str], person: Person) -> list[DraftView]:
    """Return those of these drafts that the person may read and write, in this order."""
    rows = await pool.fetch(BY_IDS, list(ids), person.id, list(person.team_ids))
    return [_draft(row) for row in rows]


async def draft_by_id(pool: Pool, email_id: str, person: Person) -> DraftView | None:
    """Return a draft that the person may read and write."""
    found = await drafts_by_ids(pool, [email_id], person)
    return found[0] if found else None


async def page(pool: Pool, person: Person, folder: str, place: Place) -> list[Cursor]:
    """Return what stands in one of the folders of ``WRITTEN_HERE``, saved last first."""
    at = (place.after.moment, place.after.id, place.limit)
    if folder == DRAFTS:
        rows = await pool.fetch(WRITTEN, person.id, list(person.team_ids), *at)
    else:
        rows = await pool.fetch(LEAVING, person.id, *at)
    return [Cursor(row["date"], row["email_id"]) for row in rows]


async def counts(pool: Pool, person: Person) -> dict[str, int]:
    """Return how many stand in each folder of ``WRITTEN_HERE``: always those that are listed."""
    row = await pool.fetchrow(COUNTS, person.id, list(person.team_ids))
    return {name: row[name] if row else 0 for name in WRITTEN_HERE}


class RowScheduled:
    """``Scheduled`` by the gateway's rows."""

    def __init__(self, pool: Pool, changes: Changes) -> None:
        self._pool = pool
        self._changes = changes

    async def of_the_gone(self, user_id: str, *, after: Mapping[str, int]) -> list[str]:
        """Return what is scheduled (see ``Scheduled.of_the_gone``)."""
        if not await positions.wait_for(self._pool, self._changes, after, WAIT_S):
            raise TimeoutError(f"the tables have not reached {after}")
        return [row["email_id"] for row in await self._pool.fetch(SCHEDULED, user_id)]


def _draft(row: Record) -> DraftView:
    fields = DraftFields.model_validate(parsed(row["fields"]))
    parent, teams = fields.parent, parsed(row["record_teams"]) or ()
    access = LinkedRecord(parent.type, row["assigned_user_id"], tuple(teams)) if parent else None
    return DraftView(
        row["email_id"],
        row["author_id"],
        fields,
        row["begun_at"],
        row["saved_at"],
        row["version"],
        access,
        row["record_name"],
    )
