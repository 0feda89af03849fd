"""One instance at a time, and another soon after it dies."""

import asyncio
import json
from uuid import UUID

import pytest
from nats.aio.client import Client

from courrier.events.families.email import EmailMarkedRead, EmailMarkedUnread
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.lease import LEASE_S, LeaseLost
from courrier.events.store import Conflict
from support.builders import example, new_event
from support.waiting import eventually

pytestmark = pytest.mark.integration

NAME = "linker.mailbox.0"
TAKE_OVER_S = 15


async def test_only_one_works_at_a_time(client: Client) -> None:
    """The second waits, and starts soon after the first has stopped cleanly."""
    first, second = JetStreamLeases(client, "one"), JetStreamLeases(client, "two")
    working: list[str] = []

    async def work(leases: JetStreamLeases, name: str, done: asyncio.Event) -> None:
        async with leases.hold(NAME):
            working.append(name)
            await done.wait()
            working.remove(name)

    stop = asyncio.Event()
    async with asyncio.timeout(TAKE_OVER_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(work(first, "one", stop))
        await eventually(lambda: ["one"] == working)
        other = tasks.create_task(work(second, "two", stop))
        await asyncio.wait({other}, timeout=3)

        assert ["one"] == working
        stop.set()


async def test_a_dead_holder_is_followed_within_fifteen_seconds(
    nats_url: str, client: Client
) -> None:
    """A holder that never released (killed, cut off) loses the lease by expiry."""
    await _abandon(client)
    started = asyncio.get_running_loop().time()

    async with asyncio.timeout(TAKE_OVER_S), JetStreamLeases(client, "heir").hold(NAME):
        waited = asyncio.get_running_loop().time() - started

    assert LEASE_S - 3 < waited < TAKE_OVER_S


async def test_a_holder_that_was_overtaken_stops_working(client: Client) -> None:
    """Frozen for longer than the lease and awake again, it is cancelled at its next renewal."""

    async def work() -> None:
        async with JetStreamLeases(client, "sleeper").hold(NAME):
            await _usurp(client)
            await asyncio.Event().wait()

    with pytest.raises(LeaseLost):
        await asyncio.wait_for(work(), TAKE_OVER_S)


async def test_a_holder_that_was_overtaken_and_does_not_know_it_yet_is_fenced(
    client: Client, store: JetStreamEventStore
) -> None:
    """Frozen between reading and writing, it decides on old news: the log refuses that (I2)."""
    first = new_event(example(EmailMarkedRead), id=UUID(int=1), expected=0)
    sleepers = new_event(example(EmailMarkedUnread), id=UUID(int=2), expected=1, version=2)
    heirs = new_event(example(EmailMarkedUnread), id=UUID(int=3), expected=1, version=2)
    await store.append([first])
    async with JetStreamLeases(client, "sleeper").hold(NAME):
        await _usurp(client)
        await store.append([heirs])

        with pytest.raises(Conflict):
            await store.append([sleepers])

    assert [str(first.id), str(heirs.id)] == [r.id for r in await store.load(first.subject)]


async def _abandon(client: Client) -> None:
    headers = {"Nats-Expected-Last-Subject-Sequence": "0", "Nats-TTL": f"{LEASE_S}s"}
    answer = await client.request(f"lease.{NAME}", b"dead", headers=headers)
    assert "error" not in json.loads(answer.data)


async def _usurp(client: Client) -> None:
    answer = await client.request(f"lease.{NAME}", b"other", headers={"Nats-TTL": f"{LEASE_S}s"})
    assert "error" not in json.loads(answer.data)
