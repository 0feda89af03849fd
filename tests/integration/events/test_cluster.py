"""Three servers, one of them dead or frozen: nothing acknowledged is lost, doubled or reordered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sized
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.families.email import EmailMarkedRead
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.lease import LeaseLost
from courrier.events.store import Conflict, StoreUnavailable
from support.builders import new_event
from support.cluster import Cluster, Node, start_cluster
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

WRITERS = 4
MORE = 10
ALONG_S = 60.0
ON_AGAIN_S = 15.0
"""From a death or a frost to the next acknowledged append."""


@pytest.fixture
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """A cluster for this test alone."""
    async with start_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def read(email_id: str, version: int, expected: int | None) -> NewEvent:
    """'Somebody has read this e-mail', the ``version``-th time."""
    event = EmailMarkedRead(email_id=email_id, person_id=f"{version}")
    return new_event(event, id=uuid4(), version=version, expected=expected)


@dataclass
class Load:
    """Writers and a reader at work; what was acknowledged, and what was seen."""

    acknowledged: list[NewEvent] = field(default_factory=list)
    rounds: Counter[str] = field(default_factory=Counter)
    seen: list[Recorded[Event]] = field(default_factory=list)
    is_over: bool = False

    async def write(self, client: Client) -> None:
        """Let one aggregate grow, and claim two others beside each of its events."""
        store, own = JetStreamEventStore(client), uuid4().hex
        version = last = 0
        while not self.is_over:
            version += 1
            grown = read(own, version, last)
            batch = [read(uuid4().hex, 1, 0), read(uuid4().hex, 1, 0), grown]
            last = (await store.append(batch)).sequence
            version += 1
            grown = read(own, version, last)
            last = (await store.append([grown])).sequence
            self.acknowledged += [*batch, grown]
            self.rounds[own] += 1

    async def follow(self, client: Client) -> None:
        """Note everything, in the order it comes."""
        async with aclosing(JetStreamEventStore(client).follow("EMAIL")) as batches:
            async for batch in batches:
                self.seen += batch


async def under_load(
    cluster: Cluster, misfortunes: Callable[[Client, Load], Awaitable[None]]
) -> Load:
    """Let misfortunes happen while writers write and a reader reads; return when all have ended."""
    load = Load()
    clients = [await cluster.connect(f"w{n}") for n in range(WRITERS + 2)]
    try:
        async with asyncio.timeout(180), asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(load.follow(clients[0]))
            writers = [tasks.create_task(load.write(client)) for client in clients[2:]]
            await misfortunes(clients[1], load)
            load.is_over = True
            await asyncio.wait(writers)
            await eventually(lambda: _saw_all(load), ALONG_S)
            reader.cancel()
    finally:
        for client in clients:
            await client.close()
    return load


def _saw_all(load: Load) -> bool:
    return {str(new.id) for new in load.acknowledged} <= {each.id for each in load.seen}


async def _goes_on(load: Load) -> None:
    """Wait until every writer has come further."""
    before = Counter(load.rounds)

    def all_have() -> bool:
        further = load.rounds - before
        return len(further) == WRITERS and min(further.values()) >= MORE

    await eventually(all_have, ALONG_S)


async def _grows(written: Sized) -> None:
    count = len(written)
    await eventually(lambda: len(written) >= count + MORE, ALONG_S)


def assert_exactly_once_in_order(load: Load) -> None:
    """Compare what was acknowledged with what a follower saw of the log."""
    ids = [each.id for each in load.seen]
    assert len(set(ids)) == len(ids), "stored or seen twice"
    assert {str(new.id) for new in load.acknowledged} == set(ids)
    assert [each.sequence for each in load.seen] == list(range(1, len(load.seen) + 1))
    versions: dict[str, list[int]] = {}
    for each in load.seen:
        versions.setdefault(each.subject, []).append(each.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


async def killed(cluster: Cluster, client: Client, load: Load, *, times: int) -> None:
    """Kill the stream's leader, wait until appends go on, and start it again."""
    for _ in range(times):
        await _goes_on(load)
        leader = await cluster.leader(client, "EMAIL")
        leader.kill()
        await _goes_on(load)
        leader.start()
        await eventually(lambda: cluster.is_whole(client, "EMAIL"), ALONG_S)


async def test_a_killed_leader_costs_seconds_and_no_event(cluster: Cluster) -> None:
    """I1, I3, I7: acknowledged is stored once, in order; the follower misses and repeats none."""
    load = await under_load(cluster, lambda client, load: killed(cluster, client, load, times=1))

    assert_exactly_once_in_order(load)


@pytest.mark.long
async def test_leaders_killed_again_and_again_cost_no_event(cluster: Cluster) -> None:
    """Five elections under load, then all servers at once."""

    async def misfortunes(client: Client, load: Load) -> None:
        await killed(cluster, client, load, times=5)
        for node in cluster.nodes:
            node.kill()
        for node in cluster.nodes:
            node.start()
        await _goes_on(load)

    load = await under_load(cluster, misfortunes)

    assert_exactly_once_in_order(load)


async def _time_to_append(client: Client) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await JetStreamEventStore(client).append([read(uuid4().hex, 1, 0)])
    return loop.time() - began


@pytest.mark.long
@pytest.mark.parametrize("frozen", ["ours", "leader", "both"])
async def test_a_frozen_server_is_noticed_and_gone_around(cluster: Cluster, frozen: str) -> None:
    """Its connections stay open and say nothing: pings find out, another server takes over."""
    client = await cluster.connect("writer", only=cluster.nodes[0])
    try:
        await _time_to_append(client)
        victim = await _victim(cluster, client, frozen)
        victim.freeze()
        took_s = await _time_to_append(client)
        victim.thaw()
        await eventually(lambda: cluster.is_whole(client, "EMAIL"), ALONG_S)
        stored = await JetStreamEventStore(client).end("EMAIL")
    finally:
        await client.close()

    assert took_s < ON_AGAIN_S
    assert stored == 2


async def _victim(cluster: Cluster, client: Client, frozen: str) -> Node:
    """Choose whom to freeze, having made the stream's leader the one that fits."""

    async def fits() -> bool:
        leader = await cluster.leader(client, "EMAIL")
        is_ours = leader is cluster.nodes[0]
        if (frozen == "both") == is_ours:
            return True
        await client.request("$JS.API.STREAM.LEADER.STEPDOWN.EMAIL", b"", timeout=5)
        return False

    await eventually(fits, ALONG_S)
    return cluster.nodes[0] if frozen == "ours" else await cluster.leader(client, "EMAIL")


@pytest.mark.long
async def test_holders_of_one_lease_never_both_write(cluster: Cluster) -> None:
    """Leaders die while two work for one lease: each fact has one author and one place."""
    name, own = "linker.test.0", uuid4().hex
    written: list[NewEvent] = []

    async def work(client: Client, author: str) -> None:
        leases, store = JetStreamLeases(client, author), JetStreamEventStore(client)
        while True:
            with suppress(LeaseLost, Conflict, StoreUnavailable):
                async with leases.hold(name):
                    await grow(store)

    async def grow(store: JetStreamEventStore) -> None:
        while True:
            history = await store.load(subjects.email(own))
            last = history[-1].sequence if history else 0
            new = read(own, len(history) + 1, last)
            await store.append([new])
            written.append(new)

    clients = [await cluster.connect(f"c{n}") for n in range(3)]
    workers = [asyncio.ensure_future(work(clients[n], f"worker-{n}")) for n in range(2)]
    try:
        for stream in ("LEASES", "EMAIL", "LEASES"):
            await _grows(written)
            leader = await cluster.leader(clients[2], stream)
            leader.kill()
            await _grows(written)
            leader.start()
            await eventually(lambda: cluster.is_whole(clients[2], "EMAIL"), ALONG_S)
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
        history = await JetStreamEventStore(clients[2]).load(subjects.email(own))
    finally:
        for client in clients:
            await client.close()

    assert [each.version for each in history] == list(range(1, len(history) + 1))
    assert {str(new.id) for new in written} <= {each.id for each in history}
