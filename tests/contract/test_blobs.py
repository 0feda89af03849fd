"""What every blob store promises."""

import os
from collections.abc import AsyncIterator

import pytest

from courrier.events.blobs import BlobMissing, Blobs, MemoryBlobs, ref_of
from courrier.events.s3.blobs import S3Blobs
from support.s3 import fresh_bucket


@pytest.fixture
async def s3_blobs(s3_endpoint: str) -> AsyncIterator[Blobs]:
    """Blobs in a bucket of their own."""
    async with fresh_bucket(s3_endpoint) as bucket:
        yield S3Blobs(bucket)


SERVED = [pytest.param(way, marks=pytest.mark.integration) for way in ("s3", "jetstream")]


@pytest.fixture(params=["memory", *SERVED])
def any_blobs(request: pytest.FixtureRequest) -> Blobs:
    """Each adapter in turn."""
    if request.param == "memory":
        return MemoryBlobs()
    names = {"s3": "s3_blobs", "jetstream": "blobs"}
    blobs: Blobs = request.getfixturevalue(names[request.param])
    return blobs


async def test_bytes_come_back_as_they_were(any_blobs: Blobs) -> None:
    """Empty, small, compressible, random, and larger than one chunk or one batch."""
    originals = [b"", b"x", b"abc" * 100_000, os.urandom(700_000), os.urandom(9_000_000)]
    originals += [os.urandom(2_000) for _ in range(300)]

    refs = await any_blobs.put(originals)

    assert [ref_of(data) for data in originals] == refs
    for ref, data in zip(refs, originals, strict=True):
        assert data == await any_blobs.get(ref.digest)


async def test_storing_twice_is_storing_once(any_blobs: Blobs) -> None:
    """Repeats are harmless: in one call, in the next, and after a lost acknowledgement."""
    data = os.urandom(600_000)
    first = await any_blobs.put([data, data])
    again = await any_blobs.put([data])

    assert [first[0], first[0]] == first
    assert first[0] == again[0]
    assert data == await any_blobs.get(again[0].digest)


async def test_a_blob_that_is_not_there_is_named(any_blobs: Blobs) -> None:
    """The reader learns which one is missing."""
    with pytest.raises(BlobMissing, match="ab" * 32):
        await any_blobs.get("ab" * 32)


async def test_nothing_to_store_is_fine(any_blobs: Blobs) -> None:
    """A batch of messages may have no blob at all."""
    assert [] == await any_blobs.put([])


@pytest.mark.parametrize("damaged", [b"iother", b"zother", b"", b"i"])
@pytest.mark.integration
async def test_an_s3_object_that_was_changed_is_no_blob(s3_endpoint: str, damaged: bytes) -> None:
    """Whoever reads it gets the bytes of that digest, or learns that they are gone."""
    async with fresh_bucket(s3_endpoint) as bucket:
        (ref,) = await S3Blobs(bucket).put([b"original"])
        await bucket.put(ref.digest, damaged)

        with pytest.raises(BlobMissing, match="damaged"):
            await S3Blobs(bucket).get(ref.digest)
