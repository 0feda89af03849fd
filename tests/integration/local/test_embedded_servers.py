"""NATS and PostgreSQL from wheels: quick, private to the machine, and closed to the wrong user."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.errors import NoRespondersError

from courrier.events.jetstream.permissions import ADMIN, SERVICES, inbox_prefix
from courrier.local import nats_server, postgres_roles, postgres_server
from courrier.local.launch import StartFailed
from courrier.local.pg_programs import programs
from courrier.local.ports import accepts
from courrier.local.processes import identify

pytestmark = pytest.mark.integration

PASSWORDS = {name: f"{name}-secret" for name in SERVICES}
REFUSAL_WAIT_S = 5.0
SOON_S = 5.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nats_server.NatsServer]:
    """One broker for this module."""
    with nats_server.start(tmp_path_factory.mktemp("nats"), fsync=False) as server:
        yield server


@pytest.fixture(scope="module")
def database(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[postgres_server.PostgresServer]:
    """One PostgreSQL for this module."""
    directory = tmp_path_factory.mktemp("postgres") / "cluster"
    with postgres_server.start(directory, fsync=False) as server:
        yield server


def test_both_start_from_nothing_within_five_seconds(tmp_path: Path) -> None:
    """What the second-start promise rests on, initdb included."""
    began = time.monotonic()

    with (
        nats_server.start(tmp_path / "nats"),
        postgres_server.start(tmp_path / "cluster"),
    ):
        took_s = time.monotonic() - began

    assert took_s < 5.0


async def test_a_service_writes_its_own_family_only(broker: nats_server.NatsServer) -> None:
    """The linker may publish an e-mail's facts and not the mailbox's."""
    refused: list[str] = []
    noted = asyncio.Event()

    async def note(error: Exception) -> None:
        refused.append(str(error))
        noted.set()

    client = await nats.connect(
        broker.url,
        user="linker",
        password=broker.users["linker"],
        inbox_prefix=inbox_prefix("linker"),
        error_cb=note,
    )
    await client.publish("email.03.x", b"")
    await client.publish("mailbox.17.x", b"")
    await asyncio.wait_for(noted.wait(), REFUSAL_WAIT_S)
    await client.close()

    assert len(refused) == 1
    assert "mailbox.17.x" in refused[0]


async def test_the_administrator_has_jetstream(broker: nats_server.NatsServer) -> None:
    """Streams can be declared, and what is acknowledged is there after a restart."""
    client = await nats.connect(broker.url, user=ADMIN, password=broker.users[ADMIN])
    jetstream = client.jetstream()
    await jetstream.add_stream(name="MAILBOX", subjects=["mailbox.>"])
    ack = await jetstream.publish("mailbox.17.x", b"")
    await client.close()

    assert ack.seq == 1


async def test_a_wrong_password_is_refused(broker: nats_server.NatsServer) -> None:
    """Nobody reads the log by being on the same machine."""
    with pytest.raises((nats.errors.Error, NoRespondersError)):
        await nats.connect(
            broker.url, user="linker", password="wrong", allow_reconnect=False, connect_timeout=5
        )


async def test_a_service_reads_its_own_schema_only(
    database: postgres_server.PostgresServer,
) -> None:
    """The gateway's role cannot look into the linker's tables."""
    target = postgres_roles.Target(port=database.port, superuser_password=database.password)
    urls = await postgres_roles.provision(target, PASSWORDS)
    linker = await asyncpg.connect(urls["linker"])
    await linker.execute("CREATE TABLE claim (id text); INSERT INTO claim VALUES ('é')")
    gateway = await asyncpg.connect(urls["gateway"])

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway.fetch("SELECT id FROM linker.claim")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway.execute("CREATE TABLE linker.other (id text)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await gateway.execute("CREATE TABLE public.other (id text)")
    assert await linker.fetchval("SELECT upper(id) FROM linker.claim") == "É"
    assert await gateway.fetchval("SELECT unaccent('été') % 'ete'") is True
    await linker.close()
    await gateway.close()


async def test_provisioning_twice_changes_nothing(
    database: postgres_server.PostgresServer,
) -> None:
    """A start that was cut short is finished by the next one."""
    target = postgres_roles.Target(port=database.port, superuser_password=database.password)

    first = await postgres_roles.provision(target, PASSWORDS)

    assert await postgres_roles.provision(target, PASSWORDS) == first


def test_committed_rows_outlive_a_crash(tmp_path: Path) -> None:
    """A killed server starts again on the same directory, although its lock file is there."""
    directory = tmp_path / "cluster"
    server = postgres_server.start(directory)
    asyncio.run(_execute(server.dsn(), "CREATE TABLE kept (id int)"))
    server.running.kill()

    with postgres_server.start(directory) as again:
        asyncio.run(_execute(again.dsn(), "INSERT INTO kept VALUES (1)"))


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """One line for the operator, taken from the server's own log."""
    directory = tmp_path / "cluster"
    postgres_server.create(directory, "x", fsync=False)
    (directory / "global" / "pg_control").unlink()

    with pytest.raises(StartFailed, match="postgres did not start: "):
        postgres_server.start(directory)


def test_a_directory_of_another_postgresql_is_refused(tmp_path: Path) -> None:
    """After an update of the wheel, or with another COURRIER_PG_BIN."""
    directory = tmp_path / "cluster"
    directory.mkdir()
    (directory / "PG_VERSION").write_text("9\n")

    with pytest.raises(StartFailed, match="was made by PostgreSQL 9, not by"):
        postgres_server.start(directory)


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is the Linux kernel's")
def test_servers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    """Whoever started them is killed -9, which leaves no process behind."""
    program = (
        "import pathlib, sys, time\n"
        "from courrier.local import nats_server, postgres_server\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "n = nats_server.start(here / 'nats'); p = postgres_server.start(here / 'cluster')\n"
        "print(n.running.pid, n.address.port, p.running.pid, p.port, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids_and_ports = [int(word) for word in parent.stdout.readline().split()]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(SOON_S)
    parent.stdout.close()

    nats_pid, nats_port, postgres_pid, postgres_port = pids_and_ports
    deadline = time.monotonic() + SOON_S
    while identify(nats_pid) or identify(postgres_pid):
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.02)
    assert not accepts(nats_port)
    assert not accepts(postgres_port)


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


WITHOUT_NAMESPACES = """
import pathlib, sys
from courrier.local import postgres_server
root = pathlib.Path(sys.argv[1])
with postgres_server.start(root / "cluster", fsync=False) as server:
    status = pathlib.Path(f"/proc/{server.running.pid}/status").read_text()
    print(status.partition("Uid:")[2].split()[0])
"""


def test_root_without_namespaces_runs_postgresql_as_somebody_else(tmp_path: Path) -> None:
    """In a container that forbids unshare: by setpriv, with the files given to that user."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or not _is_public(programs()):
        pytest.skip("needs root, setpriv, and programs that every user may read")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("setpriv", "true"):
        (tools / name).symlink_to(shutil.which(name) or name)
    root = Path(tempfile.mkdtemp(dir="/tmp", prefix="courrier-"))

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NAMESPACES, str(root)],
        env={**os.environ, "PATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    shutil.rmtree(root)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() not in {"", "0"}


def _is_public(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))
