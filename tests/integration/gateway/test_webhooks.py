"""Webhooks through HTTP: what another program gets, and what it does not."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx
import pytest

from courrier.gateway.adapters.webhook_post import HttpWebhookPost
from integration.gateway.conftest import Running
from support.waiting import eventually

pytestmark = pytest.mark.integration

RECORDS = ["courrier.crm.RecordCreated.v1"]


@dataclass(slots=True)
class Receiver:
    """Another program; ``status`` is what it answers next."""

    url: str = ""
    status: int = 204
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one call."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.calls.append((headers | {"line": head[0]}, body))
        reason = f"HTTP/1.1 {self.status} x\r\nLocation: {self.url}/away\r\n"
        writer.write(f"{reason}Content-Length: 2\r\nConnection: close\r\n\r\nok".encode())
        await writer.drain()
        writer.close()

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it was told."""
        return [json.loads(body) for _, body in self.calls]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0)
    async with server:
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield receiver


async def hooked(client: httpx.AsyncClient, url: str, **fields: Any) -> dict[str, Any]:
    """Add a webhook and wait until it counts."""
    body = {"name": "Billing", "url": url, "event_types": RECORDS} | fields
    created = await client.post("/webhooks", json=body)
    assert created.status_code == 201, created.text
    await client.get("/folders", headers={"Courrier-After": created.headers["Courrier-Position"]})
    return dict(created.json())


async def contact(client: httpx.AsyncClient, name: str) -> str:
    """Make a record, which is an event."""
    created = await client.post("/records/contact", json={"last_name": name})
    assert created.status_code == 201, created.text
    return str(created.json()["id"])


async def deliveries(client: httpx.AsyncClient, hook: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the delivery log."""
    return list((await client.get(f"/webhooks/{hook['id']}/deliveries")).json()["items"])


async def secret_of(client: httpx.AsyncClient, hook: dict[str, Any]) -> bytes:
    """Return the secret that the receiver knows."""
    text = (await client.get(f"/webhooks/{hook['id']}/secret")).json()["secret"]
    return base64.b64decode(str(text).removeprefix("whsec_"))


def fits(headers: dict[str, str], body: bytes, secret: bytes) -> bool:
    """Check a signature as the receiver would."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.digest(secret, content, sha256)).decode()
    return wanted.lower() in headers["webhook-signature"].split(" ")


async def test_an_event_is_told_once_signed_and_logged(gateway: Running) -> None:
    """Only what happens after it was set up, only the types asked for."""
    await contact(gateway.admin, "Before")
    async with receiving() as receiver:
        hook = await hooked(gateway.admin, f"{receiver.url}/courrier?a=1")
        record_id = await contact(gateway.admin, "Caldwell")
        await eventually(lambda: receiver.calls)
        secret = await secret_of(gateway.admin, hook)
        headers, body = receiver.calls[0]

        assert "POST /courrier?a=1 HTTP/1.1" == headers["line"]
        assert fits(headers, body, secret)
        assert [record_id] == [each["data"]["record"]["id"] for each in receiver.events]
        assert headers["webhook-id"] == receiver.events[0]["id"]
    (logged,) = await deliveries(gateway.admin, hook)
    assert ("delivered", 204, 1) == (logged["state"], logged["status"], logged["attempts"])


async def test_what_is_refused_is_sent_again_and_a_person_may_hurry(gateway: Running) -> None:
    """The log says what the other side answered and when the next try is."""
    async with receiving() as receiver:
        receiver.status = 503
        hook = await hooked(gateway.admin, receiver.url)
        await contact(gateway.admin, "Caldwell")
        await eventually(lambda: receiver.calls)
        waiting = [each for each in await deliveries(gateway.admin, hook) if each["status"]]
        while not waiting:
            waiting = [each for each in await deliveries(gateway.admin, hook) if each["status"]]
        receiver.status = 200
        path = f"/webhooks/{hook['id']}/deliveries/{waiting[0]['id']}:retry"
        hurried = await gateway.admin.post(path)
        await eventually(lambda: len(receiver.calls) == 2)

    assert ("waiting", 503, "ok") == tuple(waiting[0][key] for key in ("state", "status", "answer"))
    assert waiting[0]["next_try"] > waiting[0]["answered_at"]
    assert 202 == hurried.status_code
    assert receiver.events[0] == receiver.events[1]


async def test_a_test_call_says_what_came_back(gateway: Running) -> None:
    """A redirect is not followed; a server that is not there is named."""
    async with receiving() as receiver:
        hook = await hooked(gateway.admin, receiver.url)
        fine = (await gateway.admin.post(f"/webhooks/{hook['id']}:test")).json()
        receiver.status = 302
        led_away = (await gateway.admin.post(f"/webhooks/{hook['id']}:test")).json()
        told = list(receiver.events)
    silent = (await gateway.admin.post(f"/webhooks/{hook['id']}:test")).json()

    assert {"ok": True, "status": 204, "answer": ""} == fine | {"answer": ""}
    assert (False, 302) == (led_away["ok"], led_away["status"])
    assert ["courrier.webhook.Test"] * 2 == [each["type"] for each in told]
    assert (False, None) == (silent["ok"], silent["status"])
    assert "Connect" in silent["answer"]


async def test_a_new_secret_signs_beside_the_old_one(gateway: Running) -> None:
    """Nothing is lost while the other side learns it."""
    async with receiving() as receiver:
        hook = await hooked(gateway.admin, receiver.url)
        old = await secret_of(gateway.admin, hook)
        rotated = await gateway.admin.post(f"/webhooks/{hook['id']}:rotate")
        after = {"Courrier-After": rotated.headers["Courrier-Position"]}
        await gateway.admin.get("/folders", headers=after)
        new = await secret_of(gateway.admin, hook)
        await gateway.admin.post(f"/webhooks/{hook['id']}:test")
        headers, body = receiver.calls[0]

    assert old != new
    assert fits(headers, body, new)
    assert fits(headers, body, old)


async def test_a_webhook_is_its_administrators_alone(gateway: Running) -> None:
    """Nobody else sees it, its log or its secret; people without the right make none."""
    ada, _ = await gateway.add_user("ada")
    hook = await hooked(gateway.admin, "https://billing.example.org/")
    paths = (f"/webhooks/{hook['id']}", f"/webhooks/{hook['id']}/deliveries")
    bad = {"name": "x", "url": "ftp://example.org", "event_types": []}

    assert [404, 403] == [(await ada.get(path)).status_code for path in paths]
    assert 403 == (await ada.get(f"/webhooks/{hook['id']}/secret")).status_code
    assert 403 == (await ada.post("/webhooks", json=bad | {"url": hook["url"]})).status_code
    assert 422 == (await gateway.admin.post("/webhooks", json=bad)).status_code
    assert "owner_id" not in hook


async def test_private_addresses_are_not_called() -> None:
    """Whatever the name stands for is looked at before the call."""
    async with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        post = HttpWebhookPost(private_allowed=False)
        answers = [
            await post.post(f"http://{host}:{port}/", {}, b"{}")
            for host in ("127.0.0.1", "localhost")
        ]

    assert [None, None] == [each.status for each in answers]
    assert all("not on the public internet" in each.text for each in answers)
    assert [] == receiver.calls
