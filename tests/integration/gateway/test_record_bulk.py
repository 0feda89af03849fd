"""Many records at once: upsert by external id, one JSON object a line."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from time import process_time
from typing import Any

import httpx
import pytest

from support.waiting import eventually

from .conftest import Running

pytestmark = pytest.mark.integration

MANY = 10_000
LIMIT_S = 10.0
OUTCOME = "Courrier-Outcome"


def lines_of(bodies: Sequence[Mapping[str, Any]]) -> bytes:
    """The body of an upsert."""
    return b"".join(json.dumps(body).encode() + b"\n" for body in bodies)


def told(answer: httpx.Response) -> list[dict[str, Any]]:
    """What became of each line."""
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def person(number: int, **fields: Any) -> dict[str, Any]:
    """A contact as a connector sends it."""
    usual = {
        "external_id": f"x{number}",
        "first_name": "Ada",
        "last_name": f"Lovelace {number}",
        "email_addresses": [f"ada{number}@example.test"],
        "custom": {"source": "erp"},
    }
    return usual | fields


async def test_each_line_is_created_changed_left_or_refused(gateway: Running) -> None:
    """By itself, in order, and the same again changes nothing; a later line sees an earlier one."""
    path = "/records/contact:upsert"
    body = lines_of([person(1), person(2), person(1, phone="+33 1"), person(1, phone="+33 1")])
    bad = (
        b'{"name": "no id"}\n\n{"external_id": "y", "email_addresses": ["nobody"]}\nrubbish\n'
        + lines_of([person(3, account_id="0" * 32), person(4, amount="1"), person(5, misspelt=1)])
    )

    first = await gateway.admin.post(path, content=body)
    again = await gateway.admin.post(path, content=body)
    refused = await gateway.admin.post(path, content=bad)
    after = {"Courrier-After": first.headers["Courrier-Position"]}
    found = await gateway.admin.get("/records/contact?external_id=x1", headers=after)

    assert ["created", "created", "updated", "unchanged"] == [x["outcome"] for x in told(first)]
    assert {"unchanged"} == {each["outcome"] for each in told(again)[1::2]}
    assert "created=2, updated=1, unchanged=1, refused=0" == first.headers["Courrier-Outcome"]
    assert [(1, "/external_id"), (3, "/email_addresses/0"), (4, None), (5, "/account_id")] == [
        (each["line"], each.get("pointer")) for each in told(refused)[:4]
    ]
    assert ["/amount", "/misspelt"] == [each["pointer"] for each in told(refused)[4:]]
    (ada,) = found.json()["items"]
    assert (ada["phone"], ada["custom"]) == ("+33 1", {"source": "erp"})


async def test_one_address_may_be_several_records(gateway: Running) -> None:
    """Also in one upsert: each line sees the owners that the others made."""
    shared = {"email_addresses": ["shared@example.test"]}
    body = lines_of([person(n, **shared) for n in range(5)])

    answer = await gateway.admin.post("/records/contact:upsert", content=body)
    after = {"Courrier-After": answer.headers["Courrier-Position"]}
    found = await gateway.admin.get("/people?q=shared", headers=after)

    assert Counter({"created": 5}) == Counter(each["outcome"] for each in told(answer))
    assert len(found.json()["items"]) == 5


async def test_cases_of_an_upsert_have_numbers(gateway: Running) -> None:
    """Each its own, after those there are."""
    await gateway.admin.post("/records/case", json={"name": "First"})
    body = lines_of([{"external_id": f"c{n}", "name": f"Case {n}"} for n in range(7)])

    answer = await gateway.admin.post("/records/case:upsert", content=body)
    after = {"Courrier-After": answer.headers["Courrier-Position"]}
    found = (await gateway.admin.get("/records/case", headers=after)).json()["items"]

    assert list(range(1, 9)) == sorted(each["number"] for each in found)


async def test_what_is_not_mine_is_refused_by_line(gateway: Running) -> None:
    """And stays as it is."""
    await gateway.admin.post("/records/contact:upsert", content=lines_of([person(1)]))
    grace, grace_id = await gateway.add_user("grace")
    async with aclosing(grace):
        body = lines_of([person(1, phone="1"), person(2)])
        answer = await grace.post("/records/contact:upsert", content=body)
        after = {"Courrier-After": answer.headers["Courrier-Position"]}
        mine = await grace.get("/records/contact", headers=after)

    assert ["refused", "created"] == [each["outcome"] for each in told(answer)]
    assert [grace_id] == [each["assigned_user_id"] for each in mine.json()["items"]]


async def test_as_a_job_it_goes_on_after_the_answer(gateway: Running) -> None:
    """And says in the end what became of how many, and which lines were refused."""
    body = lines_of([*(person(n) for n in range(600)), person(600, account_id="0" * 32)])

    asked = await gateway.admin.post("/records/contact:upsert?background=true", content=body)
    job = f"/jobs/{asked.json()['id']}"

    async def ended() -> bool:
        return bool((await gateway.admin.get(job)).json()["state"] == "done")

    await eventually(ended, within_s=30)
    done = (await gateway.admin.get(job)).json()

    assert asked.status_code == 202
    assert {"created": 600, "updated": 0, "unchanged": 0, "refused": 1} == done["result"]
    assert [(601, "/account_id")] == [(x["line"], x["pointer"]) for x in done["errors"]]


@pytest.mark.long
async def test_ten_thousand_take_less_than_ten_seconds(gateway: Running) -> None:
    """Of processor time, each with an address; the same again is nothing new."""
    body = lines_of([person(n) for n in range(MANY)])
    path = "/records/contact:upsert"
    async with httpx.AsyncClient(
        base_url=gateway.admin.base_url, headers=gateway.admin.headers, timeout=120
    ) as client:
        start = process_time()
        created = await client.post(path, content=body)
        took = process_time() - start
        unchanged = await client.post(path, content=body)

    assert f"created={MANY}, updated=0, unchanged=0, refused=0" == created.headers[OUTCOME]
    assert f"created=0, updated=0, unchanged={MANY}, refused=0" == unchanged.headers[OUTCOME]
    assert took < LIMIT_S
