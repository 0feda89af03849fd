"""A running gateway: real NATS, real PostgreSQL, a real port; and a way to feed it events."""

import itertools
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from courrier.events.base import Event
from courrier.events.blobs import Blobs
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.gateway.settings import GatewaySettings
from support.brokers import OwnBrokers, SharedBroker
from support.builders import example, new_event, subject_of
from support.databases import Databases

from .house import ADMIN_LOGIN, ADMIN_PASSWORD, House, Houses, instance, settings_of
from .writers import sender_at_work

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here speaks TLS; a client that reads the certificates it will not need takes 20 ms."""


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
        return client_of(self.url, token)

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


def is_shared(request: pytest.FixtureRequest) -> bool:
    """Tell whether a test uses the worker's gateway, and with it the broker and the database."""
    own = request.node.get_closest_marker("own_servers")
    return own is None and "gateway" in request.fixturenames


@pytest.fixture(scope="session")
def houses(
    brokers: OwnBrokers | SharedBroker, databases: Databases, master_key: str
) -> Iterator[Houses]:
    """Where the worker's gateway is kept."""
    kept = Houses(brokers, databases, master_key)
    yield kept
    kept.close()


@pytest.fixture
def house(houses: Houses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The worker's gateway, emptied."""
    with houses.lend(lambda: tmp_path_factory.mktemp("house")) as lent:
        lent.reset()
        yield lent


@pytest.fixture
def nats_url(
    request: pytest.FixtureRequest, brokers: OwnBrokers | SharedBroker, tmp_path: Path
) -> Iterator[str]:
    """The broker of the worker's gateway where that is used, else one for this test alone."""
    if is_shared(request):
        yield request.getfixturevalue("house").settings.nats_url
        return
    directory = tmp_path / "nats"
    directory.mkdir()
    with brokers.fresh(directory) as url:
        yield url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """The database of the worker's gateway where that is used, else one for this test alone."""
    if is_shared(request):
        yield request.getfixturevalue("house").settings.database_url.get_secret_value()
        return
    with databases.fresh() as url:
        yield url


@pytest.fixture
async def settings(
    request: pytest.FixtureRequest,
    nats_url: str,
    database_url: str,
    identity: Identity,
    master_key: str,
) -> GatewaySettings:
    """Settings of an instance, with the tables and the identity key in place."""
    assert identity
    if not is_shared(request):
        await migrate(database_url, package="courrier.gateway", schema="gateway")
    return settings_of(nats_url, database_url, master_key)


@pytest.fixture
async def gateway(
    request: pytest.FixtureRequest, settings: GatewaySettings, store: JetStreamEventStore
) -> AsyncIterator[Running]:
    """A gateway with its first administrator, ready, and nothing else in it."""
    if is_shared(request):
        house: House = request.getfixturevalue("house")
        async with entered(house.url, settings, store, house.admin_token) as running:
            yield running
    else:
        async with on_its_own(settings, store) as running:
            yield running


@asynccontextmanager
async def on_its_own(
    settings: GatewaySettings, store: JetStreamEventStore
) -> AsyncIterator[Running]:
    """Start a gateway and log its administrator in."""
    async with instance(settings) as url, client_of(url) as client:
        entry = {"login": ADMIN_LOGIN, "password": ADMIN_PASSWORD}
        csrf = (await client.post("/session", json=entry)).json()["csrf_token"]
        named, headers = {"name": "test"}, {"X-CSRF-Token": csrf}
        issued = await client.post("/tokens", json=named, headers=headers)
        after = {"Courrier-After": issued.headers["Courrier-Position"]}
        await client.get("/tokens", headers=after)
        async with entered(url, settings, store, issued.json()["token"]) as running:
            yield running


@asynccontextmanager
async def entered(
    url: str, settings: GatewaySettings, store: JetStreamEventStore, token: str
) -> AsyncIterator[Running]:
    """Yield a gateway with the administrator who has this token."""
    assert settings.database_url is not None
    database_url = settings.database_url.get_secret_value()
    pool = await open_pool(database_url, name="test", service="gateway", size=2)
    async with client_of(url, token) as admin:
        admin_id = (await admin.get("/me")).json()["user"]["id"]
        yield Running(url, admin, admin_id, Feeder(store), pool)
    await pool.close()


def client_of(url: str, token: str | None = None) -> httpx.AsyncClient:
    """Return a client of the interface, with a token or without."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    base = f"{url}/api/v1"
    return httpx.AsyncClient(base_url=base, headers=headers, timeout=15, verify=NO_TLS)


@pytest.fixture
async def writing(
    gateway: Running,
    client: Client,
    store: JetStreamEventStore,
    blobs: Blobs,
    identity: Identity,
) -> AsyncIterator[Running]:
    """A gateway whose administrator may write as Grace, and a sender that answers."""
    fed = await gateway.feeder.feed(example(EmailAccountAdded, owner_id=gateway.admin_id))
    await gateway.admin.get("/folders", headers={"Courrier-After": fed})
    async with sender_at_work(client, store, blobs, identity):
        yield gateway
