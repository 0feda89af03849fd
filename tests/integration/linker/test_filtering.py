"""Filters that people set up act on what arrives, and on nothing that was there before."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.commands.answers import Done
from courrier.events.commands.linker import ChangeEmails, StateChange, UndoDecision
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
from courrier.linker.adapters.filed import PostgresShelves
from courrier.linker.domain.copies import copies
from courrier.linker.handlers.changing import Changing, facts_of
from courrier.linker.handlers.emptying import Emptying
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


async def test_a_removed_folder_gives_its_mail_back_as_one_decision(
    store: JetStreamEventStore, pool: Pool, new_instance: NewInstance
) -> None:
    """What lies there then; undone once the folder is back, it stays there."""
    await settle(store)
    instance = new_instance()
    changing = Changing(store, lambda: datetime.now(UTC))
    emptying = Emptying(store, PostgresShelves(pool), changing)
    rule = FilterAdded(filter_id="f1", fields=ALL_MINE | {"action": "move", "folder_id": BOX})
    await put(store, folder())
    await put(store, rule)
    await put(store, *messages(5))
    await instance.take()
    ids = [each.email_id for each in await imports(store)]
    await changing.change(_order(ids[:1], folder="archive"))
    (removal,) = await put(store, FolderRemoved(folder_id=BOX))
    await instance.index.catch_up()
    moved = await emptying.tick()
    await instance.index.catch_up()
    again = await emptying.tick()
    after = await _places(store, ids)

    decision = derived_id("folder-removed", removal.id)
    await put(store, folder())
    undo = UndoDecision(
        command_id=uuid4(),
        undone=decision.hex,
        email_ids=tuple(ids),
        person_id=USER,
        actor=f"user:{USER}",
    )
    undone = await changing.undo(undo)
    kept = await emptying.tick()
    await instance.index.catch_up()

    assert (4, 0, 0) == (moved, again, kept)
    assert ["archive", "inbox", "inbox", "inbox", "inbox"] == after
    assert isinstance(undone, Done)
    assert {"undone": 4, "unchanged": 1} == undone.counts
    assert ["archive", BOX, BOX, BOX, BOX] == await _places(store, ids)


def _order(email_ids: list[str], **wish: Any) -> ChangeEmails:
    return ChangeEmails(
        command_id=uuid4(),
        email_ids=tuple(email_ids),
        person_id=USER,
        change=StateChange.model_validate(wish),
        actor=f"user:{USER}",
    )


async def _places(store: JetStreamEventStore, email_ids: list[str]) -> list[str]:
    histories = [await store.load(subjects.email(each)) for each in email_ids]
    held = [copies.fold(facts_of(history)).of(USER) for history in histories]
    return [copy.place.folder for copy in held if copy]
