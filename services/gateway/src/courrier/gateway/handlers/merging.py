"""Merge records: one stands for the others, with their addresses; what names them follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.families.crm import RecordChanged, RecordFields, RecordsMerged
from courrier.events.store import Conflict, History
from courrier.gateway.domain.merging import MOST_AT_ONCE, StandFor, merge, merged_fields, relinked
from courrier.gateway.domain.record import (
    ChangeRecord,
    Record,
    RecordMerged,
    RecordMissing,
    ReplaceRecord,
    record,
    there,
)
from courrier.gateway.domain.record_fields import check
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.ports import Relations

from .facts import Cause, Contended, honoured, new_events, position_of
from .records import ATTEMPTS, RecordLog, RecordWritten, address_events, owner_orders, write_record

MOST_MERGES = 100
"""Merges of merges that are followed."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A record with its history."""

    subject: str
    history: History
    record: Record


async def merge_records(
    log: RecordLog,
    ref: RecordRef,
    duplicate_ids: Sequence[str],
    cause: Cause,
    may: Callable[[Record], None],
) -> RecordWritten:
    """Let a record stand for others of its type; ``may`` raises for one that must not be touched.

    What refers to the others is moved afterwards, by ``RelationMoving``.

    Raises:
        RecordMissing: one is not there; the pointer says which of the duplicates.
        Unfit: the record itself is among them, or they are too many.
        Contended: ``ATTEMPTS`` conflicts in a row.
    """
    ids = tuple(dict.fromkeys(duplicate_ids))
    if ref.id in ids:
        place = ids.index(ref.id)
        raise Unfit("a record is no duplicate of itself", pointer=f"/duplicate_ids/{place}")
    if not 0 < len(ids) <= MOST_AT_ONCE:
        raise Unfit(f"1 to {MOST_AT_ONCE} records at once", pointer="/duplicate_ids")
    for _ in range(ATTEMPTS):
        kept = await _load(log, ref)
        may(kept.record)
        if honoured(kept.history, cause):
            return _written(kept, kept.record, position_of(kept.history), cause)
        others = [await _load_duplicate(log, ref.type, ids, place) for place in range(len(ids))]
        for other in others:
            may(other.record)
        events, after = await _events(log, kept, others, cause)
        try:
            appended = await log.store.append(events)
        except Conflict:
            continue
        return _written(kept, after, appended.position, cause)
    raise Contended(f"record {ref.type} {ref.id} is written to by many at once")


class RelationMoving:
    """Lets records name the one that stands for what they named; safe to repeat (I2, I3)."""

    def __init__(self, log: RecordLog, relations: Relations) -> None:
        self._log = log
        self._relations = relations

    async def move(self, merged: Recorded[RecordsMerged]) -> None:
        """Change every record that refers to the merged ones.

        Raises:
            TimeoutError: the tables are far behind; come again.
            StoreUnavailable: some are changed; come again.
        """
        to = merged.event.record
        naming = self._relations.naming(to.type, merged.event.merged, after=merged.sequence)
        for ref in await naming:
            await self._relink(ref, merged)

    async def _relink(self, ref: RecordRef, merged: Recorded[RecordsMerged]) -> None:
        cause_id = derived_id("relinked", merged.id, ref.type, ref.id)
        cause = Cause(cause_id, merged.actor, merged.time)
        for attempt in range(ATTEMPTS):
            to, is_there = await self._standing(merged.event.record)
            history = await self._log.store.load(subjects.record(ref.type, ref.id))
            state = record.fold(recorded.event for recorded in history)
            if not isinstance(state, Record):
                return
            changes = relinked(state.fields, merged.event.merged, to, is_there=is_there)
            try:
                if changes:
                    await write_record(self._log, ref, ChangeRecord(changes), cause)
            except Unfit:
                # ``to`` was itself merged or removed a moment ago: look again where it is.
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                return

    async def _standing(self, ref: RecordRef) -> tuple[RecordRef, bool]:
        """Return which record stands for one now, and whether it is there."""
        for _ in range(MOST_MERGES):
            history = await self._log.store.load(subjects.record(ref.type, ref.id))
            state = record.fold(recorded.event for recorded in history)
            if isinstance(state, Record) or state.by is None:
                return ref, isinstance(state, Record)
            ref = state.by
        return ref, False


async def _load(log: RecordLog, ref: RecordRef) -> _Loaded:
    subject = subjects.record(ref.type, ref.id)
    history = await log.store.load(subject)
    return _Loaded(subject, history, there(record.fold(each.event for each in history)))


async def _load_duplicate(
    log: RecordLog, record_type: str, ids: Sequence[str], place: int
) -> _Loaded:
    try:
        return await _load(log, RecordRef(type=record_type, id=ids[place]))
    except (RecordMissing, RecordMerged) as error:
        pointer = f"/duplicate_ids/{place}"
        raise Unfit(error.text, pointer=pointer, existing_id=error.existing_id) from error


async def _events(
    log: RecordLog, kept: _Loaded, others: Sequence[_Loaded], cause: Cause
) -> tuple[list[NewEvent], Record]:
    """Return all of the merge, to be stored at once, and the record that stays."""
    ref = kept.record.ref
    gone = [other.record.ref.id for other in others]
    fields = merged_fields(kept.record.fields, [other.record.fields for other in others], set(gone))
    changed = _changed(kept.record, check(ref.type, fields))
    after = there(record.evolve(kept.record, changed))
    events = new_events(kept.subject, kept.history, [changed], cause)
    orders = []
    for other in others:
        replaced = record.decide(other.record, ReplaceRecord(ref))
        events += new_events(other.subject, other.history, replaced, cause)
        orders += owner_orders(
            other.record.ref, other.record, record.evolve(other.record, *replaced)
        )
    orders += owner_orders(ref, kept.record, after)
    events += await address_events(log, orders, cause)
    return [*events, *await _standing(log, ref, gone, cause)], after


async def _standing(
    log: RecordLog, ref: RecordRef, gone: Sequence[str], cause: Cause
) -> list[NewEvent]:
    """Return that the record stands for these, and for all that they stood for."""
    known = [await log.store.load(subjects.merge(each)) for each in (ref.id, *gone)]
    stood = [each for history in known[1:] for each in merge.fold(r.event for r in history)]
    mine = merge.fold(recorded.event for recorded in known[0])
    facts: list[Event] = merge.decide(mine, StandFor(ref, (*gone, *stood)))
    return new_events(subjects.merge(ref.id), known[0], facts, cause)


def _changed(before: Record, fields: RecordFields) -> RecordChanged:
    names = RecordFields.model_fields
    changed = tuple(name for name in names if getattr(before.fields, name) != getattr(fields, name))
    return RecordChanged(record=before.ref, fields=fields, changed=changed)


def _written(kept: _Loaded, after: Record, position: str | None, cause: Cause) -> RecordWritten:
    return RecordWritten(after, position, kept.history[0].time, cause.now)
