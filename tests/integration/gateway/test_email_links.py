"""What an e-mail is about, by hand, over HTTP: linked, taken away, undone; records made of it."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from .conftest import Running
from .linking import linker_of, receive

pytestmark = pytest.mark.integration

ONE = "1" * 32


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it, and an e-mail of the administrator's."""
    async with linker_of(gateway, client):
        await receive(gateway, gateway.admin_id, email_id=ONE, subject="An order")
        yield gateway


async def made(person: httpx.AsyncClient, record_type: str, **fields: Any) -> dict[str, str]:
    """Create a record that can be read at once, and return what names it."""
    answer = await person.post(f"/records/{record_type}", json=fields)
    assert answer.status_code == 201, answer.text
    after = {"Courrier-After": answer.headers["Courrier-Position"]}
    await person.get(f"/records/{record_type}/{answer.json()['id']}", headers=after)
    return {"type": record_type, "id": answer.json()["id"]}


async def history(person: httpx.AsyncClient, record: dict[str, str]) -> list[str]:
    """Return the e-mails of a record."""
    answer = await person.get(f"/records/{record['type']}/{record['id']}/history")
    return [each["id"] for each in answer.json()["items"]]


async def test_what_a_person_links_is_there_until_they_take_it_away(linked: Running) -> None:
    """First of all, beside another, taken away, undone."""
    admin = linked.admin
    deal, account = (
        await made(admin, "opportunity", name="Deal"),
        await made(admin, "account", name="Co"),
    )
    first = (await admin.post(f"/emails/{ONE}:link", json={"record": account})).json()
    second = (await admin.post(f"/emails/{ONE}:link", json={"record": deal})).json()
    there = [await history(admin, record) for record in (account, deal)]
    gone = (await admin.post(f"/emails/{ONE}:unlink", json={"record": deal})).json()
    decisions = (await admin.get("/decisions", params={"email": ONE})).json()["items"]
    undone = await admin.post(f"/emails/{ONE}:undo")
    back = (await admin.get(f"/emails/{ONE}")).json()

    patched = await admin.patch(f"/emails/{ONE}", json={"parent": account, "is_read": True})
    emptied = await admin.patch(f"/emails/{ONE}", json={"parent": None})
    nothing = await admin.patch(f"/emails/{ONE}", json={"parent": None})

    assert ("account", True) == (patched.json()["parent"]["type"], patched.json()["is_read"])
    assert (None, 200) == (emptied.json()["parent"], nothing.status_code)
    assert ("account", "by-hand") == (first["parent"]["type"], first["parent"]["reason"]["rule"])
    assert ("opportunity", [[ONE], [ONE]]) == (second["parent"]["type"], there)
    assert None is gone["parent"]
    assert [["linked"]] * 3 == [each["what"] for each in decisions]
    assert (1, "opportunity") == (undone.json()["undone"], back["parent"]["type"])


async def test_only_holders_link_and_only_to_what_they_may_read(linked: Running) -> None:
    """Others find no such e-mail; a record out of sight is none."""
    grace, grace_id = await linked.add_user("grace")
    hers = "2" * 32
    await receive(linked, grace_id, email_id=hers)
    secret = await made(linked.admin, "account", name="Secret")
    async with aclosing(grace):
        foreign = await grace.post(f"/emails/{ONE}:link", json={"record": secret})
        unseen = await grace.post(f"/emails/{hers}:link", json={"record": secret})
        taken = await grace.post(f"/emails/{ONE}:unlink", json={"record": secret})
        converted = await grace.post(f"/emails/{ONE}:convert", json={"to": "task"})

    assert [404, 422, 404, 404] == [
        each.status_code for each in (foreign, unseen, taken, converted)
    ]
    assert "/record" == unseen.json()["errors"][0]["pointer"]


async def test_a_case_is_made_of_an_e_mail_and_is_what_it_is_about(linked: Running) -> None:
    """Named by the subject, with a number; the same order again makes no second one."""
    admin = linked.admin
    account = await made(admin, "account", name="Co")
    await admin.post(f"/emails/{ONE}:link", json={"record": account})
    asked, key = {"to": "case", "fields": {"priority": "high"}}, {"Idempotency-Key": "convert-1"}
    first = await admin.post(f"/emails/{ONE}:convert", json=asked, headers=key)
    again = await admin.post(f"/emails/{ONE}:convert", json=asked, headers=key)
    case, shown = first.json(), (await admin.get(f"/emails/{ONE}")).json()
    second = await admin.post(f"/emails/{ONE}:convert", json={"to": "case"})
    forced = await admin.post(f"/emails/{ONE}:convert", json={"to": "case", "force": True})

    assert (409, [case["id"]]) == (
        second.status_code,
        [each["id"] for each in second.json()["candidates"]],
    )
    assert 201 == forced.status_code
    assert (201, case["id"]) == (first.status_code, again.json()["id"])
    assert ("An order", "high", account["id"]) == (
        case["name"],
        case["priority"],
        case["account_id"],
    )
    assert ("case", case["id"]) == (shown["parent"]["type"], shown["parent"]["id"])
    assert [ONE] == await history(admin, {"type": "case", "id": case["id"]})
    assert [ONE] == await history(admin, account)


async def test_a_person_is_made_of_an_e_mail_unless_they_are_known(linked: Running) -> None:
    """A lead by name and address; a second time the candidates are shown, unless forced."""
    admin = linked.admin
    first = await admin.post(f"/emails/{ONE}:convert", json={"to": "lead"})
    after = {"Courrier-After": first.headers["Courrier-Position"]}
    second = await admin.post(f"/emails/{ONE}:convert", json={"to": "contact"}, headers=after)
    forced = await admin.post(f"/emails/{ONE}:convert", json={"to": "contact", "force": True})
    task = await admin.post(f"/emails/{ONE}:convert", json={"to": "task"})

    assert (201, ["ada@example.test"]) == (first.status_code, first.json()["email_addresses"])
    assert (409, first.json()["id"]) == (second.status_code, second.json()["candidates"][0]["id"])
    assert (201, 201, "An order") == (forced.status_code, task.status_code, task.json()["name"])
