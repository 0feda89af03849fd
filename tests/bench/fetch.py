"""``courrier bench fetch``: a mailbox on Dovecot, fetched over TLS, parsed, stored, durable.

A fetcher of its own and a broker that syncs every write; the clock runs from the event that adds
the account to the cursor event behind the last message. The limit is ``mbsync`` with its defaults
on the same mailbox; runs alternate and medians are compared, so that a drifting machine touches
both alike. ``detail`` has a bare ``imaplib`` loop, the CPU of every process, and the CPU of each
step of one message by itself. All of it lies on one file system, a disk: mbsync's Maildir and the
broker's files, each synced before it counts, and the mailbox that both read.
"""

import asyncio
import base64
import os
import sys
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from bench.corpus import messages
from bench.fetch_steps import step_costs
from bench.mailboxes import fill, imaplib_s, mbsync_s
from bench.result import Result
from courrier.events.families.mailbox import FolderAdvanced
from courrier.events.families.settings import EmailAccountAdded, Server
from courrier.events.identity import ensure_identity
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.vault import Seal
from courrier.local import nats_server
from courrier.local.launch import Launch, Running, base_environment
from courrier.local.ports import free_port
from courrier.local.probes import http_ok
from support.builders import ACCOUNT, USER, new_event
from support.certificates import make_certificates
from support.dovecot import start_dovecot
from support.imap_accounts import ImapAccount

ROUNDS = 3
SEED = 7
SAMPLE = 1500
FETCH_TIMEOUT_S = 300
READY_TIMEOUT_S = 30
CURSORS = "mailbox.*.*.*.cursor"
PARTS = ("nats-server", "readers.process", "courrier.fetcher", "dovecot", "imap")


@dataclass(frozen=True, slots=True)
class Fetched:
    """How long it took, and the CPU seconds of each process."""

    seconds: float
    cpu_s: dict[str, float]


def run(count: int, rounds: int = ROUNDS) -> Result:
    """Fill a mailbox, then fetch all of it, in turns with the limit."""
    with TemporaryDirectory(prefix="courrier-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificates = make_certificates(folder)
        with start_dovecot(folder / "dovecot", certificates) as server:
            account = server.new_user()
            fill(folder / "dovecot" / "mail" / account.user, messages(count, SEED))
            imaplib_s(account)  # the server numbers and indexes the files when it first looks
            limits, ours, bare = [], [], []
            for number in range(rounds):
                at = folder / str(number)
                at.mkdir()
                limits.append(mbsync_s(at, account, certificates.cert_file))
                ours.append(_round(at, account, count))
                bare.append(imaplib_s(account))
        steps = step_costs(list(messages(min(count, SAMPLE), SEED)), certificates)
    return _result(count, limits, ours, bare, steps)


def _result(
    count: int,
    limits: list[float],
    ours: list[Fetched],
    bare: list[float],
    steps: dict[str, float],
) -> Result:
    limit, middle = (
        count / median(limits),
        sorted(ours, key=lambda one: one.seconds)[len(ours) // 2],
    )
    value = count / middle.seconds
    detail = {
        "seconds": [round(one.seconds, 2) for one in ours],
        "mbsync_per_s": [round(count / one) for one in limits],
        "imaplib_per_s": round(count / median(bare)),
        "cpu_us_a_message": {name: round(s / count * 1e6, 1) for name, s in middle.cpu_s.items()},
        "step_us_a_message": steps,
    }
    cpu = sum(middle.cpu_s.values())
    return Result("fetch", count, value, "messages/s", limit, value / limit, cpu, detail)


def _round(folder: Path, account: ImapAccount, count: int) -> Fetched:
    key = base64.b64encode(os.urandom(32)).decode()
    with nats_server.start(folder / "nats") as nats:
        broker = Broker(nats.url, "bench", ADMIN, nats.users[ADMIN])
        asyncio.run(_prepare(broker, Seal(key), account))
        with _fetcher(folder, nats, key, account):
            return asyncio.run(_fetch(broker, account, count))


async def _prepare(broker: Broker, seal: Seal, account: ImapAccount) -> None:
    client = await connect(broker)
    await apply_streams(client)
    vault = JetStreamVault(client, seal)
    await ensure_identity(vault)
    await vault.put(f"account.{ACCOUNT}.imap", account.password.encode())
    await client.close()


def _fetcher(folder: Path, nats: nats_server.NatsServer, key: str, account: ImapAccount) -> Running:
    """Start a fetcher with nothing to do; it must be ready before the clock runs."""
    port = free_port()
    env = {
        **base_environment(),
        "COURRIER_NATS_URL": nats.url,
        "COURRIER_NATS_USER": "fetcher",
        "COURRIER_NATS_PASSWORD": nats.users["fetcher"],
        "COURRIER_MASTER_KEY": key,
        "COURRIER_EXTRA_CA_FILE": str(account.ca_file),
        "COURRIER_HEALTH_PORT": str(port),
        "COURRIER_LOG_LEVEL": "warning",
    }
    argv = (sys.executable, "-m", "courrier.fetcher")
    running = Running(Launch(name="fetcher", argv=argv, log=folder / "fetcher.log", env=env))
    running.wait_until(lambda: asyncio.run(http_ok(port, "/readyz")), READY_TIMEOUT_S)
    return running


async def _fetch(broker: Broker, account: ImapAccount, count: int) -> Fetched:
    client = await connect(broker)
    store = JetStreamEventStore(client)
    before = _cpu()
    started = time.perf_counter()
    await store.append([new_event(_added(account), expected=0)])
    received = 0
    async with (
        asyncio.timeout(FETCH_TIMEOUT_S),
        aclosing(store.follow("MAILBOX", filters=[CURSORS])) as batches,
    ):
        async for batch in batches:
            events = [recorded.event for recorded in batch]
            received += sum(e.received for e in events if isinstance(e, FolderAdvanced))
            if received >= count:
                break
    seconds = time.perf_counter() - started
    after = _cpu()
    await client.close()
    return Fetched(seconds, {name: s - before.get(name, 0) for name, s in after.items()})


def _added(account: ImapAccount) -> EmailAccountAdded:
    server = Server(host=account.host, port=account.port, tls="implicit", user=account.user)
    return EmailAccountAdded(
        account_id=ACCOUNT, owner_id=USER, name="Bench", address=account.user, imap=server
    )


def _cpu() -> dict[str, float]:
    """CPU seconds so far of all that this process has started, by what it is, and its own."""
    me = psutil.Process()
    used = {"bench": sum(me.cpu_times()[:2])}
    for child in me.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            name = next((n for n in PARTS if n in " ".join(child.cmdline())), "other")
            used[name] = used.get(name, 0.0) + sum(child.cpu_times()[:2])
    return used
