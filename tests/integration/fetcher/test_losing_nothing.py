"""Whatever breaks, every message is received exactly once."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from typing_extensions import override

from courrier.events.blobs import Blobs
from courrier.events.envelope import NewEvent
from courrier.events.families.mailbox import BlobRef, FetchingRecovered
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.direct import DirectReader
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.packing import Packed
from courrier.events.store import Appended, StoreUnavailable
from courrier.fetcher.adapters.peers import NatsPeers
from courrier.fetcher.domain.sharing import group_of, lease_of
from integration.fetcher.networks import Cuts, breaking_network
from integration.fetcher.running import Alone, Bench, NoLeases, instance
from support.builders import ACCOUNT, raw_message
from support.imap_accounts import ImapAccount, ImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration


def filled(dovecot: ImapServer, count: int, size: int = 20) -> ImapAccount:
    """A mailbox with this many messages of ``size`` lines."""
    mailbox = dovecot.new_user()
    text = "A line of some sixty characters, as people write them.\n" * size
    messages = [
        raw_message(text, subject=f"mail {n}", message_id=f"<{n}@x.test>") for n in range(count)
    ]
    mailbox.append_all("INBOX", messages)
    return mailbox


async def is_complete(bench: Bench, count: int) -> bool:
    """Whether each of the UIDs up to ``count`` was received, once."""
    return await holds(bench, 1, count)


async def holds(bench: Bench, first: int, last: int) -> bool:
    """Whether these UIDs were received and no others, each once."""
    return list(range(first, last + 1)) == [uid for _, uid in await bench.uids()]


class FailingStore(JetStreamEventStore):
    """Loses some appends of batches before they reach the broker, others after they are stored."""

    lost_before = 0
    lost_after = 0

    @override
    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Append, or fail as told."""
        if len(events) > 1 and self.lost_before:
            self.lost_before -= 1
            raise StoreUnavailable("lost on the way there")
        appended = await super().append(events)
        if len(events) > 1 and self.lost_after:
            self.lost_after -= 1
            raise StoreUnavailable("lost on the way back")
        return appended


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1), (2, 2)])
async def test_a_failure_between_bytes_and_events_costs_nothing(
    bench: Bench, dovecot: ImapServer, before: int, after: int
) -> None:
    """Bytes stored and not reported are fetched again; reported ones never are."""
    mailbox = filled(dovecot, 250)
    failing = FailingStore(bench.client)
    failing.lost_before, failing.lost_after = before, after
    bench.store = failing
    await bench.add_account(mailbox)

    async with bench.fetcher():
        await eventually(lambda: is_complete(bench, 250), within_s=30)

    assert (0, 0) == (failing.lost_before, failing.lost_after)


class SlowBlobs:
    """Blobs that stop the third batch until the fetcher is killed."""

    def __init__(self, inner: Blobs) -> None:
        self._inner = inner
        self._batches = 0
        self.is_stuck = asyncio.Event()

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Store."""
        return await self._inner.put(blobs)

    async def put_packed(self, blobs: Sequence[Packed]) -> None:
        """Store, and then never answer the third time."""
        self._batches += 1
        number = self._batches
        await self._inner.put_packed(blobs)
        if number == 3:
            self.is_stuck.set()
            await asyncio.Event().wait()

    async def get(self, digest: str) -> bytes:
        """Return a blob's bytes."""
        return await self._inner.get(digest)


async def test_a_restart_goes_on_where_the_log_stands(bench: Bench, dovecot: ImapServer) -> None:
    """Killed in the middle, newest first: the next fetcher takes the rest and repeats nothing."""
    mailbox = filled(dovecot, 450)
    await bench.add_account(mailbox)
    slow = SlowBlobs(bench.blobs)
    async with bench.fetcher(blobs=slow):
        await eventually(slow.is_stuck.is_set)
        await eventually(lambda: holds(bench, 51, 450))
    stopped_at = [uid for _, uid in await bench.uids()]

    async with bench.fetcher():
        await eventually(lambda: is_complete(bench, 450))

    assert list(range(51, 451)) == stopped_at


async def test_a_connection_cut_within_a_literal_is_resumed(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Bytes that never came are asked for again; half a message is never reported."""
    mailbox = filled(dovecot, 220, size=100)
    cuts = Cuts(after=[100_000, 500_000, 900_000])

    async with breaking_network(mailbox.host, mailbox.port, cuts) as port:
        await bench.add_account(mailbox, port=port)
        async with bench.fetcher():
            await eventually(lambda: is_complete(bench, 220), within_s=60)

    assert 4 <= cuts.connections
    assert [] == cuts.after


async def test_two_fetchers_on_one_account_receive_each_message_once(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Even when no lease keeps them apart: the cursor's expected sequence does."""
    mailbox = filled(dovecot, 450)
    await bench.add_account(mailbox)

    first = bench.fetcher(leases=NoLeases(), peers=Alone())
    async with first, bench.fetcher(leases=NoLeases(), peers=Alone()):
        await eventually(lambda: bench.events(FetchingRecovered), within_s=30)
        await eventually(lambda: is_complete(bench, 450), within_s=30)
        mailbox.append_all("INBOX", [raw_message(subject=f"new {n}") for n in range(5)])
        await eventually(lambda: is_complete(bench, 455))


async def test_a_dead_fetchers_account_is_taken_over(
    bench: Bench, dovecot: ImapServer, nats_url: str
) -> None:
    """Its lease ends by itself; within 15 seconds another instance holds the account."""
    mailbox = dovecot.new_user()
    await bench.add_account(mailbox)
    theirs = await connect(Broker(url=nats_url, name="dying"))
    peers = NatsPeers(theirs, "dying")
    async with bench.fetcher(leases=instance(theirs, "dying"), peers=peers):
        await eventually(lambda: bench.events(FetchingRecovered))
        await theirs.close()
        died = time.monotonic()
        async with bench.fetcher(leases=instance(bench.client, "living"), poll_s=0.2):
            await eventually(lambda: _is_held_by(bench, b"living"), within_s=15)
            mailbox.append("INBOX", raw_message())
            await eventually(lambda: is_complete(bench, 1))

    assert time.monotonic() - died < 20


async def _holder(bench: Bench) -> bytes:
    subject = f"lease.{lease_of(group_of(ACCOUNT))}"
    found = await DirectReader(bench.client).last("LEASES", [subject])
    return found[0].data if found else b""


async def _is_held_by(bench: Bench, name: bytes) -> bool:
    return name == await _holder(bench)
