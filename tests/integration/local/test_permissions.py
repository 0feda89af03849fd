"""What the broker's users may do is enough for the services."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from nats.aio.client import Client

from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.epoch import FIRST_EPOCH, epoch_of
from courrier.events.jetstream.permissions import ADMIN, READS, SERVICES, inbox_prefix
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.local import nats_server
from courrier.local.nats_server import NatsServer

pytestmark = pytest.mark.integration

FAMILIES = ("MAILBOX", "EMAIL", "OUTBOUND", "SETTINGS", "CRM")
REPLICAS = 1
DEADLINE_S = 3.0
POLL_S = 0.02


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A broker of its own: the permissions are those of one machine."""
    with nats_server.start(tmp_path_factory.mktemp("nats"), fsync=False) as server:
        yield server


@contextlib.asynccontextmanager
async def connected(broker: NatsServer, user: str) -> AsyncIterator[Client]:
    """A connection as this user."""
    prefix = inbox_prefix(user) if user in SERVICES else "_INBOX"
    client = await connect(Broker(broker.url, user, user, broker.users[user], prefix))
    try:
        yield client
    finally:
        await client.close()


async def consumers(client: Client, stream: str) -> int:
    """Return how many readers the stream has."""
    return (await client.jetstream().stream_info(stream)).state.consumer_count


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_follows_every_stream_that_it_reads(
    broker: NatsServer, service: str
) -> None:
    """With its own user: what it is refused, it would wait for in silence. It knows the epoch."""
    streams = [stream for stream in READS[service] if stream in FAMILIES]
    async with connected(broker, ADMIN) as administrator, connected(broker, service) as client:
        await apply_streams(administrator, REPLICAS)
        store = JetStreamEventStore(client)
        readers = [asyncio.create_task(anext(store.follow(name, after=0))) for name in streams]
        try:
            async with asyncio.timeout(DEADLINE_S):
                assert FIRST_EPOCH == await epoch_of(client)
                for name in streams:
                    while not await consumers(administrator, name):  # noqa: ASYNC110 - the broker tells no Event
                        await asyncio.sleep(POLL_S)
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.wait(readers, timeout=DEADLINE_S)
