"""``courrier bench push``: from a message's arrival on Dovecot to its event on the log.

The limit is the moment at which a bare client, idle on the same folder, hears ``EXISTS``: what is
measured is what Courrier adds to the server's own notice. Messages come one by one, over TLS.
"""

import asyncio
import base64
import re
import socket
import ssl
import time
from contextlib import aclosing, contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING

import psutil

from bench.result import Result
from courrier.events.families.mailbox import FetchingRecovered, MessageReceived
from courrier.events.families.settings import EmailAccountAdded, Server
from courrier.events.identity import ensure_identity
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.vault import Seal
from support.brokers import OwnBrokers
from support.builders import ACCOUNT, USER, new_event, raw_message
from support.certificates import make_certificates
from support.dovecot import start_dovecot
from support.fetchers import fetcher_processes
from support.imap_accounts import ImapAccount

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = base64.b64encode(bytes(range(32))).decode()
APART_S = 1.1
"""More than the half second for which Dovecot gathers what it tells: both hear of the same one."""
TIMEOUT_S = 300
ALLOWED_MS = 250.0
_EXISTS = re.compile(rb"\* (\d+) EXISTS")


def run(count: int) -> Result:
    """Let so many messages arrive; compare when each was noticed with when it was on the log."""
    with TemporaryDirectory(prefix="courrier-bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificates = make_certificates(folder)
        (folder / "nats").mkdir()
        with (
            OwnBrokers().fresh(folder / "nats") as url,
            start_dovecot(folder / "dovecot", certificates) as server,
        ):
            account = server.new_user()
            over, notices, cpu_s = asyncio.run(_measure(count, folder, url, account))
    p50, p99 = _p50_p99(over)
    detail = {
        "over_the_notice_ms_p50": p50,
        "over_the_notice_ms_p99": p99,
        "append_to_notice_ms_p50_p99": _p50_p99(notices),
        "allowed_ms_p99": ALLOWED_MS,
    }
    return Result("push", count, p99, "ms (p99)", ALLOWED_MS, ALLOWED_MS / p99, cpu_s, detail)


async def _measure(
    count: int, folder: Path, url: str, account: ImapAccount
) -> tuple[list[float], list[float], float]:
    """Return ms from notice to event and from APPEND to notice, and the fetcher's CPU seconds."""
    client = await connect(Broker(url=url, name="bench"))
    store, vault = JetStreamEventStore(client), JetStreamVault(client, Seal(KEY))
    await ensure_identity(vault)
    await vault.put(f"account.{ACCOUNT}.imap", account.password.encode())
    await store.append([new_event(_added(account), expected=0)])
    fetchers = fetcher_processes(
        folder, nats_url=url, master_key=KEY, ca_file=account.ca_file, log_level="warning"
    )
    with fetchers as processes, _bare_client(account) as noticed:
        process = psutil.Process(processes.start().pid)
        appended: dict[int, float] = {}
        on_log: dict[int, float] = {}
        async with asyncio.timeout(TIMEOUT_S), aclosing(store.follow("MAILBOX")) as batches:
            async for batch in batches:
                now = time.perf_counter()
                if any(isinstance(r.event, FetchingRecovered) for r in batch):
                    arriving = asyncio.create_task(
                        asyncio.to_thread(_append_all, account, count, appended)
                    )
                came = (r.event.uid for r in batch if isinstance(r.event, MessageReceived))
                on_log |= dict.fromkeys(came, now)
                if len(on_log) >= count:
                    break
            await arriving
        cpu = process.cpu_times()
    await client.close()
    over = [1000 * (on_log[n] - noticed[n]) for n in on_log if n in noticed]
    notices = [1000 * (noticed[n] - appended[n]) for n in appended if n in noticed]
    return over, notices, float(cpu.user + cpu.system)


def _added(account: ImapAccount) -> EmailAccountAdded:
    server = Server(host=account.host, port=account.port, user=account.user)
    return EmailAccountAdded(
        account_id=ACCOUNT, owner_id=USER, name="Push", address=account.user, imap=server
    )


def _append_all(account: ImapAccount, count: int, appended: dict[int, float]) -> None:
    with account.log_in() as connection:
        for number in range(1, count + 1):
            appended[number] = time.perf_counter()
            message = raw_message(message_id=f"<{number}@push.test>")
            connection.append("INBOX", "", None, message)
            time.sleep(APART_S)


@contextmanager
def _bare_client(account: ImapAccount) -> "Iterator[dict[int, float]]":
    """Yield when a client that does nothing else heard of each message, by its number."""
    noticed: dict[int, float] = {}
    context = ssl.create_default_context(cafile=str(account.ca_file))
    raw = socket.create_connection((account.host, account.port), timeout=TIMEOUT_S)
    ready = Event()
    with context.wrap_socket(raw, server_hostname=account.host) as connection:
        listener = Thread(target=_listen, args=(connection, account, noticed, ready), daemon=True)
        listener.start()
        ready.wait(TIMEOUT_S)
        yield noticed
        connection.shutdown(socket.SHUT_RDWR)
        listener.join(TIMEOUT_S)


def _listen(
    connection: ssl.SSLSocket, account: ImapAccount, noticed: dict[int, float], ready: Event
) -> None:
    log_in = f'a LOGIN "{account.user}" "{account.password}"\r\nb SELECT INBOX\r\nc IDLE\r\n'
    connection.sendall(log_in.encode())
    lines = connection.makefile("rb")
    while line := lines.readline():
        if line.startswith(b"+"):
            ready.set()
        elif (told := _EXISTS.match(line)) and ready.is_set():
            now, last = time.perf_counter(), int(told[1])
            for number in range(max(noticed, default=0) + 1, last + 1):
                noticed[number] = now


def _p50_p99(milliseconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(milliseconds, n=100)
    return round(cuts[49], 1), round(cuts[98], 1)
