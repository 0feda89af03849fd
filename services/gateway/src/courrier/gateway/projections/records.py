"""What the CRM's records say, and who may be behind an address.

Tables ``records`` and ``record_addresses``, fed by ``CRM``. A row keeps the sequence it has seen;
an address that was released keeps its row as ``owned = false``, so that a late replay cannot
bring it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import (
    AddressAssigned,
    AddressErased,
    AddressReleased,
    RecordChanged,
    RecordCreated,
    RecordErased,
    RecordFields,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.access import LinkedRecord, Reach, access_of
from courrier.gateway.domain.cursors import Cursor
from courrier.gateway.domain.record import display_name

from . import kept
from .rows import columns, json_text, text

PUT = """
    INSERT INTO records AS r
           (record_type, record_id, name, fields, account_id, assigned_user_id, audience, version,
            created_at, changed_at, seq)
    SELECT DISTINCT ON (g.record_type, g.record_id)
           g.record_type, g.record_id, g.name, g.fields::jsonb, g.account_id, g.assigned,
           string_to_array(g.audience, ' '), g.version, g.at, g.at, g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                  $7::text[], $8::int[], $9::timestamptz[], $10::bigint[])
           AS g(record_type, record_id, name, fields, account_id, assigned, audience, version, at,
                seq)
     ORDER BY g.record_type, g.record_id, g.seq DESC
    ON CONFLICT (record_type, record_id) DO UPDATE
       SET name = excluded.name, fields = excluded.fields, account_id = excluded.account_id,
           assigned_user_id = excluded.assigned_user_id, audience = excluded.audience,
           version = excluded.version, changed_at = excluded.changed_at, seq = excluded.seq
     WHERE r.seq < excluded.seq
"""
PUT_ADDRESS = """
    INSERT INTO record_addresses AS a
           (address, record_type, record_id, account_id, owned, seq, address_key)
    SELECT DISTINCT ON (g.address, g.record_type, g.record_id)
           g.address, g.record_type, g.record_id, g.account_id, g.owned, g.seq, g.address_key
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[],
                  $7::text[])
           AS g(address, record_type, record_id, account_id, owned, seq, address_key)
     ORDER BY g.address, g.record_type, g.record_id, g.seq DESC
    ON CONFLICT (address, record_type, record_id) DO UPDATE
       SET account_id = excluded.account_id, owned = excluded.owned, seq = excluded.seq
     WHERE a.seq < excluded.seq
"""
BY_ID = """
    SELECT record_type, record_id, fields, version, assigned_user_id, created_at, changed_at
      FROM records WHERE record_type = $1 AND record_id = $2
"""
PAGE = """
    SELECT record_type, record_id, fields, version, assigned_user_id, created_at, changed_at
      FROM records
     WHERE record_type = $1 AND (created_at, record_id) < ($2, $3)
       AND audience && $4::text[]
     ORDER BY created_at DESC, record_id DESC LIMIT $5
"""

FORGET = """
    DELETE FROM records r USING unnest($1::text[], $2::text[]) AS g(record_type, record_id)
     WHERE r.record_type = g.record_type AND r.record_id = g.record_id
"""
FORGET_ADDRESS = "DELETE FROM record_addresses WHERE address_key = ANY($1::text[])"

records: Projection[Db] = Projection("records", stream="CRM", version=3)


@records.on(RecordCreated)
async def created(db: Db, run: Sequence[Recorded[RecordCreated]]) -> None:
    """A new record."""
    await _put(db, run)


@records.on(RecordChanged)
async def changed(db: Db, run: Sequence[Recorded[RecordChanged]]) -> None:
    """All of a record's fields, as they are now."""
    await _put(db, run)


async def _put(
    db: Db, run: Sequence[Recorded[RecordCreated]] | Sequence[Recorded[RecordChanged]]
) -> None:
    rows = [
        (
            recorded.event.record.type,
            recorded.event.record.id,
            text(display_name(recorded.event.fields)),
            json_text(recorded.event.fields),
            recorded.event.fields.account_id,
            recorded.event.fields.assigned_user_id,
            " ".join(access_of(recorded.event.record.type, recorded.event.fields).audience),
            recorded.version,
            recorded.time,
            recorded.sequence,
        )
        for recorded in run
    ]
    await db.execute(PUT, *columns(rows, 10))


@records.on(AddressAssigned)
async def assigned(db: Db, run: Sequence[Recorded[AddressAssigned]]) -> None:
    """The address leads to the record."""
    rows = [
        (
            text(recorded.event.address),
            recorded.event.owner.type,
            recorded.event.owner.id,
            recorded.event.account_id,
            True,
            recorded.sequence,
            recorded.subject.rpartition(".")[2],
        )
        for recorded in run
    ]
    await db.execute(PUT_ADDRESS, *columns(rows, 7))


@records.on(AddressReleased)
async def released(db: Db, run: Sequence[Recorded[AddressReleased]]) -> None:
    """The address leads there no longer."""
    rows = [
        (
            text(recorded.event.address),
            recorded.event.owner.type,
            recorded.event.owner.id,
            None,
            False,
            recorded.sequence,
            recorded.subject.rpartition(".")[2],
        )
        for recorded in run
    ]
    await db.execute(PUT_ADDRESS, *columns(rows, 7))


@records.on(RecordErased)
async def record_erased(db: Db, run: Sequence[Recorded[RecordErased]]) -> None:
    """Nothing is known of the record; what becomes of its addresses are facts of their own."""
    refs = [recorded.event.record for recorded in run]
    await db.execute(FORGET, [ref.type for ref in refs], [ref.id for ref in refs])
    await kept.forget(db, [ref.id for ref in refs])


@records.on(AddressErased)
async def address_erased(db: Db, run: Sequence[Recorded[AddressErased]]) -> None:
    """The address leads nowhere, and never did."""
    await db.execute(FORGET_ADDRESS, [recorded.event.address_key for recorded in run])


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


async def records_page(
    pool: Pool, record_type: str, reach: Reach, *, after: Cursor, limit: int
) -> list[RecordRow]:
    """Return up to ``limit`` records of a type that the reader may see, newest first."""
    rows = await pool.fetch(PAGE, record_type, after.moment, after.id, list(reach.keys), limit)
    return [_record(row) for row in rows]


def _record(row: Record) -> RecordRow:
    return RecordRow(
        RecordRef(type=row["record_type"], id=row["record_id"]),
        RecordFields.model_validate_json(row["fields"]),
        row["version"],
        row["created_at"],
        row["changed_at"],
    )
