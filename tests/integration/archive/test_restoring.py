"""A lost broker is rebuilt from the archive: same sequences, headers and bytes."""

import asyncio
import os
from pathlib import Path

import pytest
from nats.aio.client import Client
from typing_extensions import override

from courrier.events.archive.archiver import archive_now
from courrier.events.archive.blob_copies import copy_blobs, erase_blobs, restore_blobs
from courrier.events.archive.broker_log import BrokerLog
from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.archive.restore import NotEmpty, restore
from courrier.events.archive.restoring import Plan, SomebodyWrote, fill, open_door
from courrier.events.archive.segment import SegmentDamaged
from courrier.events.archive.verify import verify
from courrier.events.blobs import BlobMissing
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.epoch import epoch_of
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import EVENT_STREAMS, apply_streams
from courrier.events.store import StoreUnavailable
from integration.archive.logs import (
    PERSON,
    an_email,
    archive_all,
    connected,
    digests,
    empty_server,
    ends,
    erase_in_broker,
    files_with,
    first_after,
    write_emails,
    write_others,
)

pytestmark = pytest.mark.integration

COUNT = 2_300


class EndingStorage(DirectorySegments):
    """Storage that is away after some reads of the log of e-mails."""

    def __init__(self, root: Path, reads: int) -> None:
        super().__init__(root)
        self._left = reads

    @override
    async def read(self, name: str) -> bytes:
        """Return an object's bytes as long as it is there."""
        self._left -= "log/EMAIL" in name
        if not self._left:
            raise StoreUnavailable("the storage went away")
        return await super().read(name)


async def a_log(client: Client) -> None:
    """Events of several streams, with gaps: at the start, in a row, and at the end."""
    await write_others(client)
    await write_emails(client, COUNT)
    await erase_in_broker(client, "EMAIL", [1, 500, 501, 502, 1999, COUNT - 1, COUNT])


async def test_a_lost_broker_is_rebuilt(
    client: Client, any_archive: Archive, tmp_path: Path
) -> None:
    """Equal digests, sequences, ids, headers and bytes; a follower goes on where it was."""
    await a_log(client)
    await archive_all(client, any_archive)
    before, last = await digests(client), await ends(client)
    after_old_position = [await first_after(client, "EMAIL", n) for n in (0, 500, 1998, 2000)]
    history = await JetStreamEventStore(client).load(an_email(42).subject)

    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new:
            restored = await restore(new, any_archive)

            assert before == {each.stream: each.digest for each in restored}
            assert (before, last) == (await digests(new), await ends(new))
            assert after_old_position == [
                await first_after(new, "EMAIL", n) for n in (0, 500, 1998, 2000)
            ]
            assert history == await JetStreamEventStore(new).load(an_email(42).subject)
            assert 2 == await epoch_of(new)
            for stream in EVENT_STREAMS:
                assert [] == (await verify(any_archive, stream, BrokerLog(new, stream))).findings


async def test_a_restored_broker_lives_on(client: Client, archive: Archive, tmp_path: Path) -> None:
    """Writers append under the sequences that they know, the archive goes on, no filler is left."""
    await a_log(client)
    await archive_all(client, archive)
    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new:
            await restore(new, archive)
            appended = await JetStreamEventStore(new).append([an_email(COUNT + 1)])

            assert COUNT + 1 == appended.sequence
            assert COUNT + 1 == (await archive_now(new, archive, "EMAIL")).sequence
            assert not set(EVENT_STREAMS) & set(await apply_streams(new))
            info = await request_api(new, "STREAM.INFO.EMAIL", {"subjects_filter": "email.gap"})
            assert not info["state"].get("subjects")
            assert COUNT - 7 + 1 == info["state"]["messages"]
            changed = info["config"] | {"duplicate_window": 200_000_000}
            await request_api(new, "STREAM.UPDATE.EMAIL", changed)
            assert ["EMAIL"] == await apply_streams(new)
            assert 2 == (await BrokerLog(new, "EMAIL").state()).epoch


async def test_every_restore_begins_an_epoch_of_its_own(
    client: Client, archive: Archive, tmp_path: Path
) -> None:
    """Also from the same archive: two logs that parted have different positions."""
    await write_emails(client, 3)
    await archive_all(client, archive)
    epochs = []
    for name in ("one", "two"):
        with empty_server(tmp_path / name) as url:
            async with connected(url) as new:
                await restore(new, archive)
                epochs.append(await epoch_of(new))

    assert [2, 3] == epochs


async def test_an_interrupted_restore_goes_on(
    client: Client, archive: Archive, archive_folder: Path, tmp_path: Path
) -> None:
    """Whatever stood when it was interrupted; meanwhile no service can write between."""
    await a_log(client)
    await archive_all(client, archive)
    before = await digests(client)
    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new:
            store = JetStreamEventStore(new)
            with pytest.raises(StoreUnavailable, match="went away"):
                await restore(new, Archive(EndingStorage(archive_folder, reads=4)))
            assert 0 < (await BrokerLog(new, "EMAIL").state()).last < COUNT
            assert "EMAIL" not in await apply_streams(new)
            with pytest.raises(StoreUnavailable):
                await store.append([an_email(COUNT + 1)])

            restored = await restore(new, archive)

            assert "EMAIL" in {each.stream for each in restored}
            assert before == await digests(new)
            assert {2} == {each.epoch for each in restored}


async def test_two_restores_at_once_mix_nothing(
    client: Client, archive: Archive, tmp_path: Path
) -> None:
    """One of them is refused, what it sent is not stored."""
    await a_log(client)
    await archive_all(client, archive)
    before = await digests(client)
    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new, connected(url) as other:
            await open_door(new, "EMAIL", Plan(2))
            ended = await asyncio.gather(
                *(fill(each, archive, "EMAIL", Plan(2)) for each in (new, other)),
                return_exceptions=True,
            )
            await restore(new, archive)

            assert any(isinstance(end, SomebodyWrote) for end in ended)
            assert before == await digests(new)


async def test_a_restore_over_events_is_refused(client: Client, archive: Archive) -> None:
    """Naming the streams; nothing is touched."""
    await a_log(client)
    await archive_all(client, archive)
    before = await digests(client)

    with pytest.raises(NotEmpty, match="EMAIL"):
        await restore(client, archive)

    assert before == await digests(client)


async def test_what_was_erased_does_not_come_back(
    client: Client, archive: Archive, tmp_path: Path
) -> None:
    """Erased in the archive only, even if the crash came before its segment was rewritten."""
    await write_emails(client, 30)
    await archive_all(client, archive)
    untouched = {name: await archive.store.read(name) for name in await archive.segments("EMAIL")}
    await archive.erase("EMAIL", [7])
    for name, data in untouched.items():
        await archive.store.replace(name, data)
    assert files_with(tmp_path / "archive", f"{PERSON}000007-".encode())

    report = await verify(archive, "EMAIL")
    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new:
            await restore(new, archive)

            assert 8 == (await first_after(new, "EMAIL", 6))[0]
    assert [("not-erased", 7)] == [(found.kind, found.first) for found in report.findings]
    assert not files_with(tmp_path / "new", f"{PERSON}000007-".encode())


async def test_a_damaged_archive_is_not_restored(
    client: Client, archive: Archive, archive_folder: Path, tmp_path: Path
) -> None:
    """The flipped byte is found at its event, and the restore says where it stopped."""
    await write_emails(client, 1200)
    await archive_all(client, archive)
    name = (await archive.segments("EMAIL"))[1]
    data = bytearray((archive_folder / name).read_bytes())
    data[len(data) // 2] ^= 0x40
    (archive_folder / name).write_bytes(data)

    findings = (await verify(archive, "EMAIL")).findings
    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new:
            with pytest.raises(SegmentDamaged, match=r"EMAIL/0*401\S+ is damaged at EMAIL:\d+"):
                await restore(new, archive)

    assert findings
    assert all(400 < finding.first <= 800 for finding in findings)


async def test_blobs_are_copied_and_come_back(
    client: Client, archive: Archive, archive_folder: Path, tmp_path: Path
) -> None:
    """Small, large and empty ones; an erased one leaves no byte."""
    blobs = JetStreamBlobs(client)
    originals = [b"", b"personal " * 9, os.urandom(900_000), *(os.urandom(99) for _ in range(50))]
    refs = await blobs.put(originals)

    assert len(originals) == (await copy_blobs(client, blobs, archive.store)).copied
    assert 0 == (await copy_blobs(client, blobs, archive.store)).copied
    await erase_blobs(archive.store, [refs[1].digest])
    with empty_server(tmp_path / "new") as url:
        async with connected(url) as new:
            await apply_streams(new)
            there = JetStreamBlobs(new)
            restored = await restore_blobs(there, archive.store)

            assert (len(originals) - 1, []) == (restored.copied, restored.damaged)
            assert originals[2] == await there.get(refs[2].digest)
            assert b"" == await there.get(refs[0].digest)
            with pytest.raises(BlobMissing):
                await there.get(refs[1].digest)
    assert [] == files_with(archive_folder, b"personal")
