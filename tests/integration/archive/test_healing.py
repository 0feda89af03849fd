"""A damaged broker is found and healed from the archive; nothing else changes."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events.archive.archiver import archive_now
from courrier.events.archive.broker_log import BrokerLog
from courrier.events.archive.kept import Archive
from courrier.events.archive.restore import Healing, NotMendable, heal
from courrier.events.archive.restoring import Plan, open_door
from courrier.events.archive.verify import verify
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.epoch import epoch_of
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from integration.archive.logs import (
    PERSON,
    an_email,
    archive_all,
    connected,
    damage_block,
    digests,
    ends,
    erase_in_broker,
    write_emails,
    write_others,
)
from support.brokers import start_server
from support.waiting import eventually

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("is_index_lost", [False, True])
async def test_a_damaged_block_is_found_and_healed(
    archive: Archive, tmp_path: Path, *, is_index_lost: bool
) -> None:
    """A byte flipped in a block file of the server: verify tells which events, heal mends them.

    One event is unreadable; without its index, the server forgets all that follows.
    """
    folder = tmp_path / "nats"
    folder.mkdir()
    with start_server(folder) as url:
        async with connected(url) as client:
            await apply_streams(client)
            await write_others(client)
            await write_emails(client, 700)
            await archive_all(client, archive)
            if not is_index_lost:
                await write_emails(client, 20, start=701)
                await erase_in_broker(client, "EMAIL", [50, 51])
            before = await digests(client)
    damage_block(folder / "store", "EMAIL", f"{PERSON}000300".encode())
    if is_index_lost:
        for index in (folder / "store").rglob("EMAIL/msgs/index.db"):
            index.unlink()

    with start_server(folder) as url:
        async with connected(url) as client:
            found = (await verify(archive, "EMAIL", BrokerLog(client, "EMAIL"))).findings
            healed = await heal(client, archive, Healing())

            expected = (
                [("broker-behind", 300, 700)]
                if is_index_lost
                else [("broker-erased", 50, 51), ("broker-lost", 300, 300)]
            )
            assert expected == [(each.kind, each.first, each.last) for each in found]
            assert ["EMAIL"] == [each.stream for each in healed]
            assert before == await digests(client)
            assert 2 == await epoch_of(client)
            appended = await JetStreamEventStore(client).append([an_email(800)])
            assert (701 if is_index_lost else 721) == appended.sequence
            assert [] == await heal(client, archive, Healing())


async def test_what_was_lost_before_it_was_archived_is_told_from_what_was_erased(
    archive: Archive, tmp_path: Path
) -> None:
    """No reader of the broker is told of damage: the archive notes it as such, for ever."""
    folder = tmp_path / "nats"
    folder.mkdir()
    with start_server(folder) as url:
        async with connected(url) as client:
            await apply_streams(client)
            await write_emails(client, 40)
            await erase_in_broker(client, "EMAIL", [9, 10, 12])
    damage_block(folder / "store", "EMAIL", f"{PERSON}000011".encode())
    with start_server(folder) as url:
        async with connected(url) as client:
            await archive_now(client, archive, "EMAIL")

    report = await verify(archive, "EMAIL")
    assert [("lost-before-archived", 11, 11)] == [
        (found.kind, found.first, found.last) for found in report.findings
    ]
    assert (4, 36) == (report.missing, report.events)


async def test_what_the_broker_lists_as_erased_comes_back_when_asked(
    client: Client, archive: Archive
) -> None:
    """A block file that is gone altogether is listed like an erasure; the archive knows better."""
    await write_emails(client, 30)
    await archive_all(client, archive)
    before = await digests(client)
    await erase_in_broker(client, "EMAIL", [1, 9, 10])

    assert [] == await heal(client, archive, Healing())
    (healed,) = await heal(client, archive, Healing(deleted_too=True))

    assert 30 == healed.events
    assert before == await digests(client)


async def test_healing_loses_nothing_that_is_written_meanwhile(
    archive: Archive, tmp_path: Path
) -> None:
    """A writer at work all the while: each of its appends is acknowledged and there, or refused."""
    folder = tmp_path / "nats"
    folder.mkdir()
    with start_server(folder) as url:
        async with connected(url) as client:
            await apply_streams(client)
            await write_emails(client, 600)
            await archive_all(client, archive)
    damage_block(folder / "store", "EMAIL", f"{PERSON}000300".encode())
    with start_server(folder) as url:
        async with connected(url) as client, connected(url) as other:
            acknowledged: list[int] = []

            async def write() -> None:
                store = JetStreamEventStore(other)
                for number in range(1000, 100_000):
                    appended = await store.append([an_email(number)])
                    acknowledged.append(appended.sequence)

            writing = asyncio.create_task(write())
            await eventually(lambda: len(acknowledged) > 20)
            (healed,) = await heal(client, archive, Healing())
            written = len(acknowledged)
            await eventually(lambda: len(acknowledged) > written + 20, within_s=30)
            writing.cancel()
            await asyncio.wait({writing})
            end = (await BrokerLog(client, "EMAIL").state()).last
            report = await verify(archive, "EMAIL", BrokerLog(client, "EMAIL"))

    assert healed.last > 600
    assert [] == report.findings
    assert list(range(601, 601 + len(acknowledged))) == acknowledged
    assert end in (acknowledged[-1], acknowledged[-1] + 1)


async def test_the_last_event_lost_keeps_its_sequence(archive: Archive, tmp_path: Path) -> None:
    """Lost before it was archived: the next append must not get a sequence that readers passed."""
    folder = tmp_path / "nats"
    folder.mkdir()
    with start_server(folder) as url:
        async with connected(url) as client:
            await apply_streams(client)
            await write_emails(client, 40)
    damage_block(folder / "store", "EMAIL", f"{PERSON}000040".encode())
    with start_server(folder) as url:
        async with connected(url) as client:
            tail = await archive_now(client, archive, "EMAIL")

    report = await verify(archive, "EMAIL")
    assert 40 == tail.sequence
    assert [("lost-before-archived", 40, 40)] == [
        (found.kind, found.first, found.last) for found in report.findings
    ]


async def test_a_log_that_went_another_way_is_not_healed(client: Client, archive: Archive) -> None:
    """Events written after the loss would be lost in turn: a person has to decide."""
    await write_emails(client, 20)
    await archive_all(client, archive)
    await request_api(client, "STREAM.DELETE.EMAIL")
    await apply_streams(client)
    await write_emails(client, 10, start=100)

    with pytest.raises(NotMendable, match="EMAIL:1 broker-differs"):
        await heal(client, archive, Healing())

    assert 10 == (await ends(client))["EMAIL"]


async def test_readers_of_a_healed_stream_go_on(client: Client, archive: Archive) -> None:
    """A follower that was at work sees what comes after, from where it was."""
    await write_emails(client, 30)
    await archive_all(client, archive)
    seen: list[int] = []

    async def follow() -> None:
        async with aclosing(JetStreamEventStore(client).follow("EMAIL")) as batches:
            async for batch in batches:
                seen.extend(each.sequence for each in batch)

    reader = asyncio.create_task(follow())
    await eventually(lambda: len(seen) == 30)
    await open_door(client, "EMAIL", Plan(2))
    await heal(client, archive, Healing(["EMAIL"]))
    await write_emails(client, 5, start=31)
    await eventually(lambda: len(seen) >= 35, within_s=30)
    reader.cancel()

    assert list(range(1, 36)) == seen
