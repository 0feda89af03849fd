"""Records over HTTP: external ids, versions, addresses, access."""

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
    answer = await gateway.admin.post("/records/contact", json={"account_id": "0" * 32})

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
