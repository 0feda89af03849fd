"""``courrier bench send``: from the order to send to the server's recorded yes, durably.

The whole sender (orders, composing, blobs, log, queue, dialogues) with its broker and its database,
to a recording SMTP server in another process; beside it bare aiosmtplib pushes as many messages
over as many connections. ``steps`` are taken apart afterwards: orders alone, then delivery alone.
"""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from ssl import create_default_context
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import aiosmtplib
import psutil
import structlog

from bench.result import Result, cpu_s
from courrier.events.base import Mailbox, derived_id
from courrier.events.commands.answers import Done
from courrier.events.commands.sender import SendMessage
from courrier.events.families.settings import EmailAccountAdded, Server
from courrier.events.identity import Identity
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Projector
from courrier.events.runtime.tls import Contexts
from courrier.events.vault import Seal
from courrier.local import nats_server, postgres_server
from courrier.mail.writing.compose import compose
from courrier.mail.writing.dkim import sign
from courrier.mail.writing.dkim_keys import new_private_key, read_key
from courrier.sender.adapters.smtp import SmtpPost
from courrier.sender.adapters.smtp_pool import PoolBounds
from courrier.sender.adapters.smtp_session import Opener, TimeLimits
from courrier.sender.domain.turns import Limits, Turns
from courrier.sender.domain.writing import outgoing
from courrier.sender.handlers.attempts import Attempts, Sources
from courrier.sender.handlers.letters import Letters
from courrier.sender.handlers.log_in_secrets import LogInSecrets
from courrier.sender.handlers.requests import Requests
from courrier.sender.handlers.rounds import Rounds, Work
from courrier.sender.handlers.signing import Signing
from courrier.sender.projections.accounts import ProjectedAccounts
from courrier.sender.projections.every import OUTBOUND_FEED, SETTINGS_FEED, VIEWS
from courrier.sender.projections.queue import ProjectedQueue
from support.builders import new_event
from support.silent_bus import SilentBus
from support.waiting import eventually

ACCOUNTS = 10
PER_ACCOUNT = 2
ORDERS_AT_ONCE = 16
SIGNED = 200
MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
TEXT = "Dear customer,\n\nyour order is on its way and arrives in three days.\n\n" * 20
SETTLED = "SELECT count(*) FROM sender.deliveries WHERE state = 'sent'"
LONGEST_S = 600.0


def run(messages: int) -> Result:
    """Send ``messages`` three times: through the sender, in steps, and bare."""
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    with (
        TemporaryDirectory(prefix="courrier-bench-") as folder,
        nats_server.start(Path(folder) / "nats") as nats,
        postgres_server.start(Path(folder) / "cluster") as postgres,
        _recorder() as recorder,
    ):
        broker = Broker(nats.url, "bench", ADMIN, nats.users[ADMIN])
        return asyncio.run(_run(broker, postgres.dsn(), messages, recorder))


@dataclass(frozen=True, slots=True)
class _Recorder:
    process: "subprocess.Popen[str]"
    port: int

    def counts(self) -> dict[str, Any]:
        """Return what the server took so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


@contextmanager
def _recorder() -> Iterator[_Recorder]:
    pipe, words = subprocess.PIPE, [sys.executable, "-m", "bench.recording_smtp"]
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        yield _Recorder(process, int(process.stdout.readline()))
        process.terminate()


async def _run(broker: Broker, url: str, messages: int, recorder: _Recorder) -> Result:
    async with _sender(broker, url, recorder.port) as sender:
        async with sender.delivering():
            whole = await _cost(messages, sender.ordered_and_sent(messages, "whole"))
        ordered = await _cost(messages, sender.ordered(messages, "steps"))
        async with sender.delivering():
            delivered = await _cost(messages, sender.all_sent(2 * messages))
    taken = recorder.counts()
    bare = await _cost(messages, _bare(recorder.port, messages))
    detail = {
        "connections": ACCOUNTS * PER_ACCOUNT,
        "steps": {"orders": ordered.shown(), "delivery": delivered.shown()},
        "whole": whole.shown(),
        "bare": bare.shown(),
        "dkim_us": _dkim_us(),
        "recorded": taken["messages"],
        "recorded_twice": taken["messages"] - taken["different"],
        "lost": 2 * messages - taken["different"],
        "sessions": taken["connections"],
    }
    ratio = whole.rate / bare.rate
    return Result("send", messages, whole.rate, "messages/s", bare.rate, ratio, cpu_s(), detail)


@dataclass(frozen=True, slots=True)
class _Cost:
    messages: int
    wall_s: float
    own_s: float
    others_s: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.wall_s

    def shown(self) -> dict[str, float]:
        """Return what stands in ``detail``."""
        own, others = self.own_s / self.messages * 1e6, self.others_s / self.messages * 1e6
        return {"per_s": round(self.rate), "own_us": round(own), "servers_us": round(others)}


async def _cost(messages: int, work: Any) -> _Cost:
    """Return what this work costs here and in the servers, which are children of this process."""
    others, own, began = _children_s(), cpu_s(), time.perf_counter()
    await work
    wall = time.perf_counter() - began
    return _Cost(messages, wall, cpu_s() - own, _children_s() - others)


def _children_s() -> float:
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children)


@dataclass(frozen=True, slots=True)
class _Sender:
    """A sender as its process puts it together."""

    store: JetStreamEventStore
    leases: JetStreamLeases
    pool: Pool
    requests: Requests
    work: Work

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        """Deliver while the body runs."""
        limits = Limits(ACCOUNTS * PER_ACCOUNT, PER_ACCOUNT, 1000, 0, 0)
        rounds = Rounds(self.work, Turns(limits), clock=_now)
        outbound = VIEWS.checkpoint(OUTBOUND_FEED)
        feeds = [
            Projector(self.pool, outbound, OUTBOUND_FEED.projections, rounds.noted),
            Projector(self.pool, VIEWS.checkpoint(SETTINGS_FEED), SETTINGS_FEED.projections),
        ]
        tasks = [asyncio.create_task(feed.run(self.store, self.leases)) for feed in feeds]
        tasks.append(asyncio.create_task(rounds.run(self.store)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def ordered_and_sent(self, messages: int, name: str) -> None:
        """Order them while they are being delivered."""
        await asyncio.gather(self.ordered(messages, name), self.all_sent(messages))

    async def ordered(self, messages: int, name: str) -> None:
        """Take over so many messages, a few at once."""
        slots = asyncio.Semaphore(ORDERS_AT_ONCE)

        async def one(number: int) -> None:
            async with slots:
                answer = await self.requests.send(_order(name, number))
                assert isinstance(answer, Done)

        await asyncio.gather(*map(one, range(messages)))

    async def all_sent(self, count: int) -> None:
        """Wait until the tables say that so many were sent."""
        await eventually(lambda: self._has_sent(count), LONGEST_S)

    async def _has_sent(self, count: int) -> bool:
        return bool(await self.pool.fetchval(SETTLED) >= count)


@asynccontextmanager
async def _sender(broker: Broker, url: str, port: int) -> AsyncIterator[_Sender]:
    client = await connect(broker)
    await apply_streams(client)
    await migrate(url, package="courrier.sender", schema="sender")
    pool = await open_pool(url, name="bench", service="sender")
    store, blobs = JetStreamEventStore(client), JetStreamBlobs(client)
    vault = JetStreamVault(client, Seal(MASTER_KEY))
    await _add_accounts(store, port)
    known = ProjectedAccounts(pool, store)
    requests = Requests(store, blobs, accounts=known, identity=Identity(b"k" * 32), clock=_now)
    secrets = LogInSecrets(vault, SilentBus(), _now)
    letters = Letters(blobs, vault, known, secrets, Signing(vault, {}, _now))
    limits = TimeLimits()
    opener = Opener(Contexts(create_default_context()), "bench.example", limits)
    post = SmtpPost(opener, limits, PoolBounds(per_account=PER_ACCOUNT))
    work = Work(ProjectedQueue(pool), Attempts(Sources(store, letters, post), _now), post)
    try:
        yield _Sender(store, JetStreamLeases(client, "sender"), pool, requests, work)
    finally:
        post.hang_up()
        await pool.close()
        await client.close()


async def _add_accounts(store: JetStreamEventStore, port: int) -> None:
    for number in range(ACCOUNTS):
        added = EmailAccountAdded(
            account_id=f"{number:032x}",
            owner_id="u1",
            name="Bench",
            address=f"a{number}@bench.example",
            smtp=Server(host="127.0.0.1", port=port, tls="none"),
        )
        await store.append([new_event(added, expected=0)])


def _order(name: str, number: int) -> SendMessage:
    account = number % ACCOUNTS
    return SendMessage(
        command_id=UUID(int=derived_id(name, str(number)).int),
        email_id=derived_id("email", name, str(number)).hex,
        author_id="u1",
        account_id=f"{account:032x}",
        sent_from=Mailbox(name="Grace", address=f"a{account}@bench.example"),
        to=(Mailbox(name="Ada", address=f"ada{number}@customer.example"),),
        subject=f"Your order {number}",
        text=TEXT,
        actor="user:u1",
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _raw(number: int) -> bytes:
    return compose(outgoing(_order("bare", number), signature="s", date=_now()))


async def _bare(port: int, messages: int) -> None:
    """Push prepared messages: as many connections, each one message after the other."""
    waiting = iter([_raw(number) for number in range(messages)])

    async def push() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, use_tls=False)
        await client.connect()
        for raw in waiting:
            await client.sendmail("a@bench.example", ["ada@customer.example"], raw)
        await client.quit()

    await asyncio.gather(*(push() for _ in range(ACCOUNTS * PER_ACCOUNT)))


def _dkim_us() -> dict[str, int]:
    """Return what a signature costs, by the kind of key."""
    raw, found = _raw(0), {}
    kinds: tuple[Any, ...] = ("rsa", "ed25519")
    for kind in kinds:
        key = read_key("bench.example", "s1", new_private_key(kind))
        began = time.process_time()
        for _ in range(SIGNED):
            sign(raw, [key], now=0)
        found[kind] = round((time.process_time() - began) / SIGNED * 1e6)
    return found
