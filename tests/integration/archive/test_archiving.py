"""The log leaves the broker: nothing is left out, written twice, or kept once it is erased."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from nats.aio.client import Client
from typing_extensions import override

from courrier.events.archive.archiver import (
    AnotherLog,
    Limits,
    StreamArchiver,
    archive_for_ever,
    archive_now,
)
from courrier.events.archive.broker_log import BrokerLog, same
from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.archive.lines import Archived, Erased, Gap
from courrier.events.archive.names import segment_name
from courrier.events.archive.segment import write_segment
from courrier.events.archive.verify import Finding, verify
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.streams import apply_streams
from courrier.events.segment_store import SegmentExists
from courrier.events.store import EventStore
from integration.archive.logs import (
    PERSON,
    connected,
    erase_in_broker,
    files_with,
    write_emails,
    write_others,
)
from support.waiting import eventually

pytestmark = pytest.mark.integration

SMALL = Limits(events=100, age_s=0.2, poll_s=0.02)


async def findings(archive: Archive, stream: str = "EMAIL") -> list[Finding]:
    """Return what a check of the archive alone finds."""
    return (await verify(archive, stream)).findings


async def test_every_event_is_archived_to_the_byte(client: Client, any_archive: Archive) -> None:
    """Segment after segment, and again from where the archive ends; all of it verifies."""
    await write_emails(client, 250)
    archiver = StreamArchiver(BrokerLog(client, "EMAIL"), any_archive, SMALL)
    assert 250 == (await archiver.catch_up()).sequence
    await write_emails(client, 30, start=251)
    assert 280 == (await archive_now(client, any_archive, "EMAIL")).sequence
    assert 280 == (await archive_now(client, any_archive, "EMAIL")).sequence

    report = await verify(any_archive, "EMAIL", BrokerLog(client, "EMAIL"))

    assert [] == report.findings
    assert (280, 280) == (report.events, report.last)
    assert 4 == len(await any_archive.segments("EMAIL"))


async def test_what_the_broker_erased_is_a_gap(client: Client, archive: Archive) -> None:
    """At the start, within and at the end; the events after it keep their sequences."""
    await write_emails(client, 20)
    await erase_in_broker(client, "EMAIL", [1, 2, 7, 8, 9, 19, 20])

    tail = await archive_now(client, archive, "EMAIL")
    lines = [line async for lines in archive.lines("EMAIL") for line in lines]

    assert 20 == tail.sequence
    assert [Gap(1, 2, "deleted"), Gap(7, 9, "deleted"), Gap(19, 20, "deleted")] == [
        line for line in lines if isinstance(line, Gap)
    ]
    assert [3, 4, 5, 6, *range(10, 19)] == [
        line.sequence for line in lines if isinstance(line, Archived)
    ]
    assert [] == await findings(archive)


async def test_the_leader_is_asked_for_what_a_replica_does_not_give(client: Client) -> None:
    """Its answer is the same event to the byte, also where there is no header or no body."""
    await write_emails(client, 2)
    await client.request("email.00.bare", b"", timeout=5)
    await client.request("email.00.odd", b"\xff", timeout=5, headers={"a": "b: c"})
    log = BrokerLog(client, "EMAIL")

    for message in await log.page(1):
        answer = await log.from_leader(message.sequence)
        assert answer is not None
        assert same(message, answer)
    assert await log.from_leader(5) is None


async def test_two_archivers_at_once_write_one_archive(client: Client, archive: Archive) -> None:
    """Even without a lease: of two that go on from the same place, one finds the name taken."""
    await write_emails(client, 950)

    async def catch_up(events: int) -> None:
        while True:
            with suppress(SegmentExists):
                log = BrokerLog(client, "EMAIL")
                await StreamArchiver(log, archive, replace(SMALL, events=events)).catch_up()
                return

    await asyncio.gather(*(catch_up(events) for events in (70, 100, 130)))
    report = await verify(archive, "EMAIL", BrokerLog(client, "EMAIL"))

    assert [] == report.findings
    assert (950, 950) == (report.events, report.last)


async def test_an_archiver_follows_until_it_is_stopped(
    client: Client, archive: Archive, store: EventStore
) -> None:
    """A second one waits for the lease and goes on where the archive ends."""
    await write_others(client)
    await write_emails(client, 10)

    async def is_archived(stream: str) -> bool:
        return (await archive.tail(stream)).sequence == await store.end(stream)

    leases = [JetStreamLeases(client, name) for name in "ab"]
    first = asyncio.create_task(archive_for_ever(client, archive, leases[0], SMALL))
    await eventually(lambda: is_archived("EMAIL"))
    second = asyncio.create_task(archive_for_ever(client, archive, leases[1], SMALL))
    await write_emails(client, 10, start=11)
    for stream in ("EMAIL", "SETTINGS", "CRM"):
        await eventually(lambda stream=stream: is_archived(stream))  # type: ignore[misc]
    first.cancel()
    await asyncio.wait({first})
    await write_emails(client, 10, start=21)
    await eventually(lambda: is_archived("EMAIL"), within_s=20)
    second.cancel()
    await asyncio.wait({second})

    assert [] == (await verify(archive, "EMAIL", BrokerLog(client, "EMAIL"))).findings


async def test_another_broker_is_not_mixed_in(
    client: Client, archive: Archive, tmp_path: Path
) -> None:
    """A wiped broker that was not restored, or another system's, is refused."""
    await write_emails(client, 20)
    await archive_now(client, archive, "EMAIL")
    await request_api(client, "STREAM.DELETE.EMAIL")
    await apply_streams(client)

    with pytest.raises(AnotherLog, match="ends at 0 in the broker, at 20 in the archive"):
        await archive_now(client, archive, "EMAIL")
    await write_emails(client, 30)
    with pytest.raises(AnotherLog, match="EMAIL:20 is another event"):
        await archive_now(client, archive, "EMAIL")


async def test_erased_is_erased(client: Client, archive: Archive, archive_folder: Path) -> None:
    """No byte of the data is left in any file, compressed or not, and the chain verifies."""
    await write_emails(client, 120)
    await StreamArchiver(BrokerLog(client, "EMAIL"), archive, SMALL).catch_up()
    marker = f"{PERSON}000007-".encode()
    assert [archive_folder / segment_name("EMAIL", 1)] == files_with(archive_folder, marker)
    half = archive_folder / ".half"
    (half / "left-by-a-crash").write_bytes(marker)

    await archive.erase("EMAIL", [7, 107])
    await archive.erase("EMAIL", [7])

    assert [] == files_with(archive_folder, marker)
    assert [] == files_with(archive_folder, f"{PERSON}000107-".encode())
    assert files_with(archive_folder, f"{PERSON}000008-".encode())
    report = await verify(archive, "EMAIL")
    assert ([], 118, 2) == (report.findings, report.events, report.erased)


async def test_what_is_erased_before_it_is_archived_never_is(
    client: Client, archive: Archive, archive_folder: Path
) -> None:
    """An archiver that has read the event already, and closes the segment later, drops it."""
    await write_emails(client, 20)
    archiver = StreamArchiver(
        BrokerLog(client, "EMAIL"), archive, replace(SMALL, events=1000, age_s=1000)
    )
    following = asyncio.create_task(archiver.follow())
    await eventually(lambda: len(archiver._draft) == 20)
    await archive.erase("EMAIL", [5])
    await archiver._close()
    following.cancel()

    assert [] == files_with(archive_folder, f"{PERSON}000005-".encode())
    assert [5] == [
        line.sequence
        async for lines in archive.lines("EMAIL")
        for line in lines
        if isinstance(line, Erased)
    ]
    assert [] == await findings(archive)


class PausingStorage(DirectorySegments):
    """A directory whose next replacement waits until it is let go."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.arrived, self.go = asyncio.Event(), asyncio.Event()

    @override
    async def replace(self, name: str, data: bytes) -> None:
        """Put other bytes in an object's place, later."""
        self.arrived.set()
        await self.go.wait()
        await super().replace(name, data)


async def test_a_slow_erasure_does_not_undo_a_quick_one(
    client: Client, archive: Archive, archive_folder: Path
) -> None:
    """It read the segment before the other one's erasure, and stores it after."""
    await write_emails(client, 40)
    await archive_now(client, archive, "EMAIL")
    storage = PausingStorage(archive_folder)
    slow = asyncio.create_task(Archive(storage).erase("EMAIL", [7]))
    await storage.arrived.wait()
    await archive.erase("EMAIL", [8])
    storage.go.set()
    await slow

    assert [] == files_with(archive_folder, f"{PERSON}000007-".encode())
    assert [] == files_with(archive_folder, f"{PERSON}000008-".encode())
    assert [] == await findings(archive)


async def test_erasures_at_once_undo_nothing(client: Client, any_archive: Archive) -> None:
    """Each rewrites the segment; none brings back what another dropped."""
    await write_emails(client, 40)
    await archive_now(client, any_archive, "EMAIL")

    await asyncio.gather(*(any_archive.erase("EMAIL", [n, n + 1]) for n in range(1, 31, 3)))
    (name,) = await any_archive.segments("EMAIL")
    lines = (await any_archive.segment(name)).lines

    assert [n for n in range(1, 31) if n % 3] == [
        line.sequence for line in lines if isinstance(line, Erased)
    ]


async def test_a_missing_segment_is_found(client: Client, archive: Archive) -> None:
    """With the sequences that it held."""
    await write_emails(client, 300)
    await StreamArchiver(BrokerLog(client, "EMAIL"), archive, SMALL).catch_up()
    await archive.store.delete(segment_name("EMAIL", 101))

    found = await findings(archive)

    assert ("segment-missing", 101, 200) == (found[0].kind, found[0].first, found[0].last)


async def test_a_rewritten_segment_is_found(client: Client, archive: Archive) -> None:
    """One event replaced, and the segment made consistent: the next one does not go on from it."""
    await write_emails(client, 300)
    await StreamArchiver(BrokerLog(client, "EMAIL"), archive, SMALL).catch_up()
    name = segment_name("EMAIL", 101)
    segment = await archive.segment(name)
    forged = await archive_elsewhere(segment.lines[3])
    lines = [*segment.lines[:3], forged, *segment.lines[4:]]
    await archive.store.replace(name, write_segment(replace(segment, lines=lines)))

    found = [str(finding) for finding in await findings(archive)]

    assert 1 == len(found)
    assert "its chain value is not that of its lines" in found[0]


async def archive_elsewhere(line: object) -> Archived:
    """Return an event with another body, its leaf right for it."""
    assert isinstance(line, Archived)
    return Archived(line.sequence, line.subject, line.headers, b"{}", line.salt)


async def test_the_broker_is_compared_event_by_event(
    client: Client, archive: Archive, nats_url: str
) -> None:
    """Erased here and not there, or the other way round, each with its sequence."""
    await write_emails(client, 50)
    await archive_now(client, archive, "EMAIL")
    await erase_in_broker(client, "EMAIL", [9, 10, 30])
    await archive.erase("EMAIL", [20, 30])

    async with connected(nats_url) as other:
        report = await verify(archive, "EMAIL", BrokerLog(other, "EMAIL"))

    assert [("broker-erased", 9, 10), ("broker-kept", 20, 20)] == [
        (finding.kind, finding.first, finding.last) for finding in report.findings
    ]
