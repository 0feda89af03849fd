"""A running gateway: real NATS, real PostgreSQL, a real port; and a way to feed it events."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from courrier.events.base import Event
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.runtime.health import Health
from courrier.gateway import app
from courrier.gateway.api import serving
from courrier.gateway.settings import GatewaySettings
from support.builders import new_event, subject_of
from support.waiting import eventually

ADMIN_LOGIN = "admin"
ADMIN_PASSWORD = "correct horse battery"


@dataclass
class Feeder:
    """Appends events as the other services would, in order, each aggregate guarded."""

    store: JetStreamEventStore
    last: dict[str, int] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def feed(self, *events: Event) -> str:
        """Append events of one stream one by one and return the last position."""
        position = ""
        for event in events:
            subject = subject_of(event)
            new = new_event(event, subject, expected=self.last.get(subject, 0))
            appended = await self.store.append([new])
            self.last[subject] = appended.sequence
            position = f"1.{appended.position}"
        return position

    async def feed_batch(self, events: Sequence[Event]) -> str:
        """Append events of different aggregates in one batch."""
        appended = await self.store.append([new_event(event, expected=0) for event in events])
        return f"1.{appended.position}"


@dataclass
class Running:
    """A gateway that answers on ``url``; ``admin`` is a client with the administrator's token."""

    url: str
    admin: httpx.AsyncClient
    admin_id: str
    feeder: Feeder
    pool: Pool

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """Return a client, with a token or without."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers=headers, timeout=15)

    async def add_user(self, login: str, **fields: Any) -> tuple[httpx.AsyncClient, str]:
        """Let somebody in and return a client of theirs and their id."""
        body = {"login": login, "name": login.title(), "password": "a good password"} | fields
        created = await self.admin.post("/users", json=body)
        assert created.status_code == 201, created.text
        after = {"Courrier-After": created.headers["Courrier-Position"]}
        await self.admin.get("/users", headers=after)
        return await self.log_in(login, "a good password"), created.json()["id"]

    async def log_in(self, login: str, password: str) -> httpx.AsyncClient:
        """Return a client with a fresh token of this person."""
        client = self.client()
        session = await client.post("/session", json={"login": login, "password": password})
        assert session.status_code == 201, session.text
        csrf = {"X-CSRF-Token": session.json()["csrf_token"]}
        issued = await client.post("/tokens", json={"name": "test"}, headers=csrf)
        assert issued.status_code == 201, issued.text
        await client.get("/tokens", headers={"Courrier-After": issued.headers["Courrier-Position"]})
        await client.aclose()
        return self.client(issued.json()["token"])


@pytest.fixture
async def settings(
    nats_url: str, database_url: str, identity: Identity, master_key: str
) -> GatewaySettings:
    """Settings of an instance, with the tables and the identity key in place."""
    assert identity
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    return GatewaySettings(
        nats_url=nats_url,
        database_url=database_url,
        master_key=master_key,
        gateway_admin_login=ADMIN_LOGIN,
        gateway_admin_password=ADMIN_PASSWORD,
        gateway_message_bytes=4 * 1024 * 1024,
    )


@asynccontextmanager
async def instance(settings: GatewaySettings) -> AsyncIterator[str]:
    """Run one instance of the gateway; yield its URL once it is ready."""
    health = Health()
    listener = serving.listen("127.0.0.1", 0)
    tasks = [
        asyncio.create_task(health.beat()),
        asyncio.create_task(app.serve(settings, health, listener)),
    ]
    try:
        await eventually(lambda: tasks[1].done() or not health.waiting_for)
        if tasks[1].done():
            await tasks[1]
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        listener.close()


@pytest.fixture
async def gateway(
    settings: GatewaySettings, store: JetStreamEventStore, database_url: str
) -> AsyncIterator[Running]:
    """A gateway with its first administrator, ready."""
    pool = await open_pool(database_url, name="test", service="gateway", size=2)
    async with instance(settings) as url:
        running = Running(url, httpx.AsyncClient(), "", Feeder(store), pool)
        running.admin = await running.log_in(ADMIN_LOGIN, ADMIN_PASSWORD)
        running.admin_id = (await running.admin.get("/me")).json()["user"]["id"]
        yield running
        await running.admin.aclose()
    await pool.close()
