"""Which records are gone, and which one stands for them: ``gone_records``.

Fed by ``CRM``. A row carries the sequence of the event that wrote it and refuses older ones; a
record that was created anew keeps its row as not gone, so that replaying gives the same table.
"""

from collections.abc import Iterable, Sequence

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import (
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
RETURN = """
    UPDATE gone_records AS old SET into_id = NULL, gone = false, crm_seq = new.crm_seq
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (record_type, record_id, crm_seq)
     WHERE old.record_type = new.record_type AND old.record_id = new.record_id
       AND old.crm_seq < new.crm_seq
"""

Row = tuple[str, str, str | None, int]

standing: Projection[Db] = Projection("standing", stream="CRM", version=1)


@standing.on(RecordCreated)
async def created(db: Db, run: Sequence[Recorded[RecordCreated]]) -> None:
    """A record that was gone is there again."""
    newest = {_key(r.event.record): r.sequence for r in run}
    kinds, ids = [key[0] for key in newest], [key[1] for key in newest]
    await db.execute(RETURN, kinds, ids, list(newest.values()))


@standing.on(RecordRemoved)
async def removed(db: Db, run: Sequence[Recorded[RecordRemoved]]) -> None:
    """Nothing stands for it."""
    await _go(db, ((*_key(r.event.record), None, r.sequence) for r in run))


@standing.on(RecordErased)
async def erased(db: Db, run: Sequence[Recorded[RecordErased]]) -> None:
    """Nothing stands for it."""
    await _go(db, ((*_key(r.event.record), None, r.sequence) for r in run))


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


def _key(record: RecordRef) -> tuple[str, str]:
    return record.type, record.id
