"""The stream of events: what its reader may see and nothing else, from any place, as it happens."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from courrier.events.families.email import EmailImported, EmailMarkedRead
from support.builders import example

from .conftest import Running

pytestmark = pytest.mark.integration

SOON_S = 10.0


def names(events: list[dict[str, Any]]) -> list[str]:
    """Return the types without family and version."""
    return [event["type"].split(".")[2] for event in events]


async def whole(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """Return all events up to now."""
    answer = await client.get("/stream", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def write(gateway: Running, client: httpx.AsyncClient, name: str) -> dict[str, str]:
    """Create a lead and return the header that waits for it."""
    written = await client.post("/records/lead", json={"name": name, "force": True})
    assert written.status_code == 201, written.text
    after = {"Courrier-After": written.headers["Courrier-Position"]}
    await gateway.admin.get("/me", headers=after)
    await client.get("/records/lead", headers=after)
    return after


def mail(holders: list[str], number: int) -> EmailImported:
    """Return an e-mail that these people have."""
    holdings = [{"holder_id": h, "folder": "inbox", "reason": {"rule": "inbox"}} for h in holders]
    return example(EmailImported, email_id=f"{number:032x}", holdings=holdings, links=[])


async def test_the_stream_gives_what_its_reader_may_see(gateway: Running) -> None:
    """Records by rights, mail by holding it, others' copies and marks never."""
    grace, grace_id = await gateway.add_user("grace")
    await write(gateway, gateway.admin, "Not for Grace")
    await write(gateway, grace, "For Grace")
    both = mail([gateway.admin_id, grace_id], 1)
    await gateway.feeder.feed(both, mail([gateway.admin_id], 2))
    read = example(EmailMarkedRead, email_id=both.email_id, person_id=gateway.admin_id)
    after = {"Courrier-After": await gateway.feeder.feed(read)}
    await grace.get("/folders", headers=after)

    hers, admins = await whole(grace), await whole(gateway.admin)
    await grace.aclose()

    assert ["RecordCreated", "EmailImported"] == names(hers)
    assert "For Grace" == hers[0]["data"]["fields"]["name"]
    assert [grace_id] == [each["holder_id"] for each in hers[1]["data"]["holdings"]]
    assert 2 == names(admins).count("RecordCreated")
    assert 2 == names(admins).count("EmailImported")
    assert 1 == names(admins).count("EmailMarkedRead")


async def test_the_stream_goes_on_behind_a_position_a_time_or_now(gateway: Running) -> None:
    """Nothing twice and nothing missed; types are chosen."""
    await write(gateway, gateway.admin, "One")
    between = datetime.now(UTC)
    await write(gateway, gateway.admin, "Two")
    (one, two) = await whole(gateway.admin)
    changed = await whole(gateway.admin, type="courrier.crm.RecordChanged.v1")
    later = await whole(gateway.admin, **{"from": one["position"]})
    since = await whole(gateway.admin, **{"from": between.isoformat()})
    wrong = await gateway.admin.get("/stream", params={"from": "nonsense"})

    assert [] == changed
    assert [two] == later
    assert [two["id"]] == [event["id"] for event in since]
    assert two["subject"].startswith("lead.")
    assert 400 == wrong.status_code


async def test_the_stream_follows_what_happens(gateway: Running) -> None:
    """As server-sent events, too, that go on after the last one seen."""
    headers = {"Accept": "text/event-stream"}
    query = {"follow": "true"}
    async with gateway.admin.stream("GET", "/stream", params=query, headers=headers) as answer:
        await write(gateway, gateway.admin, "One")
        lines = answer.aiter_lines()
        async with asyncio.timeout(SOON_S):
            block = [await anext(lines) for _ in range(3)]
    last = block[0].removeprefix("id: ")
    await write(gateway, gateway.admin, "Two")
    resumed = await gateway.admin.get("/stream", headers=headers | {"Last-Event-ID": last})

    assert "event: courrier.crm.RecordCreated.v1" == block[1]
    assert "One" in block[2]
    assert "Two" in resumed.text
    assert "One" not in resumed.text


async def test_a_token_needs_the_scope(gateway: Running) -> None:
    """One for reading does not open the stream, one for the stream opens nothing else."""
    codes = []
    for scope in ("read", "stream"):
        issued = await gateway.admin.post("/tokens", json={"name": scope, "scopes": [scope]})
        after = {"Courrier-After": issued.headers["Courrier-Position"]}
        await gateway.admin.get("/tokens", headers=after)
        async with gateway.client(issued.json()["token"]) as client:
            codes.append([(await client.get(path)).status_code for path in ("/stream", "/me")])

    assert [[403, 200], [200, 403]] == codes
