"""Records over HTTP: external ids, versions, addresses, access."""

import asyncio
from contextlib import aclosing

import pytest

from .conftest import Running

pytestmark = pytest.mark.integration


async def test_an_external_id_is_one_records(gateway: Running) -> None:
    """The second POST is told the id of the first; another type may have the same."""
    body = {"name": "ACME", "external_id": "crm-17"}
    first = await gateway.admin.post("/records/account", json=body)
    second = await gateway.admin.post("/records/account", json=body)
    other = await gateway.admin.post("/records/lead", json=body)

    assert (first.status_code, second.status_code, other.status_code) == (201, 409, 201)
    assert second.json()["existing_id"] == first.json()["id"]


async def test_nobody_overwrites_what_they_have_not_seen(gateway: Running) -> None:
    """If-Match with an older version is a 412; the newest one passes."""
    created = await gateway.admin.post("/records/account", json={"name": "ACME"})
    path = f"/records/account/{created.json()['id']}"
    etag = {"If-Match": created.headers["ETag"]}

    changed = await gateway.admin.patch(path, json={"status": "new"}, headers=etag)
    late = await gateway.admin.patch(path, json={"status": "old"}, headers=etag)
    after = {"Courrier-After": changed.headers["Courrier-Position"]}
    read = await gateway.admin.get(path, headers=after)

    assert (changed.status_code, late.status_code) == (200, 412)
    assert read.headers["ETag"] == changed.headers["ETag"]
    assert (read.json()["name"], read.json()["status"]) == ("ACME", "new")


async def test_addresses_lead_to_people(gateway: Running) -> None:
    """As they are given, changed and taken away."""
    created = await gateway.admin.post(
        "/records/contact", json={"name": "Ada", "email_addresses": ["Ada@Example.test"]}
    )
    path = f"/records/contact/{created.json()['id']}"
    moved = await gateway.admin.patch(path, json={"email_addresses": ["ada@other.test"]})
    after = {"Courrier-After": moved.headers["Courrier-Position"]}

    old = await gateway.admin.get("/people?q=example.test", headers=after)
    new = await gateway.admin.get("/people?q=OTHER")

    assert old.json()["items"] == []
    assert [each["address"] for each in new.json()["items"]] == ["ada@other.test"]


async def test_a_contact_belongs_to_an_account_that_exists(gateway: Running) -> None:
    """Else the field is named."""
    body = {"name": "Ada", "account_id": "0" * 32}
    answer = await gateway.admin.post("/records/contact", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/account_id"


async def test_what_is_not_mine_is_not_there(gateway: Running) -> None:
    """Others' records are a 404 in every way of asking; one's own are not."""
    grace, grace_id = await gateway.add_user("grace")
    foreign = await gateway.admin.post("/records/lead", json={"name": "Foreign"})
    own = await grace.post("/records/lead", json={"name": "Own"})
    path = f"/records/lead/{foreign.json()['id']}"
    after = {"Courrier-After": own.headers["Courrier-Position"]}
    async with aclosing(grace):
        assert (await grace.get(path, headers=after)).status_code == 404
        assert (await grace.get(f"{path}/history")).status_code == 404
        assert (await grace.patch(path, json={"name": "Mine"})).status_code == 404
        parent = f"/emails?parent=lead:{foreign.json()['id']}"
        assert (await grace.get(parent)).status_code == 404
        listed = (await grace.get("/records/lead")).json()["items"]
        assert [("Own", grace_id)] == [(r["name"], r["assigned_user_id"]) for r in listed]
        assert (await grace.get("/users")).status_code == 403


async def test_possible_duplicates_are_shown_before_a_record_is_made(gateway: Running) -> None:
    """By address and by name, also to somebody quick; with force there are two."""
    ada = {"first_name": "Ada", "last_name": "Lovelace", "email_addresses": ["ada@example.test"]}
    first = await gateway.admin.post("/records/contact", json=ada)
    same = await gateway.admin.post("/records/contact", json={"name": "ada  LOVELACE"})
    lead = await gateway.admin.post("/records/lead", json={"email_addresses": ["ADA@example.test"]})
    forced = await gateway.admin.post("/records/contact", json=ada | {"force": True})
    other = await gateway.admin.post("/records/contact?force=true", json=ada)

    assert [409, 409] == [same.status_code, lead.status_code]
    assert [201, 201, 201] == [each.status_code for each in (first, forced, other)]
    found = {"type": "contact", "id": first.json()["id"], "name": "Ada Lovelace"}
    assert same.json()["candidates"] == [found | {"because": ["name"]}]
    assert lead.json()["candidates"] == [found | {"because": ["address"]}]
    assert same.json()["type"].endswith("/possible-duplicates")


async def test_a_company_may_be_known_by_its_domain(gateway: Running) -> None:
    """Its web site or its addresses tell."""
    await gateway.admin.post("/records/account", json={"name": "Acme", "website": "acme.test"})
    body = {"name": "Rockets", "email_addresses": ["info@acme.test"]}

    answer = await gateway.admin.post("/records/account", json=body)

    assert [["domain"]] == [each["because"] for each in answer.json()["candidates"]]


async def test_nobody_learns_of_duplicates_they_may_not_see(gateway: Running) -> None:
    """What is not within reach is not a candidate."""
    ada = {"name": "Ada Lovelace", "email_addresses": ["ada@example.test"]}
    await gateway.admin.post("/records/contact", json=ada)
    grace, _ = await gateway.add_user("grace")
    async with aclosing(grace):
        assert (await grace.post("/records/contact", json=ada)).status_code == 201


async def test_relations_are_read_from_both_sides(gateway: Running) -> None:
    """What belongs to an account, a contact, a person; by status, external id and words."""
    post, get = gateway.admin.post, gateway.admin.get
    acme = (await post("/records/account", json={"name": "Acme"})).json()["id"]
    ada = (await post("/records/contact", json={"name": "Ada", "account_id": acme})).json()["id"]
    sale = {
        "name": "Lamps",
        "account_id": acme,
        "contact_ids": [ada],
        "amount": "1200.50",
        "currency": "EUR",
        "closes_on": "2026-05-01",
        "assigned_user_id": gateway.admin_id,
        "external_id": "o-1",
    }
    made = await post("/records/opportunity", json=sale)
    task = {"name": "Call", "parent": {"type": "account", "id": acme}}
    last = await post("/records/task", json=task | {"due_at": "2026-05-01T10:00:00+02:00"})
    after = {"Courrier-After": last.headers["Courrier-Position"]}

    assert made.json() | sale == made.json()
    assert made.json()["stage"] == "Prospecting"
    assert last.json()["due_at"] == "2026-05-01T08:00:00Z"
    for query, expected in {
        f"opportunity?account_id={acme}": ["Lamps"],
        f"opportunity?contact_id={ada}": ["Lamps"],
        f"opportunity?assigned_user_id={gateway.admin_id}&status=prospecting&q=amp": ["Lamps"],
        "opportunity?external_id=o-1": ["Lamps"],
        f"opportunity?contact_id={acme}": [],
        "opportunity?status=closed": [],
        "opportunity?q=50%25": [],
        f"contact?account_id={acme}": ["Ada"],
        f"task?parent=account:{acme}": ["Call"],
    }.items():
        found = (await get(f"/records/{query}", headers=after)).json()["items"]
        assert [each["name"] for each in found] == expected, query


async def test_what_is_referred_to_must_be_there(gateway: Running) -> None:
    """The pointer says which; what was removed is there no more."""
    gone = (await gateway.admin.post("/records/contact", json={"name": "Ada"})).json()["id"]
    removed = await gateway.admin.delete(f"/records/contact/{gone}")
    case = (await gateway.admin.post("/records/case", json={"name": "Lamp"})).json()

    assert removed.status_code == 204
    for changes, pointer in (
        ({"contact_ids": [gone]}, "/contact_ids/0"),
        ({"assigned_user_id": "0" * 32}, "/assigned_user_id"),
        ({"lead_id": "0" * 32}, "/lead_id"),
        ({"account_id": case["id"]}, "/account_id"),
        ({"amount": "1"}, "/amount"),
    ):
        answer = await gateway.admin.patch(f"/records/case/{case['id']}", json=changes)
        assert [pointer] == [each["pointer"] for each in answer.json()["errors"]]


async def test_a_removed_record_is_there_for_nobody(gateway: Running) -> None:
    """Its address leads nowhere; with an older ETag it stays."""
    body = {"name": "Ada", "email_addresses": ["ada@example.test"], "external_id": "x"}
    made = await gateway.admin.post("/records/contact", json=body)
    path = f"/records/contact/{made.json()['id']}"
    changed = await gateway.admin.patch(path, json={"phone": "1"})
    late = await gateway.admin.delete(path, headers={"If-Match": made.headers["ETag"]})
    removed = await gateway.admin.delete(path, headers={"If-Match": changed.headers["ETag"]})
    after = {"Courrier-After": removed.headers["Courrier-Position"]}

    assert (late.status_code, removed.status_code) == (412, 204)
    assert (await gateway.admin.get(path, headers=after)).status_code == 404
    assert (await gateway.admin.delete(path)).status_code == 404
    assert (await gateway.admin.get("/people?q=ada")).json()["items"] == []
    again = await gateway.admin.post("/records/contact", json=body)
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])


async def test_cases_have_numbers_that_rise(gateway: Running) -> None:
    """Each its own, also when many are opened at once."""
    bodies = [{"name": f"Case {n}"} for n in range(12)]
    made = await asyncio.gather(*(gateway.admin.post("/records/case", json=b) for b in bodies))
    numbers = sorted(each.json()["number"] for each in made)
    after = {"Courrier-After": max((m.headers["Courrier-Position"] for m in made), key=_sequence)}
    found = await gateway.admin.get("/records/case?q=%237", headers=after)

    assert numbers == list(range(1, 13))
    assert [7] == [each["number"] for each in found.json()["items"]]


def _sequence(position: str) -> int:
    return int(position.partition(":")[2])


async def test_pages_cover_everything_once(gateway: Running) -> None:
    """Following the cursors, newest first; the Link header says the same."""
    for number in range(7):
        last = await gateway.admin.post("/records/task", json={"name": str(number)})
    headers = {"Courrier-After": last.headers["Courrier-Position"]}
    names, cursor = [], ""
    for _ in range(4):
        page = await gateway.admin.get(f"/records/task?limit=2{cursor}", headers=headers)
        names += [record["name"] for record in page.json()["items"]]
        cursor = f"&cursor={page.json()['next']}"
        assert (page.json()["next"] is not None) == ("Link" in page.headers)

    assert names == ["6", "5", "4", "3", "2", "1", "0"]
    assert page.json()["next"] is None


async def test_a_record_is_called_something(gateway: Running) -> None:
    """By a name or an address; faults are said in words of JSON."""
    nameless = await gateway.admin.post("/records/contact", json={"custom": {"a": 1}})
    wrong = await gateway.admin.post("/records/contact", json={"name": "A", "email_addresses": "x"})

    assert (422, "/name") == (nameless.status_code, nameless.json()["errors"][0]["pointer"])
    assert [{"pointer": "/email_addresses", "detail": "give a list"}] == wrong.json()["errors"]
