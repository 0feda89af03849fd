"""``courrier bench accounts``: one fetcher that holds many idle mailboxes, each by push over TLS.

The server is a process of its own that knows IDLE and no disk. Measured are the fetcher's resident
memory and CPU while all are idle, and how long a message for one of them takes from the server's
notice to the event on the log. The limit is that of one GiB for 2 000 accounts, in MiB an account.
"""

import asyncio
import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import psutil

from bench.result import Result
from courrier.events.envelope import NewEvent
from courrier.events.families.mailbox import FetchingRecovered, MessageReceived
from courrier.events.families.settings import EmailAccountAdded, Server
from courrier.events.identity import ensure_identity
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.vault import Seal
from courrier.local.ports import HOST
from support.brokers import OwnBrokers
from support.builders import USER, new_event
from support.certificates import Certificates, make_certificates
from support.fetchers import fetcher_processes

KEY = base64.b64encode(bytes(range(32))).decode()
ALLOWED_MIB = 1024 / 2000
IDLE_S = 60.0
NOTICES = 200
NOTICE_APART_S = 0.05
HELD_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Held:
    """Seconds until all accounts were in step, MiB then and after idling, CPU share while idle."""

    seconds: float
    rss_mb: tuple[float, float]
    idle_cpu: float
    cpu_s: float
    sockets: int
    latencies_ms: list[float]


def run(count: int) -> Result:
    """Hold so many accounts and watch the fetcher do nothing, then a little."""
    with TemporaryDirectory(prefix="courrier-bench-", dir="/tmp") as name:
        folder = Path(name)
        certificates = make_certificates(folder)
        (folder / "nats").mkdir()
        with OwnBrokers().fresh(folder / "nats") as url, _server(certificates) as server:
            held = asyncio.run(_measure(count, folder, url, server, certificates))
    each = held.rss_mb[1] / count
    waits = quantiles(held.latencies_ms, n=100)
    detail = {
        "seconds_to_hold_all": round(held.seconds, 1),
        "rss_mb_when_held": held.rss_mb[0],
        "rss_mb_after_idling": held.rss_mb[1],
        "idle_cpu_percent": round(100 * held.idle_cpu, 2),
        "sockets": held.sockets,
        "notice_to_event_ms_p50": round(waits[49], 1),
        "notice_to_event_ms_p99": round(waits[98], 1),
    }
    ratio = ALLOWED_MIB / each
    return Result("accounts", count, each, "MiB/account", ALLOWED_MIB, ratio, held.cpu_s, detail)


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The server's process and port."""

    process: "subprocess.Popen[bytes]"
    port: int

    def deliver(self, user: str) -> None:
        """Let one message arrive."""
        if self.process.stdin is None:
            raise RuntimeError("no pipe to the server")
        self.process.stdin.write(user.encode() + b"\n")
        self.process.stdin.flush()


@contextmanager
def _server(certificates: Certificates) -> Iterator[Mailboxes]:
    words = ("-m", "bench.idle_server", str(certificates.cert_file), str(certificates.key_file))
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": tests},
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no pipe to the server")
        yield Mailboxes(process, int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(10)


async def _measure(
    count: int, folder: Path, url: str, server: Mailboxes, certificates: Certificates
) -> Held:
    client = await connect(Broker(url=url, name="bench"))
    store, vault = JetStreamEventStore(client), JetStreamVault(client, Seal(KEY))
    await ensure_identity(vault)
    await vault.put("account.shared.imap", b"a password")
    for start in range(0, count, 500):
        await store.append([_account(n, server.port) for n in range(start, start + 500)][:count])
    fetchers = fetcher_processes(
        folder, nats_url=url, master_key=KEY, ca_file=certificates.ca_file, log_level="warning"
    )
    with fetchers as processes:
        started = time.perf_counter()
        process = psutil.Process(processes.start().pid)
        await _all_recovered(store, count)
        seconds = time.perf_counter() - started
        before, busy = _mb(process), _cpu(process)
        await asyncio.sleep(IDLE_S)
        after, idle = _mb(process), (_cpu(process) - busy) / IDLE_S
        latencies = await _latencies(store, server, count)
        held = Held(seconds, (before, after), idle, _cpu(process), process.num_fds(), latencies)
    await client.close()
    return held


def _account(number: int, port: int) -> NewEvent:
    server = Server(host=HOST, port=port, user=f"u{number}@idle.test", secret="account.shared.imap")
    added = EmailAccountAdded(
        account_id=f"{number:032x}",
        owner_id=USER,
        name="Idle",
        address=f"u{number}@idle.test",
        imap=server,
    )
    return new_event(added, expected=0)


async def _all_recovered(store: JetStreamEventStore, count: int) -> None:
    seen: set[str] = set()
    async with asyncio.timeout(HELD_TIMEOUT_S), aclosing(store.follow("MAILBOX")) as batches:
        async for batch in batches:
            seen |= {r.event.account_id for r in batch if isinstance(r.event, FetchingRecovered)}
            if len(seen) >= count:
                return


async def _latencies(store: JetStreamEventStore, server: Mailboxes, count: int) -> list[float]:
    """Milliseconds from the moment a message is there to the moment its event can be read."""
    sent: dict[str, float] = {}
    waits: list[float] = []
    end = await store.end("MAILBOX")

    async def deliver() -> None:
        for number in range(NOTICES):
            which = number * 7 % count
            sent[f"{which:032x}"] = time.perf_counter()
            server.deliver(f"u{which}@idle.test")
            await asyncio.sleep(NOTICE_APART_S)

    async with asyncio.timeout(HELD_TIMEOUT_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(deliver())
        async with aclosing(store.follow("MAILBOX", after=end)) as batches:
            async for batch in batches:
                now = time.perf_counter()
                came = [r.event for r in batch if isinstance(r.event, MessageReceived)]
                waits += [1000 * (now - sent[event.account_id]) for event in came]
                if len(waits) >= NOTICES:
                    break
    return waits


def _mb(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 2**20, 1)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
