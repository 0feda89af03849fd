"""Rebuilding fires nothing (I10): everything is built anew with all that acts on events attached.

What acts: the sender's delivery loop with a recording SMTP server behind it, the linker that
appends to ``EMAIL``, the lines of server-sent events, and an effect consumer as notifications are
and webhooks will be. A webhook consumer joins by standing in ``EFFECTS`` below with its own
recording target: it keeps its cursor in ``<service>_state``, as ``Recorder`` does, and its counts
before and after must be equal.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from nats.aio.client import Client

from courrier.events.identity import Identity
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Checkpoint
from courrier.events.postgres.schemas import Schemas
from courrier.gateway.adapters.bell import SUBJECT
from courrier.linker.settings import LinkerSettings
from courrier.sender.projections.every import VIEWS as SENDER
from integration.gateway.conftest import Running
from integration.linker.services import running as linking
from integration.sender.desk import Clock, Desk
from support.certificates import Certificates
from support.smtp_sink import SmtpSink
from support.waiting import eventually
from unit.sender.orders import order

from .views import ALL, in_step, migrated, rebuilt, verified

pytestmark = pytest.mark.integration

STREAMS = ("MAILBOX", "EMAIL", "OUTBOUND", "SETTINGS", "CRM", "DEAD")
TOLD = "SELECT count(*) FROM gateway_state.view_changes"
EFFECTS = ("EMAIL", "OUTBOUND")
MAILS = 3


@dataclass
class Recorder:
    """An effect consumer: what it acted on, and a cursor where no rebuild sees it."""

    pool: Pool
    store: JetStreamEventStore
    acted_on: list[str] = field(default_factory=list)

    async def run(self, stream: str) -> None:
        """Act on each event once, for ever."""
        cursor = Checkpoint(Schemas("gateway").state, "recorder", stream)
        async with self.pool.acquire() as db:
            at = await cursor.read(db)
        async with aclosing(self.store.follow(stream, after=at)) as batches:
            async for batch in batches:
                self.acted_on += [recorded.id for recorded in batch]
                async with self.pool.acquire() as db, db.transaction():
                    await cursor.move(db, at, batch[-1].sequence)
                at = batch[-1].sequence


@asynccontextmanager
async def tasks_of(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run coroutines while the body runs."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@dataclass
class Counts:
    """All that can be seen from outside that something was done."""

    sent: int
    told: int
    acted_on: int
    rung: int
    appended: list[int]


@pytest.mark.timeout(200)
async def test_a_rebuild_of_everything_fires_nothing(  # noqa: PLR0917  fixtures are arguments
    gateway: Running,
    database_url: str,
    nats_url: str,
    master_key: str,
    client: Client,
    store: JetStreamEventStore,
    desk: Desk,
    smtp_sink: SmtpSink,
) -> None:
    """Counts before equal counts after; then one more message goes out, once, and is told of."""
    recorder = Recorder(gateway.pool, store)
    rung: list[bytes] = []

    async def heard(message: object) -> None:
        rung.append(b"")

    await client.subscribe(SUBJECT, cb=heard)
    linker = LinkerSettings(nats_url=nats_url, database_url=database_url, master_key=master_key)

    async def counts() -> Counts:
        told = await gateway.pool.fetchval(TOLD)
        ends = [await store.end(stream) for stream in STREAMS]
        return Counts(len(smtp_sink.messages), told, len(recorder.acted_on), len(rung), ends)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(linking(linker))
        await stack.enter_async_context(tasks_of(*(recorder.run(each) for each in EFFECTS)))
        await stack.enter_async_context(desk.delivering())
        await desk.add_account(smtp_sink)
        for number in range(MAILS):
            await desk.send(order(email_id=f"{number + 1:032x}"))
        await _settled(desk, gateway, recorder, smtp_sink, MAILS)
        before = await counts()

        for views in ALL.values():
            await rebuilt(database_url, views, client)
            assert (await verified(database_url, views, client)).is_equal

        assert before == await counts()
        await desk.send(order(email_id=f"{MAILS + 1:032x}"))
        await _settled(desk, gateway, recorder, smtp_sink, MAILS + 1)
        after = await counts()

    assert MAILS + 1 == after.sent
    assert after.told > before.told


@pytest.fixture
async def desk(  # noqa: PLR0917  fixtures are arguments
    database_url: str,
    store: JetStreamEventStore,
    blobs: JetStreamBlobs,
    vault: JetStreamVault,
    leases: JetStreamLeases,
    identity: Identity,
    certificates: Certificates,
) -> AsyncIterator[Desk]:
    """A sender over the database of the gateway and the linker."""
    async with migrated(database_url, SENDER) as pool:
        yield Desk(store, blobs, vault, leases, identity, pool, certificates.ca_file, Clock())


async def _settled(
    desk: Desk, gateway: Running, recorder: Recorder, sink: SmtpSink, sent: int
) -> None:
    """Wait until these are sent, linked, shown and acted upon."""

    async def done() -> bool:
        ends = {stream: await desk.store.end(stream) for stream in EFFECTS}
        return (
            len(sink.accepted) == sent
            and ends["EMAIL"] == sent
            and len(recorder.acted_on) == sum(ends.values())
        )

    await eventually(done, 30)
    await in_step(gateway.pool, ALL["gateway"], desk.store)
    await in_step(desk.pool, SENDER, desk.store)
