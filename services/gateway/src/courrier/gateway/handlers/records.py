"""Create, change and remove CRM records together with the addresses they own: all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from courrier.events import subjects
from courrier.events.base import Event, RecordRef
from courrier.events.envelope import NewEvent
from courrier.events.families.crm import CaseNumbersTaken, RecordCreated, RecordFields
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore, History
from courrier.gateway.domain import address as addresses
from courrier.gateway.domain.address import AddressCommand
from courrier.gateway.domain.case_numbers import TakeNumbers, case_numbers
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    Record,
    RecordCommand,
    RecordState,
    record,
    there,
)
from courrier.gateway.domain.record_fields import started

from .facts import Cause, Contended, honoured, new_events, position_of
from .references import check_references

ATTEMPTS = 20
"""Times a decision is taken anew: all new cases want the next number."""


@dataclass(frozen=True, slots=True)
class RecordLog:
    """Where records are written: the log, and the key that hides addresses in subjects."""

    store: EventStore
    identity: Identity


@dataclass(frozen=True, slots=True)
class RecordWritten:
    """The record after the order, and where its last fact stands."""

    record: Record
    position: str | None
    created_at: datetime
    changed_at: datetime


async def load_record(store: EventStore, ref: RecordRef) -> Record:
    """Return a record as the log has it.

    Raises:
        RecordMissing: there is none.
        RecordMerged: another stands for it.
    """
    history = await store.load(subjects.record(ref.type, ref.id))
    return there(record.fold(recorded.event for recorded in history))


async def write_record(
    log: RecordLog,
    ref: RecordRef,
    order: CreateRecord | ChangeRecord,
    cause: Cause,
    may: Callable[[Record], None] = lambda _: None,
) -> RecordWritten:
    """Carry out an order on a record; ``may`` raises if the caller must not touch what is there.

    Raises:
        Refusal: the order is declined, or names something that does not exist.
        Contended: ``ATTEMPTS`` conflicts in a row.
    """
    if isinstance(order, CreateRecord):
        order = replace(order, fields=started(ref.type, order.fields))
    await _check_named(log.store, order)
    after, history, position = await _carry_out(log, ref, order, cause, may)
    changed_at = history[-1].time if position == position_of(history) else cause.now
    return RecordWritten(there(after), position, _created_at(history, cause), changed_at)


async def remove_record(
    log: RecordLog,
    ref: RecordRef,
    order: RecordCommand,
    cause: Cause,
    may: Callable[[Record], None] = lambda _: None,
) -> str | None:
    """Take a record away and its addresses with it; return the position (see ``write_record``)."""
    *_, position = await _carry_out(log, ref, order, cause, may)
    return position


async def _carry_out(
    log: RecordLog,
    ref: RecordRef,
    order: RecordCommand,
    cause: Cause,
    may: Callable[[Record], None],
) -> tuple[RecordState, History, str | None]:
    """Return the record after the order, its history before it, and the position."""
    subject = subjects.record(ref.type, ref.id)
    for _ in range(ATTEMPTS):
        history = await log.store.load(subject)
        before = record.fold(recorded.event for recorded in history)
        if isinstance(before, Record) and not isinstance(order, CreateRecord):
            may(before)
        if honoured(history, cause):
            return before, history, position_of(history)
        wanted, numbers = await _numbered(log.store, order, cause)
        facts = record.decide(before, wanted)
        if not facts:
            return before, history, position_of(history)
        after = record.evolve(before, facts[-1])
        batch = new_events(subject, history, facts, cause)
        batch += numbers
        batch += await address_events(log, owner_orders(ref, before, after), cause)
        try:
            appended = await log.store.append(batch)
        except Conflict:
            continue
        return after, history, appended.position
    raise Contended(f"record {ref.type} {ref.id} is written to by many at once")


def owner_orders(ref: RecordRef, before: RecordState, after: RecordState) -> list[AddressCommand]:
    """Return what becomes of a record's addresses when it changes, or comes or goes."""
    old = before.fields if isinstance(before, Record) else None
    new = after.fields if isinstance(after, Record) else RecordFields()
    return addresses.orders_for(ref, old, new)


async def address_events(
    log: RecordLog, orders: Sequence[AddressCommand], cause: Cause
) -> list[NewEvent]:
    """Return the facts that these orders lead to, in one batch: some may be on one address."""
    by_address: dict[str, list[AddressCommand]] = {}
    for order in orders:
        by_address.setdefault(order.address, []).append(order)
    events: list[NewEvent] = []
    for key, some in by_address.items():
        subject = subjects.address(log.identity.address(key))
        history = await log.store.load(subject)
        events += new_events(subject, history, decided(history, some), cause)
    return events


def decided(history: History, orders: Sequence[AddressCommand]) -> list[Event]:
    """Return what orders on one address lead to, each seeing those before it."""
    state = addresses.address.fold(recorded.event for recorded in history)
    facts: list[Event] = []
    for order in orders:
        new = addresses.decide(state, order)
        for fact in new:
            state = addresses.evolve(state, fact)
        facts += new
    return facts


async def _numbered(
    store: EventStore, order: RecordCommand, cause: Cause
) -> tuple[RecordCommand, list[NewEvent]]:
    """Give a new case its number; it is spent in the batch that creates the case."""
    if not isinstance(order, CreateRecord) or order.record.type != "case":
        return order, []
    taken = await take_numbers(store, 1, cause)
    (spent,) = [new.event for new in taken if isinstance(new.event, CaseNumbersTaken)]
    fields = order.fields.model_copy(update={"number": spent.first})
    return replace(order, fields=fields), taken


async def take_numbers(store: EventStore, count: int, cause: Cause) -> list[NewEvent]:
    """Return the fact that the next ``count`` numbers of cases are spent, to be appended."""
    subject = subjects.counter("case")
    last = (await store.last([subject])).get(subject)
    history = [last] if last else []
    facts = case_numbers.decide(
        case_numbers.fold([each.event for each in history]), TakeNumbers(count)
    )
    (new,) = new_events(subject, history, facts, cause)
    return [replace(new, version=last.version + 1 if last else 1)]


async def _check_named(store: EventStore, order: CreateRecord | ChangeRecord) -> None:
    if isinstance(order, CreateRecord):
        await check_references(store, order.fields, RecordFields.model_fields)
    else:
        fields = RecordFields().model_copy(update=dict(order.changes))
        await check_references(store, fields, order.changes)


def _created_at(history: History, cause: Cause) -> datetime:
    made = [recorded.time for recorded in history if isinstance(recorded.event, RecordCreated)]
    return made[-1] if made else cause.now
