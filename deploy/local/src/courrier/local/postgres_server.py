"""A PostgreSQL server from a Python wheel, on loopback only, also when we are root.

For tests: ``with postgres_server.start(tmp_path, fsync=False) as server: … server.dsn()``, then
``await provision(...)`` of ``postgres_roles`` where the roles of the services are wanted.
``COURRIER_PG_BIN`` names another directory of PostgreSQL programs. Who runs it as root is decided
in ``unprivileged.py``.
"""

import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from . import unprivileged
from .launch import Launch, Running, StartFailed, base_environment
from .pg_programs import programs, server_version
from .ports import HOST, free_port
from .processes import arguments_of

SUPERUSER = "postgres"
TEST_PASSWORD = "postgres-password"  # noqa: S105 - of throw-away servers on loopback
READY_TIMEOUT_S = 60.0
INITDB_TIMEOUT_S = 120.0
BUILTIN_LOCALE_SINCE = 17
STATUS_LINE = 7  # of postmaster.pid; pg_ctl looks at the same line

LAPTOP = {
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "wal_level": "minimal",  # no replica will read this log
    "max_wal_senders": "0",
    "wal_recycle": "off",  # a log file kept for reuse keeps what was erased
    "jit": "off",
    "unix_socket_directories": "",
    "listen_addresses": HOST,
    "password_encryption": "scram-sha-256",
    "log_checkpoints": "off",
}
NO_FSYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A server started by ``start``."""

    running: Running
    port: int
    password: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def dsn(
        self, database: str = "postgres", *, user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """Return the URL of a database; the superuser's unless ``user`` and ``password`` say so."""
        return dsn(self.port, database, user=user, password=password or self.password)

    def stop(self) -> None:
        """Stop the server the fast way: sessions end, committed data stay."""
        self.running.stop()


def start(
    data_dir: Path,
    port: int = 0,
    *,
    password: str = TEST_PASSWORD,
    fsync: bool = True,
    settings: Mapping[str, str] | None = None,
) -> PostgresServer:
    """Start a server on ``data_dir`` (made by initdb if missing); return once it takes queries.

    ``port`` 0 picks a free one. ``password`` is the superuser's, fixed when the directory is
    made. ``fsync`` False is for tests: twice as fast, and lost if the machine stops. ``settings``
    go before those of a laptop.

    Raises:
        StartFailed: it did not come up within ``READY_TIMEOUT_S``.
    """
    chosen = port or free_port()
    log = data_dir.parent / f"{data_dir.name}.log"
    create(data_dir, password, fsync=fsync)
    plan = launch(data_dir, chosen, log=log, fsync=fsync, settings=settings)
    running = Running(plan)
    running.wait_until(lambda: is_ready(data_dir), READY_TIMEOUT_S)
    return PostgresServer(running=running, port=chosen, password=password)


def create(data_dir: Path, password: str, *, fsync: bool = True) -> None:
    """Make the data directory unless it exists; half of one is never left behind.

    Raises:
        StartFailed: initdb failed, or it was made by another major version of PostgreSQL.
    """
    if data_dir.exists():
        _require_same_version(data_dir)
        return
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    half = data_dir.with_name(f"{data_dir.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    secret = data_dir.with_name(f"{data_dir.name}.password")
    secret.touch(mode=0o600)
    try:
        secret.write_text(password)
        _initdb(half, secret, fsync=fsync)
    finally:
        secret.unlink()
    half.rename(data_dir)


def launch(
    data_dir: Path,
    port: int,
    *,
    log: Path,
    fsync: bool = True,
    settings: Mapping[str, str] | None = None,
) -> Launch:
    """Return how to start the server on an existing data directory.

    A ``postmaster.pid`` whose server is gone is removed first: PostgreSQL refuses to start when
    the number in it belongs to any living process of the same user, as after a reboot.
    """
    _forget_dead_server(data_dir)
    chosen = LAPTOP | (NO_FSYNC if not fsync else {}) | dict(settings or {}) | {"port": str(port)}
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    prefix = unprivileged.prefix_for(data_dir)
    return Launch(
        name="postgres",
        argv=(str(programs() / "postgres"), "-D", str(data_dir), *options),
        prefix=prefix,
        leashed=not unprivileged.has_own_leash(prefix),
        log=log,
        env=base_environment(),
        stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
        orphan_signal=signal.SIGINT,
    )


def is_ready(data_dir: Path) -> bool:
    """Return whether the server of this directory takes queries, by its own status file."""
    try:
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"


def dsn(port: int, database: str, *, user: str, password: str) -> str:
    """Return the URL of a database of the server on this port."""
    return f"postgresql://{quote(user)}:{quote(password)}@{HOST}:{port}/{database}"


def _require_same_version(data_dir: Path) -> None:
    made_by = (data_dir / "PG_VERSION").read_text().strip()
    if made_by != str(server_version()):
        raise StartFailed(
            f"{data_dir} was made by PostgreSQL {made_by}, not by {server_version()}: "
            "set COURRIER_PG_BIN to the programs of that version"
        )


def _initdb(data_dir: Path, password_file: Path, *, fsync: bool) -> None:
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    locale = builtin if server_version() >= BUILTIN_LOCALE_SINCE else ("--locale=C.UTF-8",)
    prefix = unprivileged.prefix_for(data_dir, password_file)
    command = [*prefix, str(programs() / "initdb"), "-D", str(data_dir), "-U", SUPERUSER]
    command += ["--encoding=UTF8", *locale, "--auth=scram-sha-256", f"--pwfile={password_file}"]
    command += [] if fsync else ["--no-sync"]
    done = subprocess.run(  # noqa: S603 - our own argument list, no shell
        command,
        env=base_environment(),
        capture_output=True,
        text=True,
        timeout=INITDB_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise StartFailed(f"initdb failed: {''.join(reason)}")


def _forget_dead_server(data_dir: Path) -> None:
    lock = data_dir / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        pid = 0
    if pid == 0 or str(data_dir) not in arguments_of(pid):
        lock.unlink(missing_ok=True)
