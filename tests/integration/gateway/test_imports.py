"""A table becomes records: handed in, tried, run."""

from typing import Any

import httpx
import pytest

from support.waiting import eventually

from .conftest import Running

pytestmark = pytest.mark.integration

TABLE = """Id;Prénom;Nom de famille;Courriel;Taille
x1;Ada;Lovelace;ada@x.test;S
x2;Grace;Hopper;nobody;M

x1;Ada;King;ada@x.test;S
"""
MAPPING = {
    "Id": "external_id",
    "Prénom": "first_name",
    "Nom de famille": "last_name",
    "Courriel": "email_addresses",
}


async def ended(client: httpx.AsyncClient, begun: httpx.Response) -> dict[str, Any]:
    """The job, once it has ended."""
    assert begun.status_code == 202, begun.text
    path = f"/jobs/{begun.json()['id']}"

    async def is_over() -> bool:
        return (await client.get(path)).json()["state"] not in {"queued", "running"}

    await eventually(is_over)
    job: dict[str, Any] = (await client.get(path)).json()
    return job


async def test_a_table_is_tried_and_run(gateway: Running) -> None:
    """Trying tells by row what running does, and changes nothing; a spent table is forgotten."""
    admin = gateway.admin
    data = TABLE.encode("cp1252")
    sent = await admin.post("/imports?type=contact&filename=people.csv", content=data)
    path = f"/imports/{sent.json()['id']}"
    body = {"mapping": MAPPING | {"Taille": "custom.size"}}

    tried = await ended(admin, await admin.post(f"{path}:dry-run", json=body))
    before = (await admin.get("/records/contact")).json()["items"]
    run = await ended(admin, await admin.post(f"{path}:run", json=body))
    again = await admin.post(f"{path}:run", json=body)

    async def made() -> bool:
        (ada,) = (await admin.get("/records/contact")).json()["items"]
        return (ada["last_name"], ada["custom"], ada["external_id"]) == (
            "King",
            {"size": "S"},
            "x1",
        )

    await eventually(made)

    assert (sent.status_code, sent.json()["rows"]) == (201, 3)
    assert MAPPING == sent.json()["mapping"]
    assert ["x1", "Ada", "Lovelace", "ada@x.test", "S"] == sent.json()["sample"][0]
    assert [] == before
    counts = {"created": 1, "updated": 1, "unchanged": 0, "refused": 1}
    rows = {"created": [2], "updated": [5]}
    assert counts | {"rows": rows, "duplicates": []} == tried["result"]
    assert counts | {"rows": rows} == run["result"]
    for job in (tried, run):
        assert [(3, "Courriel")] == [(each["line"], each["column"]) for each in job["errors"]]
    assert again.status_code == 409


async def test_rows_find_their_records_by_address(gateway: Running) -> None:
    """Where they have no id elsewhere; an address of several records is refused."""
    admin = gateway.admin
    for name in ("Ada", "Twin", "Other twin"):
        address = f"{name.split()[-1].lower()}@x.test"
        fields = {"name": name, "email_addresses": [address]}
        last = await admin.post("/records/contact?force=true", json=fields)
    table = b"email,phone\nADA@x.test,1\ntwin@x.test,2\nnew@x.test,3\nnew@x.test,4\n"
    sent = await admin.post(
        "/imports?type=contact",
        content=table,
        headers={"Courrier-After": last.headers["Courrier-Position"]},
    )
    path = f"/imports/{sent.json()['id']}"

    run = await ended(admin, await admin.post(f"{path}:run", json={"match_by": "email"}))

    assert {"created": [4], "updated": [2, 5]} == run["result"]["rows"]
    assert [(3, "email")] == [(each["line"], each["column"]) for each in run["errors"]]


async def test_trying_shows_whom_a_row_may_double(gateway: Running) -> None:
    """As creating one by hand does: by name or address, of those whom one may read; no names."""
    grace, _ = await gateway.add_user("grace")
    ada = {"first_name": "Ada", "last_name": "Lovelace", "email_addresses": ["ada@x.test"]}
    last = await gateway.admin.post("/records/contact", json=ada)
    after = {"Courrier-After": last.headers["Courrier-Position"]}
    table = b"name,email\nNobody Else,new@x.test\nAda Lovelace,\nA.,ADA@x.test\n"

    found = {}
    for who, client in (("admin", gateway.admin), ("grace", grace)):
        sent = await client.post("/imports?type=contact", content=table, headers=after)
        tried = await ended(
            client, await client.post(f"/imports/{sent.json()['id']}:dry-run", json={})
        )
        found[who] = tried["result"]["duplicates"]
    await grace.aclose()

    known = {"type": "contact", "id": last.json()["id"]}
    assert [] == found["grace"]
    assert [(3, ["name"]), (4, ["address"])] == [
        (each["line"], each["candidates"][0]["because"]) for each in found["admin"]
    ]
    assert [known, known] == [
        {"type": each["type"], "id": each["id"]}
        for row in found["admin"]
        for each in row["candidates"]
    ]


async def test_a_table_is_its_owners(gateway: Running) -> None:
    """And may be forgotten; what is none is declined."""
    grace, _ = await gateway.add_user("grace")
    sent = await gateway.admin.post("/imports?type=lead", content=b"name\nAda\n")
    path = f"/imports/{sent.json()['id']}"

    assert (await grace.get(path)).status_code == 404
    assert (await grace.post(f"{path}:run", json={})).status_code == 404
    assert [] == (await grace.get("/imports")).json()["items"]
    await grace.aclose()
    assert (await gateway.admin.get(path)).json()["sample"] == [["Ada"]]
    wrong = await gateway.admin.post(f"{path}:run", json={"mapping": {"x": "name"}})
    assert ["/mapping/x"] == [each["pointer"] for each in wrong.json()["errors"]]
    assert (await gateway.admin.delete(path)).status_code == 204
    assert (await gateway.admin.get(path)).status_code == 404
    assert (await gateway.admin.post("/imports?type=lead", content=b"")).status_code == 422
