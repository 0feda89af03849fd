"""Which records are gone, which one stands for them, and whose they are.

Tables ``gone_records`` and ``record_accounts``.

Fed by ``CRM``. A row carries the sequence of the event that wrote it and refuses older ones; a
record that was created anew keeps its row as not gone, so that replaying gives the same table.
"""

from collections.abc import Iterable, Sequence

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import (
    RecordChanged,
    RecordCreated,
    RecordErased,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

GO = """
    INSERT INTO gone_records AS old (record_type, record_id, into_id, gone, crm_seq)
    SELECT record_type, record_id, into_id, true, crm_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS new (record_type, record_id, into_id, crm_seq)
    ON CONFLICT (record_type, record_id) DO UPDATE
       SET into_id = excluded.into_id, gone = true, crm_seq = excluded.crm_seq
     WHERE old.crm_seq < excluded.crm_seq
"""
DISOWN = """
    DELETE FROM record_accounts
     WHERE (record_type, record_id) IN (
           SELECT t, i FROM unnest($1::text[], $2::text[]) AS asked (t, i))
"""
RETURN = """
    UPDATE gone_records AS old SET into_id = NULL, gone = false, crm_seq = new.crm_seq
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (record_type, record_id, crm_seq)
     WHERE old.record_type = new.record_type AND old.record_id = new.record_id
       AND old.crm_seq < new.crm_seq
"""

ACCOUNTS = """
    INSERT INTO record_accounts AS old (record_type, record_id, account_id, crm_seq)
    SELECT record_type, record_id, account_id, crm_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS new (record_type, record_id, account_id, crm_seq)
    ON CONFLICT (record_type, record_id) DO UPDATE
       SET account_id = excluded.account_id, crm_seq = excluded.crm_seq
     WHERE old.crm_seq < excluded.crm_seq
"""
OF_CUSTOMERS = ("case", "opportunity")
"""Records that are no customers themselves, but belong to one."""

Row = tuple[str, str, str | None, int]

standing: Projection[Db] = Projection("standing", stream="CRM", version=2)


@standing.on(RecordCreated)
async def created(db: Db, run: Sequence[Recorded[RecordCreated]]) -> None:
    """A record that was gone is there again."""
    newest = {_key(r.event.record): r.sequence for r in run}
    kinds, ids = [key[0] for key in newest], [key[1] for key in newest]
    await db.execute(RETURN, kinds, ids, list(newest.values()))
    await _note_accounts(db, run)


@standing.on(RecordChanged)
async def changed(db: Db, run: Sequence[Recorded[RecordChanged]]) -> None:
    """It may belong to another account."""
    await _note_accounts(db, run)


@standing.on(RecordRemoved)
async def removed(db: Db, run: Sequence[Recorded[RecordRemoved]]) -> None:
    """Nothing stands for it."""
    await _go(db, ((*_key(r.event.record), None, r.sequence) for r in run))


@standing.on(RecordErased)
async def erased(db: Db, run: Sequence[Recorded[RecordErased]]) -> None:
    """Nothing stands for it."""
    await _go(db, ((*_key(r.event.record), None, r.sequence) for r in run))
    keys = [_key(r.event.record) for r in run]
    await db.execute(DISOWN, *map(list, zip(*keys, strict=True)))


@standing.on(RecordReplaced)
async def replaced(db: Db, run: Sequence[Recorded[RecordReplaced]]) -> None:
    """Another stands for it."""
    await _go(db, ((*_key(r.event.record), r.event.by.id, r.sequence) for r in run))


@standing.on(RecordsMerged)
async def merged(db: Db, run: Sequence[Recorded[RecordsMerged]]) -> None:
    """It stands for all of these, also for those that others stood for before."""
    await _go(
        db,
        (
            (r.event.record.type, each, r.event.record.id, r.sequence)
            for r in run
            for each in r.event.merged
        ),
    )


async def _go(db: Db, rows: Iterable[Row]) -> None:
    """Write the newest row of each record: one statement cannot touch a row twice."""
    newest = {row[:2]: row for row in rows}
    if newest:
        await db.execute(GO, *map(list, zip(*newest.values(), strict=True)))


async def _note_accounts(
    db: Db, run: Sequence[Recorded[RecordCreated]] | Sequence[Recorded[RecordChanged]]
) -> None:
    newest = {
        _key(r.event.record): (*_key(r.event.record), r.event.fields.account_id, r.sequence)
        for r in run
        if r.event.record.type in OF_CUSTOMERS
    }
    if newest:
        await db.execute(ACCOUNTS, *map(list, zip(*newest.values(), strict=True)))


def _key(record: RecordRef) -> tuple[str, str]:
    return record.type, record.id
