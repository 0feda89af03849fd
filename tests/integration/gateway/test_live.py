"""Server-sent events: what changes in a person's view, at once, and resumed where it stopped."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from courrier.events.families.email import EmailImported
from courrier.events.jetstream.api import request_api
from courrier.gateway.settings import GatewaySettings
from support.builders import example

from .conftest import Running
from .house import instance

pytestmark = pytest.mark.integration

SOON_S = 10.0


@dataclass
class Line:
    """An open line of events."""

    lines: AsyncIterator[str]

    async def next(self) -> dict[str, Any]:
        """Return the next event; comments and what only sets the wait are passed over."""
        event: dict[str, Any] = {}
        async with asyncio.timeout(SOON_S):
            async for line in self.lines:
                if line == "" and "data" in event:
                    return event
                if line == "":
                    event = {}  # a block without data is no event (WHATWG HTML 9.2.6)
                name, _, value = line.partition(": ")
                if name:
                    event[name] = json.loads(value) if name == "data" else value
        raise AssertionError("the line was closed")

    async def take(self, count: int) -> list[dict[str, Any]]:
        """Return the next events."""
        return [await self.next() for _ in range(count)]


@asynccontextmanager
async def listening(client: httpx.AsyncClient, last: str | None = None) -> AsyncIterator[Line]:
    """Open a line; it is open once its greeting has come."""
    headers = {"Last-Event-ID": last} if last else {}
    async with client.stream("GET", "/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Line(answer.aiter_lines())


def mail(gateway: Running, number: int) -> EmailImported:
    """Return a new e-mail for the administrator."""
    holding = {"holder_id": gateway.admin_id, "folder": "inbox", "reason": {"rule": "inbox"}}
    return example(EmailImported, email_id=f"{number:032x}", holdings=[holding], links=[])


async def test_new_mail_is_told_at_once(gateway: Running) -> None:
    """The e-mail, then the counters with their figures; nothing of others' mail."""
    _, grace_id = await gateway.add_user("grace")
    async with listening(gateway.admin) as line:
        foreign = {"holder_id": grace_id, "folder": "inbox", "reason": {"rule": "inbox"}}
        await gateway.feeder.feed(example(EmailImported, holdings=[foreign], links=[]))
        started = time.perf_counter()
        position = await gateway.feeder.feed(mail(gateway, 1))
        email, counters = await line.take(2)
        took_s = time.perf_counter() - started

    assert (email["event"], counters["event"]) == ("email", "counters")
    assert email["data"] == {"id": f"{1:032x}", "position": position}
    assert (counters["data"]["id"], counters["data"]["unread"]) == ("inbox", 1)
    assert took_s < SOON_S
    read = await gateway.admin.get(f"/emails/{email['data']['id']}")
    assert read.status_code == 200


async def test_a_line_resumes_where_it_stopped(gateway: Running) -> None:
    """Nothing is missed and nothing comes twice."""
    async with listening(gateway.admin) as line:
        await gateway.feeder.feed(mail(gateway, 1))
        last = (await line.take(3))[-1]["id"]
    for number in (2, 3):
        after = {"Courrier-After": await gateway.feeder.feed(mail(gateway, number))}
        await gateway.admin.get("/folders", headers=after)
    async with listening(gateway.admin, last) as line:
        missed = await line.take(6)

    emails = [event["data"]["id"] for event in missed if event["event"] == "email"]
    assert emails == [f"{2:032x}", f"{3:032x}"]


async def test_a_line_resumes_on_another_instance(
    gateway: Running, settings: GatewaySettings
) -> None:
    """One of two projects; the other tells of it all the same, and knows the same sessions."""
    async with instance(settings) as url:
        other = Running(url, gateway.admin, gateway.admin_id, gateway.feeder, gateway.pool)
        async with listening(gateway.admin) as line:
            await gateway.feeder.feed(mail(gateway, 1))
            last = (await line.take(3))[-1]["id"]
        token = gateway.admin.headers["Authorization"].removeprefix("Bearer ")
        async with other.client(token) as client, listening(client, last) as line:
            await gateway.feeder.feed(mail(gateway, 2))
            resumed = await line.next()

    assert resumed["data"]["id"] == f"{2:032x}"


@pytest.mark.parametrize("last", ["999999999", "nonsense"])
async def test_who_was_away_too_long_is_told_to_start_anew(gateway: Running, last: str) -> None:
    """An id that is not (or no longer) ours means reset; then the line goes on."""
    async with listening(gateway.admin, last) as line:
        reset = await line.next()
        await gateway.feeder.feed(mail(gateway, 1))
        email = await line.next()

    assert (reset["event"], email["event"]) == ("reset", "email")


async def test_pruned_changes_mean_reset(gateway: Running) -> None:
    """Whoever saw less than what is gone has to start anew."""
    after = {"Courrier-After": await gateway.feeder.feed(mail(gateway, 1))}
    await gateway.admin.get("/folders", headers=after)
    await gateway.pool.execute("UPDATE gateway_state.view_horizon SET pruned = 2")
    async with listening(gateway.admin, "1") as line:
        reset = await line.next()

    assert reset["event"] == "reset"


@pytest.mark.own_servers
async def test_a_restored_log_means_reset(gateway: Running, client: Client) -> None:
    """On lines that are open and on those that come back; positions of before are refused."""
    before = {"Courrier-After": await gateway.feeder.feed(mail(gateway, 1))}
    assert (await gateway.admin.get("/folders", headers=before)).status_code == 200
    async with listening(gateway.admin) as line:
        info = await request_api(client, "STREAM.INFO.EMAIL")
        restored = info["config"] | {"metadata": {"courrier.epoch": "2"}}
        await request_api(client, "STREAM.UPDATE.EMAIL", restored)
        open_line = await line.next()
    async with listening(gateway.admin, "1") as line:
        back = await line.next()
    late = await gateway.admin.get("/folders", headers=before)
    written = await gateway.admin.post("/records/lead", json={"name": "Ada"})

    assert ("reset", "reset") == (open_line["event"], back["event"])
    assert (409, "/api/v1/problems/log-restored") == (late.status_code, late.json()["type"])
    assert written.headers["Courrier-Position"].startswith("2.CRM:")
