"""Merging records: whole or not at all, and what names them follows, wherever the process dies."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import RecordFields, RecordsMerged
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.gateway.domain.record import ChangeRecord, CreateRecord, Record, RemoveRecord
from courrier.gateway.domain.record_fields import patched
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.merging import RelationMoving, merge_records
from courrier.gateway.handlers.records import (
    RecordLog,
    load_record,
    remove_record,
    write_record,
)
from support.builders import NOON
from support.crashing import live, stepping

FIRM, TWIN, THIRD, ADA, TASK = (
    RecordRef(type=kind, id=digit * 32)
    for kind, digit in (
        ("account", "1"),
        ("account", "2"),
        ("account", "3"),
        ("contact", "4"),
        ("task", "5"),
    )
)
FIELDS: dict[RecordRef, dict[str, Any]] = {
    FIRM: {"name": "Firm"},
    TWIN: {"name": "Twin", "email_addresses": ("info@x.test",), "phone": "1"},
    THIRD: {"name": "Third"},
    ADA: {"name": "Ada", "account_id": TWIN.id, "email_addresses": ("ada@x.test",)},
    TASK: {"name": "Call", "parent": TWIN},
}


class Naming:
    """``Relations`` of the two records that name the twin."""

    async def naming(self, record_type: str, ids: Sequence[str], *, after: int) -> list[RecordRef]:
        """Both, whatever is asked: what names nothing of it is left as it is."""
        assert (record_type, after) > ("account", 0)
        assert ids
        return [ADA, TASK]


def cause(number: int) -> Cause:
    """An order of its own."""
    return Cause(UUID(int=number), "user:1", NOON)


def log_over(store: MemoryEventStore) -> RecordLog:
    """The records on a log."""
    return RecordLog(store, Identity(b"k" * 32))


async def a_log() -> MemoryEventStore:
    """A log with all of them."""
    store = MemoryEventStore()
    for number, (ref, fields) in enumerate(FIELDS.items()):
        order = CreateRecord(ref, patched(RecordFields(), fields))
        await write_record(log_over(store), ref, order, cause(100 + number))
    return store


async def facts_of(store: MemoryEventStore) -> list[Recorded[Any]]:
    """All of the log."""
    async for batch in store.follow("CRM"):
        return batch
    raise AssertionError("it goes on for ever")


async def merge_and_move(store: MemoryEventStore, kept: RecordRef, gone: RecordRef) -> None:
    """What a request and the policy behind it do, knowing nothing of what was done before."""
    log = log_over(store)
    await merge_records(log, kept, [gone.id], cause(int(kept.id[0])), lambda _: None)
    await move_all(store)


async def move_all(store: MemoryEventStore) -> None:
    """What the policy does that begins anew."""
    for recorded in await facts_of(store):
        if isinstance(recorded.event, RecordsMerged):
            await RelationMoving(log_over(store), Naming()).move(recorded)


async def names(store: MemoryEventStore) -> tuple[str | None, RecordRef | None]:
    """What the contact and the task name."""
    ada, task = await load_record(store, ADA), await load_record(store, TASK)
    return ada.fields.account_id, task.fields.parent


async def test_a_merge_survives_a_crash_at_every_await() -> None:
    """Whoever repeats the order finishes it; the facts are the same as if nobody had died."""
    whole = await a_log()
    await merge_and_move(whole, FIRM, TWIN)
    expected = [(each.id, each.event) for each in await facts_of(whole)]
    for step in count(1):
        store = await a_log()
        survived = await live(
            lambda s=store: merge_and_move(stepping(s), FIRM, TWIN),  # type: ignore[misc]
            dies_at=step,
        )
        await merge_and_move(store, FIRM, TWIN)
        assert expected == [(each.id, each.event) for each in await facts_of(store)], step
        if survived:
            break

    assert (FIRM.id, FIRM) == await names(store)
    kept: Record = await load_record(store, FIRM)
    assert ("Firm", "1", ("info@x.test",)) == (
        kept.fields.name,
        kept.fields.phone,
        kept.fields.email_addresses,
    )
    assert step > 30


async def test_relations_follow_to_whatever_stands_there_now() -> None:
    """Two merges in a row, of which the first is followed late."""
    store = await a_log()
    log = log_over(store)
    await merge_records(log, FIRM, [TWIN.id], cause(1), lambda _: None)
    await merge_records(log, THIRD, [FIRM.id], cause(2), lambda _: None)

    await move_all(store)

    assert (THIRD.id, THIRD) == await names(store)


async def test_what_named_a_record_that_is_gone_names_nothing() -> None:
    """The one that stood for it was removed before anybody followed."""
    store = await a_log()
    log = log_over(store)
    await merge_records(log, FIRM, [TWIN.id], cause(1), lambda _: None)
    await remove_record(log, FIRM, RemoveRecord(), cause(2))

    await move_all(store)

    assert (None, None) == await names(store)


async def test_what_people_wrote_meanwhile_stays() -> None:
    """Only the name of what was merged is changed, and only where it still stands."""
    store = await a_log()
    log = log_over(store)
    await merge_records(log, FIRM, [TWIN.id], cause(1), lambda _: None)
    await write_record(log, ADA, ChangeRecord({"account_id": THIRD.id, "phone": "7"}), cause(3))

    await move_all(store)

    assert (THIRD.id, FIRM) == await names(store)
    assert (await load_record(store, ADA)).fields.phone == "7"
