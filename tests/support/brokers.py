"""A NATS server for every test: its own process, or one server that is emptied before each.

A server that we did not start is only emptied when it is ours to empty: it has no stream at all,
or the stream ``COURRIER_TEST_SERVER`` that we put there the first time.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import nats
import nats.errors
from nats.aio.client import Client

from courrier.events.jetstream.accounts import MAX_PAYLOAD_BYTES
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.streams import apply_streams
from courrier.events.store import StoreUnavailable
from courrier.local import nats_server
from courrier.local.launch import Launch, Running, base_environment
from courrier.local.nats_server import READY_TIMEOUT_S, NatsAddress
from courrier.local.ports import HOST, free_port
from support.apart import run_apart

CONNECT_TIMEOUT_S = 5
MARK = "COURRIER_TEST_SERVER"
CONFIGURATION = """
host: {host}
port: {port}
http: "{host}:{monitor_port}"
max_payload: {max_payload}
jetstream {{ store_dir: "{store}", sync_interval: 2m }}
"""


class NotATestServer(RuntimeError):
    """The server of COURRIER_TEST_NATS_URL holds streams that are not ours: nothing was touched."""


class OwnBrokers:
    """A fresh process for each test, from the binary on this machine (some 40 ms)."""

    @contextmanager
    def fresh(self, directory: Path) -> Iterator[str]:
        """Start a server whose files live in ``directory``; yield its URL, the streams applied."""
        with start_server(directory) as url:
            run_apart(_declare(url))
            yield url


class SharedBroker:
    """One server for all tests, also of other pytest workers: they take turns."""

    def __init__(self, url: str) -> None:
        self._url = url
        token = sha256(url.encode()).hexdigest()[:16]
        self.turn = Path(tempfile.gettempdir()) / f"courrier-test-nats-{token}.lock"

    @contextmanager
    def fresh(self, directory: Path) -> Iterator[str]:
        """Wait for our turn, empty the server and yield its URL, the streams applied."""
        with self.turn.open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            run_apart(_empty(self._url))
            yield self._url


@contextmanager
def start_server(directory: Path, port: int = 0) -> Iterator[str]:
    """Start a server without users or streams and yield its URL.

    On the same ``directory`` and ``port`` it comes back with everything it acknowledged.
    """
    address = NatsAddress(port=port or free_port(), monitor_port=free_port())
    configuration = directory / "nats.conf"
    configuration.write_text(
        CONFIGURATION.format(
            host=HOST,
            port=address.port,
            monitor_port=address.monitor_port,
            max_payload=MAX_PAYLOAD_BYTES,
            store=directory / "store",
        )
    )
    launch = Launch(
        name="nats",
        argv=(str(nats_server.binary()), "-c", str(configuration)),
        log=directory / "nats.log",
        env=base_environment(),
    )
    with Running(launch) as running:
        running.wait_until(lambda: nats_server.is_ready(address), READY_TIMEOUT_S)
        yield address.url


async def _connect(url: str) -> Client:
    try:
        return await nats.connect(url, allow_reconnect=False, connect_timeout=CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, nats.errors.Error) as error:
        raise StoreUnavailable(f"no NATS server for tests at {url}: {error!r}") from error


async def _declare(url: str) -> None:
    client = await _connect(url)
    try:
        await apply_streams(client)
    finally:
        await client.close()


async def _empty(url: str) -> None:
    client = await _connect(url)
    try:
        await _require_ours(client, url)
        for name in await _streams(client):
            if name != MARK:
                await request_api(client, f"STREAM.DELETE.{name}")
        await apply_streams(client)
    finally:
        await client.close()


async def _require_ours(client: Client, url: str) -> None:
    found = await _streams(client)
    if MARK in found:
        return
    if found:
        raise NotATestServer(
            f"the NATS server at {url} has streams of somebody ({', '.join(found[:3])}…): tests "
            "would delete them. Give an empty server, or let the tests start their own"
        )
    wanted = {"name": MARK, "subjects": ["courrier-test-server"], "storage": "memory"}
    await request_api(client, f"STREAM.CREATE.{MARK}", wanted)


async def _streams(client: Client) -> list[str]:
    answer: dict[str, Any] = await request_api(client, "STREAM.NAMES")
    return list(answer.get("streams") or [])
