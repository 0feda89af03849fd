"""``courrier bench ingest``: from a mailbox on a real server to e-mails that people can read.

The clock runs from the request that adds the account (a moment before the first UID FETCH) to the
moment the gateway's tables hold the last message, linked and filed, while every write is durable.
The limit is ``mbsync`` with its defaults downloading the same mailbox over TLS: it copies files.
A bare ``imaplib`` loop that throws the bytes away stands in ``detail``.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx
import psutil

from bench.corpus import messages, people
from bench.mailboxes import fill, imaplib_s, mbsync_s
from bench.result import Result
from courrier.events.runtime.settings import environment_file
from courrier.local.ports import free_port
from support.certificates import make_certificates
from support.dovecot import start_dovecot
from support.imap_accounts import ImapAccount

CONTACTS = 200
READY_TIMEOUT_S = 120
INGEST_TIMEOUT_S = 500
POLL_S = 0.05
COUNT = "SELECT count(*) FROM gateway.emails"
LINKED = "SELECT count(DISTINCT email_id) FROM gateway.email_links"


@dataclass(frozen=True, slots=True)
class RunningSystem:
    """A ``courrier up --no-demo`` of our own."""

    url: str
    token: str
    database_url: str
    process: psutil.Process


@dataclass(frozen=True, slots=True)
class Ingested:
    """How long it took, how many e-mails have a record, and the CPU seconds of each part."""

    seconds: float
    linked: int
    cpu_s: dict[str, float]


def run(count: int) -> Result:
    """Fill a mailbox, measure the limit on it, then the whole system."""
    with TemporaryDirectory(prefix="courrier-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificates = make_certificates(folder)
        with start_dovecot(folder / "dovecot", certificates) as server:
            account = server.new_user()
            senders = people(CONTACTS * 2)
            fill(folder / "dovecot" / "mail" / account.user, messages(count, 7, senders=senders))
            mbsync = count / mbsync_s(folder, account, certificates.cert_file)
            imaplib_rate = count / imaplib_s(account)
            with _system(folder / "data", certificates.ca_file) as system:
                _add_contacts(system, senders[:CONTACTS])
                ingested = asyncio.run(_ingest(system, account, count))
        ours = count / ingested.seconds
        detail = {
            "seconds": round(ingested.seconds, 2),
            "linked": ingested.linked,
            "cpu_s": ingested.cpu_s,
            "imaplib_per_s": round(imaplib_rate),
        }
        cpu = sum(ingested.cpu_s.values())
        return Result("ingest", count, ours, "messages/s", mbsync, ours / mbsync, cpu, detail)


@contextmanager
def _system(data_dir: Path, ca_file: Path) -> Iterator[RunningSystem]:
    env = {
        **os.environ,
        "COURRIER_DATA_DIR": str(data_dir),
        "COURRIER_PORT": str(free_port()),
        "COURRIER_EXTRA_CA_FILE": str(ca_file),
    }
    courrier = str(Path(sys.executable).with_name("courrier"))
    process = subprocess.Popen(
        [courrier, "up", "--no-demo", "--json"], env=env, stdout=subprocess.PIPE
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe to courrier up")
        ready = json.loads(process.stdout.readline())
        token = json.loads(
            subprocess.check_output(
                [courrier, "token", "create", "--user", "admin", "--json"], env=env
            )
        )["token"]
        os.environ["COURRIER_DATA_DIR"] = str(data_dir)
        yield RunningSystem(ready["url"], token, _database_url(), psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(READY_TIMEOUT_S)


def _database_url() -> str:
    path = environment_file("gateway")
    lines = path.read_text().splitlines() if path else []
    return dict(line.split("=", 1) for line in lines)["COURRIER_DATABASE_URL"]


def _add_contacts(system: RunningSystem, addresses: list[str]) -> None:
    with _http(system) as http:
        for number, address in enumerate(addresses):
            body = {"last_name": f"Contact {number}", "email_addresses": [address]}
            http.post("/api/v1/records/contact", json=body).raise_for_status()


async def _ingest(system: RunningSystem, account: ImapAccount, count: int) -> Ingested:
    database = await asyncpg.connect(system.database_url)
    before = _cpu(system.process)
    started = time.perf_counter()
    with _http(system) as http:
        http.post("/api/v1/email-accounts", json=_account(account)).raise_for_status()
    async with asyncio.timeout(INGEST_TIMEOUT_S):
        while await database.fetchval(COUNT) < count:  # noqa: ASYNC110  a table cannot wake us
            await asyncio.sleep(POLL_S)
    seconds = time.perf_counter() - started
    used = {name: round(s - before.get(name, 0), 2) for name, s in _cpu(system.process).items()}
    linked = await database.fetchval(LINKED)
    await database.close()
    return Ingested(seconds, linked, used)


def _account(account: ImapAccount) -> dict[str, object]:
    return {
        "name": "Bench",
        "address": "sales@courrier.example",
        "imap": {
            "host": account.host,
            "port": account.port,
            "tls": "implicit",
            "user": account.user,
            "password": account.password,
        },
    }


def _http(system: RunningSystem) -> httpx.Client:
    headers = {"Authorization": f"Bearer {system.token}"}
    return httpx.Client(base_url=system.url, headers=headers, timeout=READY_TIMEOUT_S)


def _cpu(parent: psutil.Process) -> dict[str, float]:
    """CPU seconds so far of each part, by what its command line says it is."""
    used: dict[str, float] = {}
    for child in parent.children(recursive=True):
        times = child.cpu_times()
        name = _part_of(" ".join(child.cmdline()))
        used[name] = used.get(name, 0.0) + times.user + times.system
    return used


def _part_of(command_line: str) -> str:
    # PostgreSQL names its processes after the user they serve: it goes first.
    names = ("postgres", "nats-server", "fetcher", "linker", "sender", "gateway")
    return next((name for name in names if name in command_line), "other")
