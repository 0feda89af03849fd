"""'Why is this here?', and why not there, over HTTP: from the log, for the one who asks."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from .conftest import Running
from .linking import INBOX, linker_of, receive

pytestmark = pytest.mark.integration

ONE = "1" * 32


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


def after(answer: httpx.Response) -> dict[str, str]:
    """Return the header by which a read shows what this answer wrote."""
    return {"Courrier-After": answer.headers["Courrier-Position"]}


async def made(gateway: Running, kind: str, **fields: Any) -> str:
    """Make a record and return its id, once it can be read."""
    answer = await gateway.admin.post(f"/records/{kind}", json=fields)
    assert 201 == answer.status_code, answer.text
    await gateway.admin.get(f"/records/{kind}", headers=after(answer))
    return str(answer.json()["id"])


async def test_every_decision_is_told_to_who_may_know_it(linked: Running) -> None:
    """Who, by which rule under its name of now, in the caller's language; undo included."""
    admin = linked.admin
    ada = await made(linked, "contact", first_name="Ada", email_addresses=["ada@example.test"])
    deal = await made(linked, "opportunity", name="Lamps")
    rule = {"name": "Bills", "subject": "Quest*", "important": True}
    made_rule = (await admin.post("/filters", json=rule)).json()["id"]
    renamed = await admin.patch(f"/filters/{made_rule}", json={"name": "Invoices"})
    await admin.get("/filters", headers=after(renamed))
    met = {"rule": "filter", "rule_id": made_rule, "field": "subject", "value": "Question"}
    link = {"record": {"type": "contact", "id": ada}, "parent": True}
    why = {"reason": {"rule": "contact-address", "field": "from", "value": "ada@example.test"}}
    grace, grace_id = await linked.add_user("grace", language="fr")
    mine = INBOX | {"holder_id": linked.admin_id, "reason": met}
    hers = INBOX | {"holder_id": grace_id}
    await receive(linked, email_id=ONE, holdings=[mine, hers], links=[link | why])
    await admin.patch(f"/emails/{ONE}", json={"is_read": True})
    await admin.post(f"/emails/{ONE}:link", json={"record": {"type": "opportunity", "id": deal}})
    await admin.post(f"/emails/{ONE}:undo")
    told = (await admin.get(f"/emails/{ONE}/explanation")).json()
    logged = (await admin.get(f"/emails/{ONE}/events")).json()["items"]
    async with aclosing(grace):
        hers_told = (await grace.get(f"/emails/{ONE}/explanation")).json()
        english = {"Accept-Language": "en"}
        chosen = (await grace.get(f"/emails/{ONE}/explanation", headers=english)).json()

    words = "threaded linked filed held read linked linked unlinked linked"
    assert words.split() == [each["decision"] for each in told]
    texts = [each["text"] for each in told]
    assert "Linked to Ada. ada@example.test (From) is an address of this contact." in texts
    filed = "Filed into Inbox. The filter “Invoices” put it here: Subject is “Question”."
    assert filed in texts
    assert {"type": "filter", "id": made_rule, "name": "Invoices"} in [e["rule"] for e in told]
    assert "Linked to Lamps. Administrator linked it by hand." in texts
    assert texts[-2].startswith("No longer linked to Lamps. Administrator undid what was")
    assert "Grace has it, too. It came to them, too." in texts
    assert not {"read", "important"} & {each["decision"] for each in hers_told}
    assert any(each["text"].startswith("Classé dans") for each in hers_told)
    assert any(each["text"].startswith("Filed into") for each in chosen)
    assert ["EmailImported", "EmailMarkedRead", "EmailLinked", "EmailLinked"] == [
        each["type"].split(".")[2] for each in logged
    ]


async def test_why_it_is_not_at_a_record(linked: Running) -> None:
    """What came first with both scores; what was taken away, by whom; what one may not know."""
    admin = linked.admin
    ada = await made(linked, "contact", first_name="Ada", email_addresses=["ada@example.test"])
    bob = await made(linked, "lead", name="Bob", email_addresses=["bob@example.test"])
    case = await made(linked, "case", name="Lamp")
    link: dict[str, Any] = {"record": {"type": "contact", "id": ada}, "parent": True}
    link["reason"] = {"rule": "contact-address", "field": "from", "value": "ada@example.test"}
    boxes = [{"name": None, "address": "bob@example.test"}]
    await receive(linked, linked.admin_id, email_id=ONE, links=[link], cc=boxes)
    path = f"/emails/{ONE}/explanation"
    (lost,) = (await admin.get(path, params={"record": f"lead:{bob}"})).json()
    (apart,) = (await admin.get(path, params={"record": f"case:{case}"})).json()
    there = (await admin.get(path, params={"record": f"contact:{ada}"})).json()
    await admin.post(f"/emails/{ONE}:unlink", json={"record": {"type": "contact", "id": ada}})
    (taken,) = (await admin.get(path, params={"record": f"contact:{ada}"})).json()
    (kept,) = (await admin.get(path, params={"record": f"lead:{bob}"})).json()
    unknown = await admin.get(path, params={"record": "lead:none"})
    french = {"Accept-Language": "fr"}
    (autre,) = (await admin.get(path, params={"record": f"case:{case}"}, headers=french)).json()

    assert "not-linked" == lost["decision"]
    assert (
        "Not linked to Bob. bob@example.test (Cc) leads to it with 48 points, "
        "but Ada came first with 80." == lost["text"]
    )
    assert [("Ada", 80), ("Bob", 48)] == [
        (each["record"]["name"], each["score"]) for each in lost["candidates"]
    ]
    assert "only-by-hand" == apart["rule"]["id"]
    assert ["linked"] == [each["decision"] for each in there]
    assert "No longer linked to Ada. Administrator took it away by hand." == taken["text"]
    assert "kept-by-hand" == kept["rule"]["id"]
    assert 404 == unknown.status_code
    assert autre["text"].startswith("Pas rattaché à Lamp.")
