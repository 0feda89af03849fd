"""Filters that people set up act on what arrives, and on nothing that was there before."""

from typing import Any

import pytest

from courrier.events.base import Event
from courrier.events.families.configuration import (
    FilterAdded,
    FilterChanged,
    FilterRemoved,
    FolderAdded,
    FolderRemoved,
)
from courrier.events.families.email import Holding, MessageSkipped
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.settings import EmailAccountChanged
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.pool import Pool
from integration.linker.instances import NewInstance, imports, messages, put, read, rows, settle
from support.builders import ACCOUNT, USER, example

pytestmark = pytest.mark.integration

BOX = "b" * 32
ALL_MINE = {"name": "All", "scope": "user", "owner_id": USER, "subject": "*"}


def folder(**changes: Any) -> FolderAdded:
    """A folder of Grace's."""
    return FolderAdded(folder_id=BOX, fields={"owner_id": USER, "name": "Box"} | changes)


async def filed(store: JetStreamEventStore) -> list[Holding]:
    """Where Grace has each e-mail, in the order they came."""
    return [holding for each in await imports(store) for holding in each.holdings]


async def test_filters_act_from_when_they_are_set_up_until_they_go(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """Added, changed, removed: each message meets what is set up when it is decided."""
    await settle(store)
    instance = new_instance()
    first, second, third, last = messages(4)
    steps: list[tuple[MessageReceived, list[Event]]] = [
        (first, [FilterAdded(filter_id="f1", fields=ALL_MINE | {"mark_read": True})]),
        (
            second,
            [
                folder(skip_notification=True),
                FilterChanged(
                    filter_id="f1", fields=ALL_MINE | {"action": "move", "folder_id": BOX}
                ),
            ],
        ),
        (third, [FolderRemoved(folder_id=BOX)]),
        (last, [FilterRemoved(filter_id="f1")]),
    ]

    for message, facts in steps:
        for fact in facts:
            await put(store, fact)
        await put(store, message)
        await instance.take()

    assert [("inbox", True, False), (BOX, False, True), ("inbox", False, False)] == [
        (each.folder, each.is_read, each.is_quiet) for each in (await filed(store))[:3]
    ]
    assert ["filter", "filter", "filter", "account-owner"] == [
        each.reason.rule for each in await filed(store)
    ]


async def test_a_message_kept_out_is_never_an_e_mail(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """Once decided it stays out, whoever takes the batch again, also without the filter."""
    await settle(store)
    rule = {"name": "Drop", "scope": "account", "account_id": ACCOUNT, "action": "skip"}
    await put(store, FilterAdded(filter_id="f1", fields=rule | {"subject": "*"}))
    await put(store, *messages(3))
    await new_instance().take()
    before = await rows(pool)

    await put(store, FilterRemoved(filter_id="f1"))
    again = new_instance()
    await again.linking.link(await read(store, "MAILBOX"))
    await again.index.catch_up()

    assert [] == await imports(store)
    skipped = [r.event for r in await read(store, "EMAIL") if isinstance(r.event, MessageSkipped)]
    assert 3 == len(skipped)
    assert before["skipped"] == (await rows(pool))["skipped"]


async def test_mail_of_an_account_is_filed_in_its_folder(
    store: JetStreamEventStore, new_instance: NewInstance
) -> None:
    """From when the account says so."""
    await settle(store)
    await put(store, folder())
    await put(store, example(EmailAccountChanged, folder_id=BOX))
    await put(store, *messages(1))

    await new_instance().take()

    (holding,) = await filed(store)
    assert (BOX, "account-folder") == (holding.folder, holding.reason.rule)
