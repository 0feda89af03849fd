"""A customer's answer brings a closed case back, once, if it came after the closing."""

from datetime import timedelta
from typing import Any

import pytest

from courrier.events.envelope import Recorded
from courrier.events.families.crm import RecordChanged, RecordCreated, RecordReplaced
from courrier.events.families.email import CaseAnswered
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.gateway.handlers.records import RecordLog
from courrier.gateway.handlers.reopening_cases import CaseReopening
from support.builders import NOON, USER, example, new_event, recorded

CASE = {"type": "case", "id": "4" * 32}
WHOLE = {"type": "case", "id": "5" * 32}
LATER = NOON + timedelta(hours=1)


def change(status: str, record: dict[str, str] = CASE, **fields: Any) -> RecordChanged:
    """The case is in this status now."""
    said = {"name": "A lamp", "status": status, "assigned_user_id": USER} | fields
    return example(RecordChanged, record=record, fields=said, changed=["status"])


async def statuses(store: MemoryEventStore) -> list[str | None]:
    """The statuses that the log's cases had."""
    async for batch in store.follow("CRM"):
        events = [each.event for each in batch]
        return [e.fields.status for e in events if isinstance(e, RecordCreated | RecordChanged)]
    return []


def answer(**changes: Any) -> Recorded[Any]:
    """Somebody answered, an hour after everything else."""
    fact = example(CaseAnswered, record=CASE, **({"at": LATER} | changes))
    return recorded(fact, f"email.00.{'e' * 32}.answered", id="0" * 32, time=LATER)


@pytest.mark.parametrize(
    ("status", "changes", "wanted"),
    [
        ("Closed", {}, "Assigned"),
        ("Closed", {"assigned_user_id": None}, "New"),
        ("closed", {}, "Assigned"),
        ("Rejected", {}, None),
        ("Duplicate", {}, None),
        ("Pending", {}, None),
    ],
)
async def test_a_closed_case_is_worked_on_again(
    status: str, changes: dict[str, Any], wanted: str | None
) -> None:
    """By whoever has it; what is over for another reason, and what is open, stays."""
    store = MemoryEventStore()
    await store.append([new_event(example(RecordCreated, record=CASE))])
    await store.append([new_event(change(status, **changes), version=2)])
    before = await statuses(store)
    reopening = CaseReopening(RecordLog(store, Identity(b"k" * 32)))

    await reopening.answered(answer())
    await reopening.answered(answer())

    assert [*before, *([wanted] if wanted else [])] == await statuses(store)


async def test_what_was_written_before_the_closing_opens_nothing() -> None:
    """A mailbox that is read late brings old answers."""
    store = MemoryEventStore()
    await store.append([new_event(example(RecordCreated, record=CASE))])
    await store.append([new_event(change("Closed"), version=2)])
    before = await statuses(store)

    await CaseReopening(RecordLog(store, Identity(b"k" * 32))).answered(
        answer(at=NOON - timedelta(days=1))
    )

    assert before == await statuses(store)


async def test_the_case_that_stands_for_it_is_opened() -> None:
    """They were merged since."""
    store = MemoryEventStore()
    for record in (CASE, WHOLE):
        await store.append([new_event(example(RecordCreated, record=record))])
    await store.append([new_event(example(RecordReplaced, record=CASE, by=WHOLE), version=2)])
    await store.append([new_event(change("Closed", WHOLE), version=2)])

    await CaseReopening(RecordLog(store, Identity(b"k" * 32))).answered(answer())

    assert "Assigned" == (await statuses(store))[-1]
