"""The ledger of a mailbox over HTTP: what the server says, what we hold, what is left out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.base import Command
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.fetcher import CompareAccount
from courrier.events.families.mailbox import FolderAdvanced
from courrier.events.jetstream.bus import NatsCommandServer
from support.builders import NOON, example

from .conftest import Running
from .test_account_status import new_account

pytestmark = pytest.mark.integration

COMPARED = {"server": 10, "held": 8, "left_out": 2, "recovered": 1, "gone": 3}


@pytest.fixture
async def orders(client: Client) -> AsyncIterator[list[Command]]:
    """What came for the fetcher, which is played."""
    came: list[Command] = []

    async def compare(command: CompareAccount) -> Answer:
        came.append(command)
        return Done()

    async with asyncio.TaskGroup() as tasks:
        await NatsCommandServer(client, tasks).serve(CompareAccount, compare)
        yield came


async def ledger(gateway: Running, account: str, *events: FolderAdvanced) -> dict[str, Any]:
    """Feed events and return the ledger of the one folder."""
    after = {"Courrier-After": await gateway.feeder.feed(*events)}
    found = await gateway.admin.get(f"/email-accounts/{account}/ledger", headers=after)
    assert found.status_code == 200, found.text
    (folder,) = found.json()["folders"]
    return dict(folder)


async def test_a_first_synchronisation_shows_how_far_it_is(gateway: Running) -> None:
    """Of 300 messages 200 are still to come."""
    account = await new_account(gateway)
    step = example(
        FolderAdvanced, account_id=account, received=100, held=100, server=300, missing=200
    )

    shown = await ledger(gateway, account, step)

    assert (300, 100, 200) == (shown["server"], shown["held"], shown["missing"])
    assert (100, 300) == (shown["progress"]["done"], shown["progress"]["total"])
    assert shown["text"].startswith("The server says 300, we hold 100, missing 200, left out none")


async def test_a_comparison_and_the_gap_it_closed_are_shown(gateway: Running) -> None:
    """What counts is the last comparison; a gap stays known after the next one found none."""
    account = await new_account(gateway)
    left_out = [{"reason": "too-old", "count": 1}, {"reason": "undelivered", "count": 1}]
    owed = [{"uid": 7, "tries": 1, "retry_at": NOON + timedelta(hours=1)}]
    facts = {"account_id": account, "server": 10, "missing": 0, "left_out": left_out, "owed": owed}
    found = example(FolderAdvanced, **facts, held=11, comparison=COMPARED)
    again = example(FolderAdvanced, **facts, held=11, comparison=COMPARED | {"recovered": 0})

    shown = await ledger(gateway, account, found, again)

    assert (
        "The server says 10, we hold 8, missing none, left out 2 (too-old 1, undelivered 1)."
        == shown["text"]
    )
    assert (3, 0, 1) == (shown["compared"]["gone"], shown["compared"]["recovered"], shown["owed"])
    assert 1 == shown["last_gap"]["messages"]


async def test_another_uidvalidity_is_told(gateway: Running) -> None:
    """The server numbered the folder anew: when, and under which number."""
    account = await new_account(gateway)
    steps = [example(FolderAdvanced, account_id=account, uidvalidity=number) for number in (1, 2)]

    shown = await ledger(gateway, account, *steps)

    assert (2, shown["advanced_at"]) == (shown["uidvalidity"], shown["renumbered_at"])


async def test_the_server_is_asked_now(gateway: Running, orders: list[Command]) -> None:
    """An order to whoever fetches; nobody else's account can be named."""
    account = await new_account(gateway)

    asked = await gateway.admin.post(f"/email-accounts/{account}/ledger:verify")
    unknown = await gateway.admin.post(f"/email-accounts/{'9' * 32}/ledger:verify")

    assert [202, 404] == [asked.status_code, unknown.status_code]
    assert [account] == [order.account_id for order in orders if isinstance(order, CompareAccount)]
