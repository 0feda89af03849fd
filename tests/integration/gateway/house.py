"""One gateway for all tests of a worker: started once, emptied before each test that asks for it.

A gateway of its own costs a test more than a second of processor time; emptying takes some
hundredths. Streams are purged and tables emptied once everything has been projected, the
administrator comes back with the same password and token. What a test does to servers themselves
(another epoch, rebuilt schemas) needs its own: ``@pytest.mark.own_servers``.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import asyncpg
from nats.aio.client import Client

from courrier.events.identity import ensure_identity
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import EVENT_STREAMS
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.postgres.migrations import migrate
from courrier.events.runtime.health import Health
from courrier.events.vault import Seal
from courrier.gateway import app
from courrier.gateway.adapters.passwords import Argon2Passwords
from courrier.gateway.api import serving
from courrier.gateway.domain.positions import STREAMS
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.people import NewToken, NewUser, Registry, add_user, issue_token
from courrier.gateway.settings import GatewaySettings
from support.brokers import OwnBrokers, SharedBroker
from support.databases import Databases
from support.waiting import eventually

ADMIN_LOGIN = "admin"
ADMIN_PASSWORD = "correct horse battery"
TOKEN_SEED = bytes(range(32))
WITHIN_S = 60.0

TABLES = """
    SELECT schemaname, tablename FROM pg_tables
     WHERE schemaname IN ('gateway', 'gateway_state')
       AND tablename NOT IN ('migrations', 'checkpoints', 'view_horizon')
"""
REACHED = """
    SELECT stream, min(seq) AS seq FROM gateway.checkpoints
     WHERE consumer = 'read-models' GROUP BY stream
"""
EMPTY = """
    SET session_replication_role = replica;
    {deletes}
    UPDATE gateway_state.view_horizon SET pruned = 0;
    SELECT setval(pg_get_serial_sequence('gateway_state.view_changes', 'id'), 1, false);
"""

T = TypeVar("T")


def settings_of(nats_url: str, database_url: str, master_key: str) -> GatewaySettings:
    """Return settings with a first administrator and the cheapest passwords there are."""
    return GatewaySettings(
        nats_url=nats_url,
        database_url=database_url,
        master_key=master_key,
        gateway_admin_login=ADMIN_LOGIN,
        gateway_admin_password=ADMIN_PASSWORD,
        gateway_message_bytes=4 * 1024 * 1024,
        gateway_password_memory_kib=1024,
        gateway_webhook_private_addresses=True,
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


class House:
    """A gateway on a loop and a thread of its own; ``reset`` before each use."""

    def __init__(self, settings: GatewaySettings) -> None:
        self.settings = settings
        self.url = self.admin_token = ""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._live()])

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._up.wait(WITHIN_S):
            raise TimeoutError("the gateway of the tests did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WITHIN_S)

    def reset(self) -> None:
        """Forget everything; the administrator is new."""
        self.admin_token = self._do(self._reset())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)

    async def _live(self) -> None:
        async with self._connected(), instance(self.settings) as self.url:
            self._up.set()
            await self._stop.wait()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        url, key = self.settings.database_url, self.settings.master_key
        assert url is not None
        assert key is not None
        self._client: Client = await connect(Broker(url=self.settings.nats_url, name="house"))
        vault = JetStreamVault(self._client, Seal(key.get_secret_value()))
        await ensure_identity(vault)
        await migrate(url.get_secret_value(), package="courrier.gateway", schema="gateway")
        self._db = await asyncpg.connect(url.get_secret_value())
        passwords = Argon2Passwords(self.settings.gateway_password_memory_kib)
        self._registry = Registry(JetStreamEventStore(self._client), vault, passwords)
        yield
        await self._db.close()
        await self._client.close()

    async def _reset(self) -> str:
        await eventually(self._is_idle)
        for stream in (*EVENT_STREAMS, "BLOBS"):
            await request_api(self._client, f"STREAM.PURGE.{stream}", {})
        names = [f"{row[0]}.{row[1]}" for row in await self._db.fetch(TABLES)]
        deletes = "\n".join(f"DELETE FROM {name};" for name in names)
        await self._db.execute(EMPTY.format(deletes=deletes))
        return await self._let_in()

    async def _let_in(self) -> str:
        new = NewUser(
            login=ADMIN_LOGIN, name="Administrator", is_admin=True, password=ADMIN_PASSWORD
        )
        user_id, _ = await add_user(self._registry, new, _cause())
        token = NewToken(name="test", seed=TOKEN_SEED)
        issued = await issue_token(self._registry, user_id, token, _cause())
        await eventually(self._is_idle)
        return issued.text

    async def _is_idle(self) -> bool:
        reached = {row["stream"]: row["seq"] for row in await self._db.fetch(REACHED)}
        for stream in STREAMS:
            if reached.get(stream, 0) < await self._registry.store.end(stream):
                return False
        return True


def _cause() -> Cause:
    return Cause(uuid4(), "service:test", datetime.now(UTC))


class Houses:
    """The house of this worker: kept for all tests, or for one where brokers are not many."""

    def __init__(
        self, brokers: OwnBrokers | SharedBroker, databases: Databases, master_key: str
    ) -> None:
        self._brokers, self._databases = brokers, databases
        self._master_key = master_key
        self._kept: House | None = None
        self._running = ExitStack()

    @contextmanager
    def lend(self, directory: Callable[[], Path]) -> Iterator[House]:
        """Yield the house; ``directory()`` is for a broker's files and outlives the test."""
        if self._kept is None:
            self._kept = self._start(directory())
        yield self._kept
        if isinstance(self._brokers, SharedBroker):
            self.close()

    def close(self) -> None:
        """End the gateway and what it stands on."""
        self._kept = None
        self._running.close()

    def _start(self, directory: Path) -> House:
        nats_url = self._running.enter_context(self._brokers.fresh(directory))
        database_url = self._running.enter_context(self._databases.fresh())
        settings = settings_of(nats_url, database_url, self._master_key)
        return self._running.enter_context(House(settings))
