"""Create and change CRM records together with the addresses they own: one batch or nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.base import Event, RecordRef
from courrier.events.envelope import NewEvent
from courrier.events.families.crm import RecordChanged, RecordCreated, RecordFields
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore
from courrier.gateway.domain import address as addresses
from courrier.gateway.domain.record import (
    ChangeRecord,
    CreateRecord,
    NoRecord,
    Record,
    RecordCommand,
    RecordMissing,
    record,
)
from courrier.gateway.domain.refusals import Unfit

from .facts import ATTEMPTS, Cause, Contended, honoured, new_events, position_of


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
    created: bool


async def load_record(store: EventStore, ref: RecordRef) -> Record:
    """Return a record as the log has it.

    Raises:
        RecordMissing: there is none.
    """
    history = await store.load(subjects.record(ref.type, ref.id))
    state = record.fold(recorded.event for recorded in history)
    if isinstance(state, NoRecord):
        raise RecordMissing("there is no such record")
    return state


async def write_record(
    log: RecordLog,
    ref: RecordRef,
    order: RecordCommand,
    cause: Cause,
    may: Callable[[Record], None] = lambda _: None,
) -> RecordWritten:
    """Carry out an order on a record; ``may`` raises if the caller must not touch what is there.

    Raises:
        Refusal: the order is declined, or names an account that does not exist.
        Contended: ``ATTEMPTS`` conflicts in a row.
    """
    subject = subjects.record(ref.type, ref.id)
    await _check_account(log.store, order)
    for _ in range(ATTEMPTS):
        history = await log.store.load(subject)
        before = record.fold(recorded.event for recorded in history)
        if isinstance(before, Record) and not isinstance(order, CreateRecord):
            may(before)
        if isinstance(before, Record) and honoured(history, cause):
            created = history[0].causation_id == str(cause.command_id)
            return RecordWritten(before, position_of(history), created)
        facts = record.decide(before, order)
        if not facts and isinstance(before, Record):
            return RecordWritten(before, position_of(history), created=False)
        batch = new_events(subject, history, facts, cause)
        batch += await _address_events(log, ref, facts, before, cause)
        try:
            appended = await log.store.append(batch)
        except Conflict:
            continue
        after = record.evolve(before, facts[-1])
        if isinstance(after, Record):
            return RecordWritten(after, appended.position, isinstance(before, NoRecord))
    raise Contended(f"record {ref.type} {ref.id} is written to by many at once")


async def _address_events(
    log: RecordLog, ref: RecordRef, facts: list[Event], before: object, cause: Cause
) -> list[NewEvent]:
    after = facts[-1]
    if not isinstance(after, RecordCreated | RecordChanged):
        return []
    old = before.fields if isinstance(before, Record) else None
    events: list[NewEvent] = []
    for order in addresses.orders_for(ref, old, after.fields):
        subject = subjects.address(log.identity.address(order.address))
        history = await log.store.load(subject)
        state = addresses.address.fold(recorded.event for recorded in history)
        decided = addresses.decide(state, order)
        events += new_events(subject, history, decided, cause)
    return events


async def _check_account(store: EventStore, order: RecordCommand) -> None:
    account_id = _account_named_by(order)
    if account_id is None:
        return
    subject = subjects.record("account", account_id)
    if not await store.last([subject]):
        raise Unfit("there is no account with this id", pointer="/account_id")


def _account_named_by(order: RecordCommand) -> str | None:
    match order:
        case CreateRecord(_, RecordFields() as fields):
            return fields.account_id
        case ChangeRecord(changes, _):
            named = changes.get("account_id")
            return named if isinstance(named, str) else None
