"""What the CRM's records say, and what was merged into what.

Tables ``records``, ``merged_records`` and ``gone_records``, fed by ``CRM``. A row keeps the
sequence it has seen and refuses what is older; a record that is gone leaves its id and that
sequence, so that no replay brings it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import (
    RecordChanged,
    RecordCreated,
    RecordErased,
    RecordFields,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.access import LinkedRecord, Reach, access_of
from courrier.gateway.domain.cursors import Cursor, Place
from courrier.gateway.domain.duplicates import likeness_of
from courrier.gateway.domain.record import display_name

from . import kept
from .rows import Columns, columns, escaped, json_text, text

PUT = """
    INSERT INTO records AS r
           (record_type, record_id, name, fields, account_id, assigned_user_id, version,
            created_at, changed_at, seq, status, contact_ids, parent, number, name_key, domains,
            audience)
    SELECT DISTINCT ON (g.record_type, g.record_id)
           g.record_type, g.record_id, g.name, g.fields::jsonb, g.account_id, g.assigned,
           g.version, g.at, g.at, g.seq, g.status,
           ARRAY(SELECT jsonb_array_elements_text(g.fields::jsonb->'contact_ids')),
           g.parent, g.number, g.name_key,
           ARRAY(SELECT jsonb_array_elements_text(g.domains::jsonb)),
           string_to_array(g.audience, ' ')
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                  $7::int[], $8::timestamptz[], $9::bigint[], $10::text[], $11::text[],
                  $12::int[], $13::text[], $14::text[], $15::text[])
           AS g(record_type, record_id, name, fields, account_id, assigned, version, at, seq,
                status, parent, number, name_key, domains, audience)
      LEFT JOIN gone_records d
        ON d.record_type = g.record_type AND d.record_id = g.record_id AND d.seq >= g.seq
     WHERE d.seq IS NULL
     ORDER BY g.record_type, g.record_id, g.seq DESC
    ON CONFLICT (record_type, record_id) DO UPDATE
       SET name = excluded.name, fields = excluded.fields, account_id = excluded.account_id,
           assigned_user_id = excluded.assigned_user_id, version = excluded.version,
           changed_at = excluded.changed_at, seq = excluded.seq, status = excluded.status,
           contact_ids = excluded.contact_ids, parent = excluded.parent,
           number = excluded.number, name_key = excluded.name_key, domains = excluded.domains,
           audience = excluded.audience
     WHERE r.seq < excluded.seq
"""
BY_ID = """
    SELECT record_type, record_id, fields, version, assigned_user_id, created_at, changed_at
      FROM records WHERE record_type = $1 AND record_id = $2
"""
PAGE = """
    SELECT record_type, record_id, fields, version, assigned_user_id, created_at, changed_at
      FROM records r
     WHERE record_type = $1 AND (created_at, record_id) < ($2, $3)
       AND audience && $4::text[]
       AND ($6::text IS NULL OR account_id = $6)
       AND ($7::text IS NULL OR contact_ids @> ARRAY[$7])
       AND ($8::text IS NULL OR assigned_user_id = $8)
       AND ($9::text IS NULL OR lower(status) = lower($9))
       AND ($10::text IS NULL OR parent = $10)
       AND ($11::text IS NULL OR fields->>'external_id' = $11)
       AND ($12::text IS NULL OR name ILIKE $12 OR number::text = $13 OR EXISTS (
            SELECT 1 FROM record_addresses a
             WHERE a.record_type = r.record_type AND a.record_id = r.record_id
               AND a.owned AND a.address ILIKE $12))
     ORDER BY created_at DESC, record_id DESC LIMIT $5
"""
INTO = """
    SELECT into_id FROM merged_records WHERE record_type = $1 AND record_id = $2
     ORDER BY seq DESC LIMIT 1
"""

MERGE = """
    INSERT INTO merged_records AS m (record_type, record_id, into_id, seq)
    SELECT g.record_type, g.record_id, g.into_id, g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS g(record_type, record_id, into_id, seq)
    ON CONFLICT (record_type, record_id, into_id) DO UPDATE SET seq = excluded.seq
     WHERE m.seq < excluded.seq
"""
BURY = """
    INSERT INTO gone_records AS d (record_type, record_id, seq)
    SELECT g.record_type, g.record_id, g.seq
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g(record_type, record_id, seq)
    ON CONFLICT (record_type, record_id) DO UPDATE SET seq = excluded.seq WHERE d.seq < excluded.seq
"""
GO = """
    DELETE FROM records r USING unnest($1::text[], $2::text[], $3::bigint[])
           AS g(record_type, record_id, seq)
     WHERE r.record_type = g.record_type AND r.record_id = g.record_id AND r.seq < g.seq
"""
Stated = RecordCreated | RecordChanged
Gone = RecordRemoved | RecordReplaced | RecordErased

records: Projection[Db] = Projection("records", stream="CRM", version=3)


@records.on(RecordCreated)
async def created(db: Db, run: Sequence[Recorded[RecordCreated]]) -> None:
    """A new record."""
    await _put(db, run)


@records.on(RecordChanged)
async def changed(db: Db, run: Sequence[Recorded[RecordChanged]]) -> None:
    """All of a record's fields, as they are now."""
    await _put(db, run)


@records.on(RecordsMerged)
async def merged(db: Db, run: Sequence[Recorded[RecordsMerged]]) -> None:
    """Which records it stands for."""
    rows = [
        (recorded.event.record.type, each, recorded.event.record.id, recorded.sequence)
        for recorded in run
        for each in recorded.event.merged
    ]
    newest = {row[:3]: row for row in rows}
    await db.execute(MERGE, *columns(newest.values(), 4))


@records.on(RecordRemoved)
async def removed(db: Db, run: Sequence[Recorded[RecordRemoved]]) -> None:
    """The record is there no more."""
    await _go(db, run)


@records.on(RecordReplaced)
async def replaced(db: Db, run: Sequence[Recorded[RecordReplaced]]) -> None:
    """The record is there no more: another stands for it."""
    await _go(db, run)


async def _put(db: Db, run: Sequence[Recorded[Stated]]) -> None:
    rows = [_row(recorded) for recorded in run]
    await db.execute(PUT, *columns(rows, 15))


def _row(recorded: Recorded[Stated]) -> tuple[object, ...]:
    ref, fields = recorded.event.record, recorded.event.fields
    like = likeness_of(ref.type, fields)
    return (
        ref.type,
        ref.id,
        text(display_name(fields)),
        json_text(fields),
        fields.account_id,
        fields.assigned_user_id,
        recorded.version,
        recorded.time,
        recorded.sequence,
        text(fields.status or fields.stage),
        f"{fields.parent.type}:{fields.parent.id}" if fields.parent else None,
        fields.number,
        text(like.name),
        json_text(like.domains),
        " ".join(access_of(ref.type, fields).audience),
    )


async def _go(db: Db, run: Sequence[Recorded[Gone]]) -> None:
    places = _places(run)
    await db.execute(BURY, *places)
    await db.execute(GO, *places)


def _places(run: Sequence[Recorded[Gone]]) -> Columns:
    rows = [(r.event.record.type, r.event.record.id, r.sequence) for r in run]
    return columns({row[:2]: row for row in rows}.values(), 3)


@records.on(RecordErased)
async def record_erased(db: Db, run: Sequence[Recorded[RecordErased]]) -> None:
    """Nothing is known of the record; what becomes of its addresses are facts of their own."""
    await _go(db, run)
    await kept.forget(db, [recorded.event.record.id for recorded in run])


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record as people read it."""

    ref: RecordRef
    fields: RecordFields
    version: int
    created_at: datetime
    changed_at: datetime

    @property
    def access(self) -> LinkedRecord:
        """The record as far as access goes."""
        return access_of(self.ref.type, self.fields)

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this record ended."""
        return Cursor(self.created_at, self.ref.id)


async def record_by_id(pool: Pool, ref: RecordRef) -> RecordRow | None:
    """Return one record."""
    row = await pool.fetchrow(BY_ID, ref.type, ref.id)
    return _record(row) if row else None


async def replacement_of(pool: Pool, ref: RecordRef) -> str | None:
    """Return the id of the record that stands for one since they were merged."""
    found = await pool.fetchval(INTO, ref.type, ref.id)
    return str(found) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records a list shows; None leaves a condition out. ``parent`` is ``type:id``."""

    account_id: str | None = None
    contact_id: str | None = None
    assigned_user_id: str | None = None
    status: str | None = None
    parent: str | None = None
    external_id: str | None = None
    words: str | None = None


async def records_page(
    pool: Pool, record_type: str, reach: Reach, *, place: Place, wanted: Filter
) -> list[RecordRow]:
    """Return records of a type that the reader may see, newest first."""
    words = f"%{escaped(wanted.words)}%" if wanted.words else None
    rows = await pool.fetch(
        PAGE,
        record_type,
        place.after.moment,
        place.after.id,
        list(reach.keys),
        place.limit,
        wanted.account_id,
        wanted.contact_id,
        wanted.assigned_user_id,
        wanted.status,
        wanted.parent,
        wanted.external_id,
        words,
        (wanted.words or "").lstrip("#"),
    )
    return [_record(row) for row in rows]


def _record(row: Record) -> RecordRow:
    return RecordRow(
        RecordRef(type=row["record_type"], id=row["record_id"]),
        RecordFields.model_validate_json(row["fields"]),
        row["version"],
        row["created_at"],
        row["changed_at"],
    )
