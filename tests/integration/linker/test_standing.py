"""What new mail is linked to where records were merged or removed, or customers are persons."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from courrier.events.base import Event, Mailbox
from courrier.events.families.configuration import SystemSettingsChanged
from courrier.events.families.crm import (
    AddressAssigned,
    RecordCreated,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from integration.linker.instances import NewInstance, imports, messages, put, rows, settle
from integration.linker.test_linking import FORGET_ALL
from support.builders import COMPANY, CONTACT, NOON, example

pytestmark = pytest.mark.integration

FIRM, HEIR, HEIRS_HEIR = (
    {"type": "account", "id": record_id} for record_id in (COMPANY, "6" * 32, "7" * 32)
)
MERGED = (
    example(RecordReplaced, record=FIRM, by=HEIR),
    example(RecordsMerged, record=HEIR, merged=[COMPANY]),
)
MERGED_AGAIN = (
    *MERGED,
    example(RecordReplaced, record=HEIR, by=HEIRS_HEIR),
    example(RecordsMerged, record=HEIRS_HEIR, merged=[HEIR["id"], COMPANY]),
)
REMOVED = (example(RecordRemoved, record=FIRM),)
BACK = (*REMOVED, example(RecordCreated, record=FIRM))
HEIR_REMOVED = (*MERGED, example(RecordRemoved, record=HEIR))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (MERGED, HEIR["id"]),
        (MERGED_AGAIN, HEIRS_HEIR["id"]),
        (REMOVED, "l1"),
        (HEIR_REMOVED, "l1"),
        (BACK, COMPANY),
    ],
    ids=("merged", "merged again", "removed", "heir removed", "back"),
)
async def test_a_thread_goes_on_at_what_stands_for_its_record(
    store: JetStreamEventStore,
    pool: Pool,
    new_instance: NewInstance,
    facts: Sequence[Event],
    expected: str,
) -> None:
    """What was merged is what it became; what is gone is nobody's, and the address counts."""
    await settle(store)
    first, second = messages(2)
    linker = new_instance()
    await put(store, first)
    await linker.take()
    for fact in facts:
        await put(store, fact)
    lead = {"type": "lead", "id": "l1"}
    await put(
        store, example(AddressAssigned, address="l@example.test", owner=lead, account_id=None)
    )
    changed = {
        "sent_from": Mailbox(address="unknown@example.test"),
        "cc": (Mailbox(address="l@example.test"),),
        "date": NOON + timedelta(hours=1),
    }
    await put(store, second.model_copy(update=changed))
    await linker.take()
    before = await rows(pool)

    await pool.execute(FORGET_ALL)
    await new_instance().take()

    _, found = await imports(store)
    assert [expected] == [link.record.id for link in found.links if link.parent]
    assert before == await rows(pool)


async def test_customers_are_what_an_administrator_says(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """From then on: the parent is the contact, then its account again."""
    await settle(store)
    linker = new_instance()
    for number, message in enumerate(messages(3)):
        if number:
            await put(store, example(SystemSettingsChanged, fields={"b2c": number == 1}))
        alone = {"references": (), "subject": f"{number}"}
        await put(store, message.model_copy(update=alone))
        await linker.take()

    parents = [link.record.id for e in await imports(store) for link in e.links if link.parent]

    assert [COMPANY, CONTACT, COMPANY] == parents
