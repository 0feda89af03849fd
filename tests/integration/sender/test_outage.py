"""A broker that goes away and comes back: the sender waits, and nothing is lost or repeated."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events.identity import ensure_identity, load_identity
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.postgres.pool import Pool
from courrier.events.vault import Seal
from courrier.local.ports import free_port
from integration.sender.desk import Clock, Desk
from integration.sender.process import sender_processes
from support.brokers import start_server
from support.certificates import Certificates
from support.smtp_sink import SmtpSink
from support.waiting import eventually
from unit.sender.orders import order

pytestmark = pytest.mark.integration

BACK_WITHIN_S = 40.0


@asynccontextmanager
async def _desk(url: str, pool: Pool, master_key: str, ca_file: Path) -> AsyncIterator[Desk]:
    client = await connect(Broker(url=url, name="test"))
    try:
        await apply_streams(client)
        yield await _connected(client, pool, master_key, ca_file)
    finally:
        await client.close()


async def _connected(client: Client, pool: Pool, master_key: str, ca_file: Path) -> Desk:
    vault = JetStreamVault(client, Seal(master_key))
    await ensure_identity(vault)
    return Desk(
        JetStreamEventStore(client),
        JetStreamBlobs(client),
        vault,
        JetStreamLeases(client, "test"),
        await load_identity(vault),
        pool,
        ca_file,
        Clock(datetime.now(UTC)),
    )


async def test_a_broker_that_was_away_is_waited_for(
    tmp_path: Path,
    pool: Pool,
    database_url: str,
    *,
    smtp_sink: SmtpSink,
    certificates: Certificates,
    master_key: str,
) -> None:
    """The process stays, and what is asked for afterwards leaves once."""
    directory, port = tmp_path / "nats", free_port()
    directory.mkdir()
    url = f"nats://127.0.0.1:{port}"
    ca_file = certificates.ca_file
    with sender_processes(
        tmp_path, nats_url=url, database_url=database_url, master_key=master_key, ca_file=ca_file
    ) as senders:
        process = senders.start()  # before there is a broker at all
        await eventually(lambda: "task.waits" in senders.log(), BACK_WITHIN_S)
        with start_server(directory, port):
            async with _desk(url, pool, master_key, ca_file) as desk:
                await desk.add_account(smtp_sink)
                await desk.send()
                await eventually(lambda: len(smtp_sink.accepted) == 1, BACK_WITHIN_S)
        await eventually(lambda: "task.waits" in senders.log().partition("delivery.ready")[2], 30)
        with start_server(directory, port):
            async with _desk(url, pool, master_key, ca_file) as desk:
                await desk.send(order(email_id="1" * 32))
                await eventually(lambda: len(smtp_sink.accepted) == 2, BACK_WITHIN_S)
                await eventually(lambda: _is_sent(desk, "1" * 32))

        assert process.poll() is None
        assert len(smtp_sink.messages) == 2


async def _is_sent(desk: Desk, email_id: str) -> bool:
    async with asyncio.timeout(5):
        return await desk.state(email_id) == "sent"
