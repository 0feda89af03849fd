"""Blobs that nobody refers to are collected after the grace, and no others, whoever races."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from nats.aio.client import Client

from courrier.events.blobs import BlobMissing
from courrier.events.families.configuration import TemplateAdded
from courrier.events.families.drafts import DraftSaved
from courrier.events.families.mailbox import BlobRef, MessageErased, MessageReceived
from courrier.events.families.uploads import FileUploaded
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf, use
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import open_pool
from courrier.gateway.handlers.collecting import Collecting
from courrier.gateway.ports import Collected
from courrier.gateway.projections.blob_references import STREAMS, RowReferences
from support.builders import example, new_event, recorded

from .read_models import ReadModels

pytestmark = pytest.mark.integration

GRACE = timedelta(days=7)


@dataclass
class Shop:
    """Blobs, references and a collector whose clock can be turned."""

    client: Client
    store: JetStreamEventStore
    models: ReadModels
    blobs: JetStreamBlobs
    late: timedelta = timedelta(days=8)

    async def collect(self, *, dry_run: bool = False) -> Collected:
        """Look over all blobs, ``late`` after they were stored."""
        collecting = Collecting(
            self.store,
            JetStreamBlobShelf(self.client),
            RowReferences(self.models.pool),
            grace=GRACE,
            clock=lambda: datetime.now(UTC) + self.late,
        )
        return await collecting.collect(dry_run=dry_run)

    async def put(self, data: bytes) -> BlobRef:
        """Store a blob."""
        (ref,) = await self.blobs.put([data])
        return ref

    async def is_there(self, ref: BlobRef) -> bool:
        """Tell whether the blob can be read."""
        try:
            await self.blobs.get(ref.digest)
        except BlobMissing:
            return False
        return True


@pytest.fixture
async def shop(
    client: Client, store: JetStreamEventStore, database_url: str
) -> AsyncIterator[Shop]:
    """An empty one."""
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    pool = await open_pool(database_url, name="test", service="gateway", size=3)
    yield Shop(client, store, ReadModels(pool), JetStreamBlobs(client))
    await pool.close()


async def test_uploads_stay_as_long_as_a_draft_or_template_names_them(shop: Shop) -> None:
    """So do a draft's texts; what an earlier save referred to goes, and an orphaned upload."""
    text, old, file, paper, orphan = [
        await shop.put(each) for each in (b"text", b"old", b"file", b"paper", b"orphan")
    ]
    written = {"id": "f1", "filename": "a", "content_type": "text/plain", "content": file}
    template = example(TemplateAdded, fields={"name": "T", "attachment_ids": ["f2"]})
    await shop.models.feed(
        [
            recorded(example(DraftSaved, fields={"text": old}), id="d1", sequence=1),
            recorded(
                example(DraftSaved, fields={"text": text, "files": [written]}),
                id="d2",
                sequence=2,
                version=2,
            ),
        ]
    )
    await shop.models.feed(
        [
            recorded(example(FileUploaded, upload_id="f2", content=paper), id="u1", sequence=1),
            recorded(example(FileUploaded, upload_id="f3", content=orphan), id="u2", sequence=2),
            recorded(template, id="t1", sequence=3),
        ]
    )

    await shop.collect()

    left = [await shop.is_there(each) for each in (text, old, file, paper, orphan)]
    assert [True, False, True, True, False] == left


async def test_what_somebody_refers_to_stays_and_the_rest_goes(shop: Shop) -> None:
    """Erasing the message takes the reference with it; a dry run only counts."""
    kept, orphan = await shop.put(b"kept"), await shop.put(b"orphan")
    await shop.models.feed([recorded(example(MessageReceived, raw=kept), id="m1")])

    assert await shop.collect(dry_run=True) == Collected(2, 1, 0, 1)
    assert await shop.is_there(orphan)
    assert await shop.collect() == Collected(2, 1, 0, 1)

    assert (await shop.is_there(kept), await shop.is_there(orphan)) == (True, False)
    await shop.models.feed([recorded(example(MessageErased, source_ids=["m1"]), sequence=2)])
    assert await shop.collect() == Collected(1, 1, 0, 1)


async def test_a_young_blob_is_left_alone(shop: Shop) -> None:
    """Its event may be on its way; a grace shorter than two days is not believed."""
    ref = await shop.put(b"young")
    shop.late = timedelta(days=6)

    assert await shop.collect() == Collected(1, 1, 1, 0)
    assert await shop.is_there(ref)


async def test_nothing_is_collected_while_references_are_still_being_counted(shop: Shop) -> None:
    """Rows that lag, or are built anew, know less than the log."""
    ref = await shop.put(b"referred to, but not yet counted")
    await shop.store.append([new_event(example(MessageReceived, raw=ref), expected=0)])

    assert await shop.collect() == Collected(1, 1, 0, 0)
    assert await shop.is_there(ref)


@dataclass
class RacingReferences:
    """References between which a writer does something."""

    client: Client
    digest: str
    streams: tuple[str, ...] = STREAMS
    asked: list[Sequence[str]] = field(default_factory=list)

    async def are_complete(self, ends: Mapping[str, int]) -> bool:
        """All is counted."""
        return True

    async def referred(self, digests: Sequence[str]) -> set[str]:
        """Nobody refers to it yet; the second time, right before it is taken, a writer comes."""
        self.asked.append(digests)
        if len(self.asked) == 2:
            assert await use(self.client, self.digest, 0) is not None
        return set()


async def test_a_writer_that_comes_in_the_last_moment_keeps_its_blob(shop: Shop) -> None:
    """It has stored the blob and not yet appended the event that refers to it."""
    ref = await shop.put(b"about to be referred to")
    collecting = Collecting(
        shop.store,
        JetStreamBlobShelf(shop.client),
        RacingReferences(shop.client, ref.digest),
        grace=GRACE,
        clock=lambda: datetime.now(UTC) + shop.late,
    )

    assert await collecting.collect() == Collected(1, 1, 0, 0)
    assert await shop.is_there(ref)
