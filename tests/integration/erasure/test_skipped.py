"""What a filter kept out is in no store once its time is over; what was taken back stays."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from nats.aio.client import Client

from courrier.events.archive.archiver import archive_now
from courrier.events.archive.blob_copies import copy_blobs
from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.archive.verify import verify
from courrier.events.base import Command
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.erasing import (
    DropBlobs,
    EraseEmail,
    EraseReceived,
    PurgeMessages,
)
from courrier.events.commands.linker import RecallSkipped
from courrier.events.families.configuration import FilterAdded
from courrier.events.families.email import EmailShared
from courrier.events.families.mailbox import MessageReceived
from courrier.events.identity import Identity
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import EVENT_STREAMS
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Projector
from courrier.fetcher.handlers.erasing import Erasing as FetcherErasing
from courrier.fetcher.handlers.purging import Purging as FetcherPurging
from courrier.gateway.adapters.unwanted_blobs import PostgresUnwantedBlobs
from courrier.gateway.handlers.dropping import Dropping
from courrier.gateway.projections import positions
from courrier.gateway.projections.blob_references import RowReferences
from courrier.gateway.projections.every import TABLES, projections_of
from courrier.linker.adapters.skips import PostgresWaitingSkips
from courrier.linker.handlers.erasing import Erasing
from courrier.linker.handlers.leaving import Leaving
from courrier.linker.handlers.purging import Purging
from courrier.linker.handlers.recalling import Recalling
from integration.linker.instances import Instance, imports, instance, put, read, settle
from support.builders import ACCOUNT, example
from support.byte_search import files_with

pytestmark = pytest.mark.integration

MARK, OTHER = ("xq" + os.urandom(8).hex(), "yw" + os.urandom(8).hex())
"""Stands in all that is said by the message that goes, and by the one that is taken back."""
HOUR = timedelta(hours=1)
TABLES_OF = """
    SELECT format('SELECT t::text FROM %I.%I AS t', schemaname, tablename) FROM pg_tables
     WHERE schemaname LIKE 'gateway%' OR schemaname LIKE 'linker%'
"""
SKIP = {"name": "Lamps", "scope": "account", "account_id": ACCOUNT, "action": "skip"}


class House:
    """Linker, fetcher and gateway over one broker and one database, and an archive; ``late``."""

    def __init__(
        self, client: Client, pools: tuple[Pool, Pool], directory: Path, identity: Identity
    ) -> None:
        self.client = client
        self.store = JetStreamEventStore(client)
        self.blobs = JetStreamBlobs(client)
        self.eraser = JetStreamEraser(client)
        self.archive = Archive(DirectorySegments(directory / "archive"))
        self.directory = directory
        self.late = timedelta()
        linker, self.gateway = pools
        self.purging = Purging(self.store, PostgresWaitingSkips(linker), self, self.now)
        fetcher = FetcherPurging(self.store, self.eraser, bus=self, now=self.now)
        self.dropping = Dropping(
            self.store,
            JetStreamBlobShelf(client),
            RowReferences(self.gateway),
            unwanted=PostgresUnwantedBlobs(self.gateway),
            clock=self.now,
        )
        self._answers: dict[type[Command], Callable[..., Awaitable[Answer]]] = {
            PurgeMessages: fetcher.answer,
            DropBlobs: self.dropping.answer,
            EraseReceived: FetcherErasing(
                self.store, self.eraser, identity=identity, now=self.now
            ).answer,
        }
        erasing = Erasing(self.store, self.eraser, identity=identity, clock=self.now)
        self.leaving = Leaving(self.store, self.eraser, bus=self, erasing=erasing)

    def now(self) -> datetime:
        """The time, as much later as the test wants it."""
        return datetime.now(UTC) + self.late

    async def ask(self, command: Command) -> Answer:
        """Be the bus between them."""
        return await self._answers[type(command)](command)

    async def project(self) -> None:
        """Let the gateway see all there is, and the archive."""
        for stream in TABLES:
            checkpoint = positions.checkpoint_of(stream)
            async with self.gateway.acquire() as db:
                seen = await checkpoint.read(db)
            if new := await read(self.store, stream, after=seen):
                projector = Projector(self.gateway, checkpoint, projections_of(stream))
                await projector.apply(new, seen)
        for stream in EVENT_STREAMS:
            await archive_now(self.client, self.archive, stream)
        await copy_blobs(self.client, self.blobs, self.archive.store)

    async def stores_with(self, text: str) -> set[str]:
        """Return which stores hold the text."""
        found = {name for name in ("nats", "archive") if files_with(self.directory / name, text)}
        async with self.gateway.acquire() as db:
            for (question,) in await db.fetch(TABLES_OF):
                rows = [str(row[0]) for row in await db.fetch(question)]
                found |= {"postgres"} if any(text in row for row in rows) else set()
        return found


async def message(house: House, mark: str, uid: int) -> MessageReceived:
    """A message that says one word everywhere, its bytes stored."""
    words = f"{mark} ".encode() + os.urandom(5000)
    (raw,) = await house.blobs.put([b"Subject: lamps\r\n\r\n" + words])
    sender = {"name": mark, "address": f"{mark}@lamps.test"}
    return example(
        MessageReceived,
        **{"from": sender, "subject": f"Lamps {mark}", "text": mark, "uid": uid},
        message_id=f"{mark}@lamps.test",
        raw=raw,
    )


async def opened(database_url: str) -> tuple[Pool, Pool]:
    """The tables of linker and gateway, and a pool over each."""
    for service in ("linker", "gateway"):
        await migrate(database_url, package=f"courrier.{service}", schema=service)
    linker = await open_pool(database_url, name="test", service="linker", size=3)
    return linker, await open_pool(database_url, name="test", service="gateway", size=3)


async def test_what_was_kept_out_is_in_no_store_once_its_time_is_over(
    client: Client,
    store: JetStreamEventStore,
    identity: Identity,
    database_url: str,
    tmp_path: Path,
) -> None:
    """Log, blobs, tables and archive forget it; the copy taken back in time is like any e-mail."""
    pools = await opened(database_url)
    linker: Instance = instance(pools[0], store, identity)
    house = House(client, pools, tmp_path, identity)
    await settle(store)
    await put(store, FilterAdded(filter_id="f1", fields=SKIP | {"subject": "Lamps *"}))
    received = await put(store, await message(house, MARK, 1), await message(house, OTHER, 2))
    await linker.take()
    recalling = Recalling(
        store, house.eraser, instance(pools[0], store, identity).linking, house.now
    )
    order = RecallSkipped(command_id=uuid4(), source_id=received[1].id, actor="user:u")
    assert [] == await imports(store)
    await house.project()
    before = await house.stores_with(MARK), await house.stores_with(OTHER)

    taken = await recalling.answer(order)
    again = await recalling.answer(order.model_copy(update={"command_id": uuid4()}))
    await linker.index.catch_up()
    early = await house.purging.tick()
    house.late = HOUR + timedelta(minutes=1)
    purged = await house.purging.tick()
    await linker.index.catch_up()
    assert 0 == await house.purging.tick()
    await house.project()
    dropped = await house.dropping.look()
    await house.project()
    too_late = RecallSkipped(command_id=uuid4(), source_id=received[0].id, actor="user:u")

    everywhere = {"nats", "postgres", "archive"}
    assert (everywhere, everywhere) == before
    assert (0, 1, 1) == (early, purged, dropped)
    assert [True, False] == [each.created for each in (taken, again) if isinstance(each, Done)]
    assert [f"Lamps {OTHER}"] == [each.subject for each in await imports(store)]
    assert set() == await house.stores_with(MARK)
    assert everywhere == await house.stores_with(OTHER)
    assert "gone" == getattr(await recalling.answer(too_late), "reason", None)
    for stream in ("MAILBOX", "EMAIL"):
        assert [] == (await verify(house.archive, stream)).findings
    for pool in pools:
        await pool.close()


async def test_of_what_nobody_holds_any_more_nothing_is_left_either(
    client: Client,
    store: JetStreamEventStore,
    identity: Identity,
    database_url: str,
    tmp_path: Path,
) -> None:
    """Message, bytes and e-mail go from every store; a place that is another's is not touched."""
    pools = await opened(database_url)
    linker: Instance = instance(pools[0], store, identity)
    house = House(client, pools, tmp_path, identity)
    await settle(store)
    await put(store, await message(house, MARK, 1), await message(house, OTHER, 2))
    await linker.take()
    await house.project()
    gone, kept = await imports(store)
    (moved,) = await put(store, example(EmailShared, email_id=gone.email_id, source_sequence=2))
    before = await house.stores_with(MARK)

    order = EraseEmail(command_id=uuid4(), email_id=gone.email_id, actor="service:linker")
    answers = [await house.leaving.answer(order) for _ in range(2)]
    await linker.index.catch_up()
    await house.project()
    house.late = HOUR
    dropped = await house.dropping.look()
    await house.project()

    assert {"nats", "postgres", "archive"} == before
    assert [True, True] == [isinstance(each, Done) for each in answers]
    assert 1 == dropped
    assert set() == await house.stores_with(MARK)
    assert {"nats", "postgres", "archive"} == await house.stores_with(OTHER)
    assert (kept.source_sequence, moved.sequence) == (2, 3)
    for pool in pools:
        await pool.close()
