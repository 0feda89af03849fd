"""The linker needs no right that it is not given: its own NATS user, its own database role."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events.bus import CommandBus
from courrier.events.commands.answers import Done
from courrier.events.families.crm import AddressAssigned
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.identity import ensure_identity
from courrier.events.jetstream.bus import NatsCommandBus
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.permissions import ADMIN, SERVICES, inbox_prefix
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.vault import Seal
from courrier.linker.settings import LinkerSettings
from courrier.local import nats_server, postgres_roles, postgres_server
from integration.linker.instances import imports, messages, put
from integration.linker.services import mark, running
from support.builders import example
from support.waiting import eventually

pytestmark = pytest.mark.integration

PASSWORDS = {name: f"{name}-secret" for name in SERVICES}

Clients = Mapping[str, Client]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[nats_server.NatsServer]:
    """A NATS server where every service is a user with its own rights."""
    with nats_server.start(tmp_path / "nats", fsync=False) as server:
        yield server


@pytest.fixture
async def clients(broker: nats_server.NatsServer, master_key: str) -> AsyncIterator[Clients]:
    """A connection as each of them; streams and identity key are there."""
    async with AsyncExitStack() as stack:
        found = {}
        for name in (ADMIN, *SERVICES):
            at = Broker(broker.url, "test", name, broker.users[name], inbox_prefix(name))
            found[name] = await connect(at)
            stack.push_async_callback(found[name].close)
        await apply_streams(found[ADMIN])
        await ensure_identity(JetStreamVault(found[ADMIN], Seal(master_key)))
        yield found


@pytest.fixture
async def settings(
    broker: nats_server.NatsServer,
    server_directory: Path,
    master_key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[LinkerSettings]:
    """What the linker is started with: its user, its role."""
    with postgres_server.start(server_directory / "rights", fsync=False) as database:
        target = postgres_roles.Target(port=database.port, superuser_password=database.password)
        urls = await postgres_roles.provision(target, PASSWORDS)
        monkeypatch.setenv("COURRIER_NATS_URL", broker.url)
        monkeypatch.setenv("COURRIER_NATS_USER", "linker")
        monkeypatch.setenv("COURRIER_NATS_PASSWORD", broker.users["linker"])
        monkeypatch.setenv("COURRIER_DATABASE_URL", urls["linker"])
        monkeypatch.setenv("COURRIER_MASTER_KEY", master_key)
        yield LinkerSettings()


async def test_it_links_and_answers_with_the_rights_of_the_linker(
    settings: LinkerSettings, clients: Clients
) -> None:
    """As ``courrier up`` and every cluster run it."""
    gateway = JetStreamEventStore(clients["gateway"])
    bus: CommandBus = NatsCommandBus(clients["gateway"])
    await put(gateway, example(EmailAccountAdded))
    await put(gateway, example(AddressAssigned))
    await put(JetStreamEventStore(clients["fetcher"]), *messages(3))

    async with running(settings):
        await eventually(lambda: _count(gateway, 3))
        answer = await bus.ask(mark((await imports(gateway))[0].email_id))

    assert isinstance(answer, Done)


async def _count(store: JetStreamEventStore, wanted: int) -> bool:
    return len(await imports(store)) == wanted
