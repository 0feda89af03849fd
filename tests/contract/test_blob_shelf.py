"""What taking blobs away promises, in every store that can."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from nats.aio.client import Client

from courrier.events.blobs import BlobMissing, Blobs, BlobShelf
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf, condemn, use
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.s3.blob_shelf import S3BlobShelf
from courrier.events.s3.blobs import S3Blobs
from support.s3 import fresh_bucket


@dataclass(frozen=True)
class Store:
    """Both sides of one store."""

    blobs: Blobs
    shelf: BlobShelf


@pytest.fixture
async def s3_store(s3_endpoint: str) -> AsyncIterator[Store]:
    """A bucket of its own."""
    async with fresh_bucket(s3_endpoint) as bucket:
        yield Store(S3Blobs(bucket), S3BlobShelf(bucket))


@pytest.fixture
def jetstream_store(client: Client) -> Store:
    """The stream of this test's broker."""
    return Store(JetStreamBlobs(client), JetStreamBlobShelf(client))


@pytest.fixture(
    params=[pytest.param(way, marks=pytest.mark.integration) for way in ("s3", "jetstream")]
)
def any_store(request: pytest.FixtureRequest) -> Store:
    """Each adapter in turn."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


async def listed(shelf: BlobShelf) -> set[str]:
    """Return all digests."""
    return {digest async for page in shelf.digests() for digest in page}


async def test_all_blobs_are_listed_and_none_twice(any_store: Store) -> None:
    """Also those of several chunks."""
    refs = await any_store.blobs.put([os.urandom(100), os.urandom(1_300_000)])

    pages = [page async for page in any_store.shelf.digests()]

    assert sorted(ref.digest for ref in refs) == sorted(d for page in pages for d in page)


async def test_what_is_erased_is_gone_and_the_others_are_not(any_store: Store) -> None:
    """Whoever refers to it; erasing again changes nothing."""
    gone, kept = await any_store.blobs.put([os.urandom(1_300_000), b"kept"])

    assert await any_store.shelf.erase([gone.digest]) == 1
    assert await any_store.shelf.erase([gone.digest]) == 0

    with pytest.raises(BlobMissing):
        await any_store.blobs.get(gone.digest)
    assert await any_store.blobs.get(kept.digest) == b"kept"
    assert await listed(any_store.shelf) == {kept.digest}
    assert await any_store.shelf.look(gone.digest) is None


async def test_what_was_collected_can_be_stored_again(any_store: Store) -> None:
    """Its content is a message's, which may come again."""
    data = os.urandom(1_300_000)
    (ref,) = await any_store.blobs.put([data])
    looked = await any_store.shelf.look(ref.digest)
    assert looked is not None

    assert await any_store.shelf.collect(looked)
    assert await listed(any_store.shelf) == set()
    await any_store.blobs.put([data])

    assert await any_store.blobs.get(ref.digest) == data


@pytest.mark.integration
async def test_a_blob_used_since_it_was_looked_at_is_not_collected(
    client: Client, jetstream_store: Store
) -> None:
    """A writer that found it stored says so, and is about to append its event."""
    (ref,) = await jetstream_store.blobs.put([b"old and used again"])
    looked = await jetstream_store.shelf.look(ref.digest)
    assert looked is not None

    assert await use(client, ref.digest, 0) is not None

    assert not await jetstream_store.shelf.collect(looked)
    assert await jetstream_store.blobs.get(ref.digest) == b"old and used again"


@pytest.mark.integration
async def test_a_writer_that_meets_a_condemned_blob_stores_it_anew(
    client: Client, jetstream_store: Store
) -> None:
    """The collector then erases what it looked at, and not what was stored since."""
    data = os.urandom(1_300_000)
    (ref,) = await jetstream_store.blobs.put([data])
    looked = await jetstream_store.shelf.look(ref.digest)
    assert looked is not None
    condemned = await condemn(client, ref.digest, 0)
    assert condemned is not None

    await jetstream_store.blobs.put([data])
    await _erase_what_was_looked_at(client, looked.mark)

    assert await jetstream_store.blobs.get(ref.digest) == data


@pytest.mark.integration
async def test_storing_twice_leaves_no_second_copy_behind(
    client: Client, jetstream_store: Store
) -> None:
    """What the broker replaces it does not overwrite: erasing would miss the first copy."""
    data = os.urandom(100)
    await jetstream_store.blobs.put([data])
    await jetstream_store.blobs.put([data, b"another"])

    state = (await request_api(client, "STREAM.INFO.BLOBS"))["state"]

    assert (state["messages"], state["last_seq"]) == (2, 2)


async def _erase_what_was_looked_at(client: Client, mark: str) -> None:
    for part in mark.split(","):
        order = {"seq": int(part.partition("=")[2]), "no_erase": False}
        await client.request("$JS.API.STREAM.MSG.DELETE.BLOBS", json.dumps(order).encode())
