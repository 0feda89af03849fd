"""Records that are one become one; and e-mail to case, by the running gateway."""

from datetime import timedelta
from typing import Any

import pytest

from courrier.events.families.email import CaseRequested, EmailImported
from courrier.events.families.settings import EmailAccountAdded
from support.builders import ACCOUNT, EMAIL, NOON, REASON, THREAD, example
from support.waiting import eventually

from .conftest import Running

pytestmark = pytest.mark.integration


async def create(gateway: Running, kind: str, **fields: Any) -> dict[str, Any]:
    """A new record, whatever there is already."""
    answer = await gateway.admin.post(f"/records/{kind}?force=true", json=fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_merged_record_is_another(gateway: Running) -> None:
    """Its fields, addresses, relations and e-mails are the other's; its id names the other."""
    acme, twin = [
        await create(gateway, "account", name="Acme", website=w) for w in (None, "a.test")
    ]
    other = await create(gateway, "account", name="Acme too", email_addresses=["i@a.test"])
    ada = await create(gateway, "contact", name="Ada", account_id=twin["id"])
    parent = {"type": "account", "id": other["id"]}
    task = await create(gateway, "task", name="Call", parent=parent)
    link = {"record": parent, "parent": True, "reason": REASON}
    await gateway.feeder.feed(
        example(EmailImported, links=[link], holdings=[_holding(gateway.admin_id)])
    )
    await gateway.admin.post(f"/records/account/{twin['id']}:merge", json={"from": [other["id"]]})
    path = f"/records/account/{acme['id']}"
    merged = await gateway.admin.post(f"{path}:merge", json={"duplicate_ids": [twin["id"]]})
    after = {"Courrier-After": merged.headers["Courrier-Position"]}
    people = await gateway.admin.get("/people?q=i@a.test", headers=after)
    old = [await gateway.admin.get(f"/records/account/{each['id']}") for each in (twin, other)]

    async def followed() -> bool:
        contact = (await gateway.admin.get(f"/records/contact/{ada['id']}")).json()
        call = (await gateway.admin.get(f"/records/task/{task['id']}")).json()
        history = (await gateway.admin.get(f"{path}/history")).json()["items"]
        assert (contact["account_id"], call["parent"]["id"]) == (acme["id"], acme["id"])
        assert [each["id"] for each in history] == [EMAIL]
        return history[0]["link"] is not None

    await eventually(followed)

    assert (merged.json()["website"], merged.json()["email_addresses"]) == ("a.test", ["i@a.test"])
    assert [acme["id"]] == [each["id"] for each in people.json()["items"]]
    assert [(410, acme["id"])] * 2 == [
        (each.status_code, each.json()["existing_id"]) for each in old
    ]


async def test_an_accounts_history_is_also_its_peoples(gateway: Running) -> None:
    """Newest first, each with the reason and through whom; who wrote last is found first."""
    acme = await create(gateway, "account", name="Acme")
    ada, eve = [
        await create(gateway, "contact", name=n, email_addresses=[f"{n}@x.test"], account_id=a)
        for n, a in (("zoe", acme["id"]), ("eve", None))
    ]
    case = await create(gateway, "case", name="Lamp", account_id=acme["id"])
    for number, (kind, record) in enumerate(
        [("account", acme), ("contact", ada), ("case", case), ("contact", eve)]
    ):
        link = {"record": {"type": kind, "id": record["id"]}, "parent": True, "reason": REASON}
        imported = example(
            EmailImported,
            email_id=f"{number:032x}",
            date=NOON + timedelta(hours=number if kind != "contact" else number + 10),
            links=[link],
            holdings=[_holding(gateway.admin_id)],
            **{"from": {"address": f"{record['name']}@x.test"}},
        )
        last = await gateway.feeder.feed(imported)
    path, after = f"/records/account/{acme['id']}/history", {"Courrier-After": last}

    history = (await gateway.admin.get(path, headers=after)).json()["items"]
    page = (await gateway.admin.get(f"{path}?limit=2")).json()
    rest = (await gateway.admin.get(f"{path}?limit=2&cursor={page['next']}")).json()
    people = (await gateway.admin.get("/people?q=x.test")).json()["items"]

    through = [each["link"]["record"]["name"] for each in history]
    assert ["zoe", "Lamp", "Acme"] == through
    assert REASON | {"rule_id": None} == history[0]["link"]["reason"]
    assert history == [*page["items"], *rest["items"]]
    assert ["eve", "zoe"] == [each["name"] for each in people if each["type"] == "contact"]


async def test_what_cannot_be_merged_is_named(gateway: Running) -> None:
    """The record itself, and what is not there, or not any more."""
    one, two = [await create(gateway, "lead", name="Ada") for _ in range(2)]
    path = f"/records/lead/{one['id']}:merge"
    await gateway.admin.post(path, json={"duplicate_ids": [two["id"]]})

    for ids, place in (([one["id"]], 0), ([two["id"]], 0), (["0" * 32], 0)):
        answer = await gateway.admin.post(path, json={"duplicate_ids": ids})
        assert [f"/duplicate_ids/{place}"] == [e["pointer"] for e in answer.json()["errors"]]
    gone = await gateway.admin.patch(f"/records/lead/{two['id']}", json={"name": "x"})
    assert (gone.status_code, gone.json()["existing_id"]) == (410, one["id"])
    assert (await gateway.admin.post(path, json={"duplicate_ids": []})).status_code == 422


async def test_an_email_to_a_group_becomes_a_case(gateway: Running) -> None:
    """As soon as the linker asks: the next number, and the person on duty."""
    await create(gateway, "case", name="First")
    group = {"opens_cases": True, "distribution": "direct", "assigned_user_id": gateway.admin_id}
    await gateway.feeder.feed(example(EmailAccountAdded, account_id=ACCOUNT, group=group))
    await gateway.feeder.feed(example(EmailImported, links=[], thread_id=THREAD))
    await gateway.feeder.feed(example(CaseRequested))

    async def opened() -> bool:
        found = (await gateway.admin.get("/records/case?q=Question")).json()["items"]
        expected = [("Question", 2, gateway.admin_id, "Assigned", EMAIL)]
        names = ("name", "number", "assigned_user_id", "status", "email_id")
        return expected == [tuple(each[name] for name in names) for each in found]

    await eventually(opened)


def _holding(user_id: str) -> dict[str, Any]:
    return {"holder_id": user_id, "folder": "inbox", "reason": REASON}
