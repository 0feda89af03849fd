"""Codes that are mailed: invitations, forgotten passwords, addresses that people prove."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from nats.aio.client import Client

from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.sender import SendMessage
from courrier.events.families.configuration import SmtpAccountAdded
from courrier.events.families.outbound import SECRET_MARK
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.events.vault import Vault
from support.builders import example
from support.waiting import eventually

from .conftest import Running

pytestmark = pytest.mark.integration

PASSWORD = "a good password"
NEW = "a better password"


@dataclass
class Mailed:
    """The sender's part: takes orders over; ``codes`` are what it would put into them."""

    vault: Vault
    orders: list[SendMessage] = field(default_factory=list)

    async def send(self, order: SendMessage) -> Answer:
        """Take a message over."""
        self.orders.append(order)
        return Done(position="OUTBOUND:1", id=order.email_id, created=True)

    async def code(self) -> str:
        """Return the code of the last message."""
        order = self.orders[-1]
        assert order.text.count(SECRET_MARK) == 1
        return (await self.vault.get(order.secret or "")).value.decode()


@pytest.fixture
async def mailed(gateway: Running, client: Client, vault: Vault) -> AsyncIterator[Mailed]:
    """A sender, the system's way out, and a site."""
    settings = {"site_url": "https://crm.example.test"}
    changed = await gateway.admin.patch("/settings", json=settings)
    added = await gateway.feeder.feed(example(SmtpAccountAdded))
    after = f"{changed.headers['Courrier-Position']},{added}"
    await gateway.admin.get("/me", headers={"Courrier-After": after})
    await gateway.admin.get("/settings", headers={"Courrier-After": after})
    played = Mailed(vault)
    async with asyncio.TaskGroup() as tasks:
        await NatsCommandServer(client, tasks).serve(SendMessage, played.send)
        yield played


async def status_of_log_in(client: httpx.AsyncClient, login: str, password: str) -> int:
    """Try to log in."""
    body = {"login": login, "password": password}
    return (await client.post("/session", json=body)).status_code


async def test_somebody_invited_chooses_a_password(gateway: Running, mailed: Mailed) -> None:
    """By the link in the mail, once; nobody's e-mail, and the log never sees the code."""
    body = {"login": "grace", "name": "Grace", "email_addresses": ["grace@example.test"]}
    created = await gateway.admin.post("/users", json=body | {"language": "fr"})
    path = f"/users/{created.json()['id']}:invite"

    assert 204 == (await gateway.admin.post(path)).status_code
    (order,) = mailed.orders
    assert order.is_notice
    assert ["grace@example.test"] == [box.address for box in order.to]
    assert f"https://crm.example.test/r/{SECRET_MARK}" in order.text.splitlines()
    assert order.text.startswith("Bonjour Grace")
    client = gateway.client()
    use = {"code": await mailed.code(), "password": NEW}
    short = await client.post("/password-resets:use", json=use | {"password": "x"})
    assert 422 == short.status_code
    assert 204 == (await client.post("/password-resets:use", json=use)).status_code
    assert 201 == await status_of_log_in(client, "grace", NEW)
    assert 422 == (await client.post("/password-resets:use", json=use)).status_code


async def test_a_forgotten_password_is_replaced(gateway: Running, mailed: Mailed) -> None:
    """The answer is the same for nobody; a new code makes the old one useless; sessions end."""
    await gateway.add_user("grace", email_addresses=["grace@example.test"])
    browser, client = gateway.client(), gateway.client()
    assert 201 == await status_of_log_in(browser, "grace", PASSWORD)

    told = [await client.post("/password-resets", json={"login": x}) for x in ("grace", "nobody")]
    await eventually(lambda: mailed.orders)
    first = await mailed.code()
    assert [(204, b"")] * 2 == [(each.status_code, each.content) for each in told]
    await client.post("/password-resets", json={"login": "GRACE"})
    await eventually(lambda: len(mailed.orders) == 2)
    use = {"code": first, "password": NEW}
    assert 422 == (await client.post("/password-resets:use", json=use)).status_code
    use["code"] = (await mailed.code()).upper()
    assert 204 == (await client.post("/password-resets:use", json=use)).status_code
    assert 401 == (await browser.get("/me")).status_code
    assert 401 == await status_of_log_in(client, "grace", PASSWORD)
    assert 201 == await status_of_log_in(client, "grace", NEW)


async def test_an_address_is_proved_by_a_code(gateway: Running, mailed: Mailed) -> None:
    """Only by whose code it is; then it is theirs to write from."""
    clients = {}
    for login in ("grace", "linus"):
        await gateway.add_user(login)
        client = gateway.client()
        answer = await client.post("/session", json={"login": login, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        clients[login] = client
    claim = {"address": "g.hopper@example.test"}

    assert 204 == (await clients["grace"].post("/me/addresses", json=claim)).status_code
    code = {"code": await mailed.code()}
    assert 422 == (await clients["linus"].post("/me/addresses:confirm", json=code)).status_code
    assert 204 == (await clients["grace"].post("/me/addresses", json=claim)).status_code
    code = {"code": await mailed.code()}
    confirmed = await clients["grace"].post("/me/addresses:confirm", json=code)
    assert 204 == confirmed.status_code, confirmed.text
    after = {"Courrier-After": confirmed.headers["Courrier-Position"]}
    await gateway.admin.get("/users", headers=after)
    mine = (await clients["grace"].get("/me")).json()["user"]["email_addresses"]
    assert ["g.hopper@example.test"] == mine


async def test_without_a_way_out_an_invitation_is_refused(gateway: Running) -> None:
    """The administrator is told what to set up; a forgotten password tells nobody anything."""
    body = {"login": "grace", "name": "Grace", "email_addresses": ["grace@example.test"]}
    created = await gateway.admin.post("/users", json=body)
    answer = await gateway.admin.post(f"/users/{created.json()['id']}:invite")

    assert 409 == answer.status_code
    assert "SMTP" in answer.json()["detail"]
    client = gateway.client()
    assert 204 == (await client.post("/password-resets", json={"login": "grace"})).status_code
