"""Filters that like moves speak for, through HTTP: said with their count, made, or refused."""

from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client

from .conftest import Running
from .linking import linker_of, receive

pytestmark = pytest.mark.integration

SENDER = "billing@shop.example"
IDS = [f"{number:032x}" for number in range(1, 6)]


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


async def test_three_like_moves_are_a_suggestion_until_it_is_a_filter(linked: Running) -> None:
    """What was moved back does not count; the dry run counts what is left in the Inbox."""
    admin = linked.admin
    folder = (await admin.post("/folders", json={"name": "Invoices"})).json()["id"]
    for email_id in IDS:
        await receive(linked, linked.admin_id, email_id=email_id, **{"from": {"address": SENDER}})
    for email_id in IDS[:3]:
        last = await admin.patch(f"/emails/{email_id}", json={"folder": folder})
    await admin.post(f"/emails/{IDS[2]}:undo")
    early = (await admin.get("/filters/suggestions")).json()["items"]
    last = await admin.patch(f"/emails/{IDS[3]}", json={"folder": folder})
    seen = {"Courrier-After": last.headers["Courrier-Position"]}
    (found,) = (await admin.get("/filters/suggestions", headers=seen)).json()["items"]
    created = await admin.post("/filters", json=found["filter"])
    seen = {"Courrier-After": created.headers["Courrier-Position"]}
    done = (await admin.get("/filters/suggestions", headers=seen)).json()["items"]

    assert [] == early
    expected = f"You moved 3 e-mails from {SENDER} to “Invoices” within two weeks."
    assert expected == found["reason"]
    assert (SENDER, "move", folder) == tuple(
        found["filter"][name] for name in ("from", "action", "folder_id")
    )
    assert (2, {IDS[2], IDS[4]}) == (found["count"], {each["id"] for each in found["examples"]})
    assert 201 == created.status_code
    assert [] == done


async def test_a_suggestion_that_is_not_wanted_does_not_come_again(linked: Running) -> None:
    """It is mine alone; the words are in my language."""
    grace, grace_id = await linked.add_user("grace", language="fr")
    folder = (await grace.post("/folders", json={"name": "Factures"})).json()["id"]
    for email_id in IDS[:3]:
        await receive(linked, grace_id, email_id=email_id, **{"from": {"address": SENDER}})
        last = await grace.patch(f"/emails/{email_id}", json={"folder": folder})
    seen = {"Courrier-After": last.headers["Courrier-Position"]}
    (found,) = (await grace.get("/filters/suggestions", headers=seen)).json()["items"]
    dismissed = await grace.delete(f"/filters/suggestions/{found['id']}")

    assert found["reason"].startswith(f"Vous avez classé 3 e-mails de {SENDER} dans « Factures »")
    assert 204 == dismissed.status_code
    assert [] == (await grace.get("/filters/suggestions")).json()["items"]
    assert [] == (await linked.admin.get("/filters/suggestions")).json()["items"]
