"""What every storage of the archive promises."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from courrier.events.archive.directory import DirectorySegments
from courrier.events.s3.bucket import BucketAddress, open_bucket
from courrier.events.s3.segments import S3Segments
from courrier.events.segment_store import SegmentExists, SegmentMissing, SegmentStore
from courrier.events.store import StoreUnavailable
from support.s3 import KEYS, fresh_bucket

NAME = "log/EMAIL/00000000000000000001.ndjson.zst"
SERVED = [pytest.param(way, marks=pytest.mark.integration) for way in ("s3", "s3-versioned")]


@pytest.fixture(params=["directory", *SERVED])
async def segments(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SegmentStore]:
    """Each adapter in turn."""
    if request.param == "directory":
        yield DirectorySegments(tmp_path / "deep" / "archive")
        return
    async with AsyncExitStack() as held:
        endpoint: str = request.getfixturevalue("s3_endpoint")
        versioned = request.param == "s3-versioned"
        bucket = await held.enter_async_context(fresh_bucket(endpoint, versioned=versioned))
        yield S3Segments(bucket)


async def test_bytes_come_back_as_they_were(segments: SegmentStore) -> None:
    """Empty, small and large objects."""
    for number, data in enumerate((b"", b"x", os.urandom(3_000_000))):
        await segments.write(f"log/EMAIL/{number}", data)

        assert data == await segments.read(f"log/EMAIL/{number}")


async def test_what_is_written_stands(segments: SegmentStore) -> None:
    """A second write of a name changes nothing and says so."""
    await segments.write(NAME, b"first")

    with pytest.raises(SegmentExists):
        await segments.write(NAME, b"second")

    assert b"first" == await segments.read(NAME)


async def test_of_writers_at_once_one_succeeds(segments: SegmentStore) -> None:
    """The others learn it; the bytes are the winner's."""
    tries = (segments.write(NAME, bytes([n]) * 100_000) for n in range(8))
    ended = await asyncio.gather(*tries, return_exceptions=True)

    (winner,) = [n for n, end in enumerate(ended) if end is None]
    assert all(isinstance(end, SegmentExists) for n, end in enumerate(ended) if n != winner)
    assert bytes([winner]) * 100_000 == await segments.read(NAME)


async def test_a_replaced_object_is_the_new_one(segments: SegmentStore) -> None:
    """Whether or not there was one."""
    await segments.write(NAME, b"first")
    await segments.replace(NAME, b"second")

    assert b"second" == await segments.read(NAME)
    assert [NAME] == await segments.names("")


async def test_names_are_those_with_the_prefix_in_order(segments: SegmentStore) -> None:
    """A prefix may end anywhere in a name; more than one page of them is no limit."""
    wanted = [f"log/EMAIL/{number:04d}" for number in range(30)]
    for name in (*reversed(wanted), "log/MAILBOX/0001", "erasures/EMAIL/1"):
        await segments.write(name, b"x")

    assert wanted == await segments.names("log/EMAIL/")
    assert wanted[10:20] == await segments.names("log/EMAIL/001")
    assert [] == await segments.names("log/CRM/")
    assert len(wanted) + 2 == len(await segments.names(""))


async def test_a_missing_object_is_named(segments: SegmentStore) -> None:
    """The reader learns which one; deleting it is fine."""
    await segments.delete(NAME)
    with pytest.raises(SegmentMissing, match="00000000000000000001"):
        await segments.read(NAME)


async def test_a_deleted_object_is_gone(segments: SegmentStore) -> None:
    """Its name is free again."""
    await segments.write(NAME, b"first")
    await segments.delete(NAME)

    assert [] == await segments.names("")
    await segments.write(NAME, b"second")
    assert b"second" == await segments.read(NAME)


@pytest.mark.integration
async def test_a_versioned_bucket_forgets_what_was_replaced(s3_endpoint: str) -> None:
    """Erased is erased: no older version can be asked for."""
    async with fresh_bucket(s3_endpoint, versioned=True) as bucket:
        segments = S3Segments(bucket)
        await segments.write(NAME, b"personal")
        await segments.replace(NAME, b"nothing")
        await segments.write("other", b"personal")
        await segments.delete("other")

        kept = await bucket._call("list_object_versions")
        assert [("courrier/test/" + NAME, True)] == [
            (version["Key"], version["IsLatest"]) for version in kept["Versions"]
        ]
        assert [] == kept.get("DeleteMarkers", [])


async def test_what_an_interrupted_write_left_is_swept(tmp_path: Path) -> None:
    """It was never listed, and then its bytes are gone too."""
    (tmp_path / ".half").mkdir()
    (tmp_path / ".half" / "x.1").write_bytes(b"personal")
    segments = DirectorySegments(tmp_path)

    assert [] == await segments.names("")
    await segments.sweep()

    assert [] == list((tmp_path / ".half").iterdir())


@pytest.mark.integration
async def test_storage_that_is_away_is_named() -> None:
    """The caller may wait and repeat: nothing else is raised, and not after minutes."""
    address = BucketAddress("bucket", "p", "http://127.0.0.1:1")
    async with open_bucket(address, KEYS) as bucket:
        asked = (bucket.get("x"), bucket.put("x", b""), bucket.keys(""), bucket.exists("x"))
        answers = await asyncio.gather(*asked, return_exceptions=True)

    assert [StoreUnavailable] * 4 == [type(answer) for answer in answers]


@pytest.mark.integration
async def test_a_bucket_that_is_not_there_is_named(s3_endpoint: str) -> None:
    """A misspelt setting is no empty archive."""
    async with open_bucket(BucketAddress("no-such-bucket", "p", s3_endpoint), KEYS) as bucket:
        with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
            await S3Segments(bucket).names("")
        with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
            await S3Segments(bucket).write("x", b"")


async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The disk's own words are kept."""
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StoreUnavailable, match="file"):
        await DirectorySegments(tmp_path / "file").write("x", b"")
