"""An erasure that dies at any order it gives is finished by giving it again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.archive.archiver import archive_now
from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.archive.lines import Archived
from courrier.events.base import Command
from courrier.events.bus import Answer
from courrier.events.commands.erasing import (
    EraseAddress,
    EraseEmail,
    EraseOutbound,
    EraseReceived,
    EraseRecord,
    NoteErasure,
)
from courrier.events.erasure.plan import Target
from courrier.events.erasure.run import Erasure, Outcome, Stores
from courrier.events.families.crm import AddressAssigned, RecordCreated
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import SendRequested
from courrier.events.identity import Identity
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.fetcher.handlers.erasing import Erasing as FetcherErasing
from courrier.gateway.handlers.erasing import Erasing as GatewayErasing
from courrier.gateway.handlers.records import RecordLog
from courrier.linker.handlers.erasing import Erasing as LinkerErasing
from courrier.sender.handlers.erasing import Erasing as SenderErasing
from support.builders import ADA, example, new_event
from support.byte_search import files_with

pytestmark = pytest.mark.integration

STREAMS = ("MAILBOX", "EMAIL", "OUTBOUND", "CRM")
ORDERS = 7
"""How many this erasure gives: one a stream and record, its beginning and its end."""


class Died(Exception):
    """The process that erases was killed."""


class Owners:
    """The four services, without their processes; whoever asks dies after ``left`` orders."""

    def __init__(self, store: JetStreamEventStore, client: Client, identity: Identity) -> None:
        eraser = JetStreamEraser(client)
        fetcher = FetcherErasing(store, eraser, identity=identity, now=_now)
        linker = LinkerErasing(store, eraser, identity=identity, clock=_now)
        gateway = GatewayErasing(RecordLog(store, identity), eraser, _now)
        self.left = 0
        self._by_kind: dict[type[Command], Callable[..., Awaitable[Answer]]] = {
            EraseReceived: fetcher.answer,
            EraseEmail: linker.answer,
            EraseOutbound: SenderErasing(store, eraser, _now).answer,
            EraseRecord: gateway.erase_record,
            EraseAddress: gateway.erase_address,
            NoteErasure: gateway.note,
        }

    async def ask(self, command: Command) -> Answer:
        """Carry the order out, and die before its answer is heard when it is time."""
        self.left -= 1
        answer = await self._by_kind[type(command)](command)
        if self.left == 0:
            raise Died
        return answer


@pytest.mark.parametrize("dies_after", range(1, ORDERS + 1))
async def test_an_erasure_is_finished_wherever_it_was_cut_off(
    store: JetStreamEventStore,
    client: Client,
    identity: Identity,
    tmp_path: Path,
    dies_after: int,
) -> None:
    """Log, blobs and archive hold nothing of it, and what is left is tombstones."""
    blobs = JetStreamBlobs(client)
    (raw,) = await blobs.put([ADA["address"].encode()])
    await _settle(store, identity, {"digest": raw.digest, "size": raw.size})
    archive = Archive(DirectorySegments(tmp_path / "archive"))
    for stream in STREAMS:
        await archive_now(client, archive, stream)
    owners = Owners(store, client, identity)
    stores = Stores(client, owners, blobs, JetStreamBlobShelf(client), archive)
    target = Target(ADA["address"])
    owners.left = dies_after

    with pytest.raises(Died):
        await _erase(stores, identity, target)
    outcome = await _erase(stores, identity, target)

    assert outcome.refused == []
    assert files_with(tmp_path / "nats", ADA["address"]) == []
    for stream in STREAMS:
        async for lines in archive.lines(stream):
            kept = [line for line in lines if isinstance(line, Archived)]
            assert not any(ADA["address"].encode() in line.data for line in kept)


async def _erase(stores: Stores, identity: Identity, target: Target) -> Outcome:
    erasure = Erasure(stores, identity, target, actor="admin:test")
    return await erasure.run(await erasure.plan())


async def _settle(store: JetStreamEventStore, identity: Identity, raw: dict[str, object]) -> None:
    fields = {"name": "Ada", "email_addresses": [ADA["address"]]}
    for event in (
        example(MessageReceived, raw=raw),
        example(EmailImported, raw=raw),
        example(SendRequested, email_id="4" * 32, raw=raw),
        example(RecordCreated, fields=fields),
    ):
        await store.append([new_event(event, expected=0)])
    where = subjects.address(identity.address(ADA["address"]))
    await store.append([new_event(example(AddressAssigned), where, expected=0)])


def _now() -> datetime:
    return datetime.now(UTC)
