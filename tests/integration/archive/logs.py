"""Logs to archive: events of several streams, secure deletes, servers whose files are damaged."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import zstandard
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.archive.archiver import Limits, StreamArchiver
from courrier.events.archive.broker_log import BrokerLog, digest_of
from courrier.events.archive.kept import Archive
from courrier.events.base import derived_id
from courrier.events.envelope import NewEvent
from courrier.events.families.crm import RecordCreated
from courrier.events.families.email import EmailMarkedRead
from courrier.events.families.settings import UserAdded
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import EVENT_STREAMS
from support.brokers import start_server
from support.builders import context, example

PERSON = "marker-of-a-person-"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """A connection to a server without users."""
    client = await connect(Broker(url=url, name="archive-test"))
    yield client
    await client.close()


@contextmanager
def empty_server(directory: Path) -> Iterator[str]:
    """A server without any stream."""
    directory.mkdir(exist_ok=True)
    with start_server(directory) as url:
        yield url


async def write_emails(client: Client, count: int, start: int = 1) -> None:
    """Append events of ``count`` e-mails; each tells its number by ``PERSON``."""
    store = JetStreamEventStore(client)
    numbers = range(start, start + count)
    for begin in range(0, count, 500):
        await store.append([an_email(n) for n in numbers[begin : begin + 500]])


def an_email(number: int) -> NewEvent:
    """The only event of an e-mail."""
    email_id = derived_id("archived", str(number)).hex
    event = EmailMarkedRead(email_id=email_id, person_id=f"{PERSON}{number:06d}-")
    return NewEvent(subjects.email(email_id), event, uuid4(), 1, context(), 0)


async def write_others(client: Client) -> None:
    """Append a few events of other streams."""
    store = JetStreamEventStore(client)
    for number in range(1, 6):
        user = f"{number:032x}"
        added = example(UserAdded, user_id=user)
        await store.append([NewEvent(subjects.user(user), added, uuid4(), 1, context(), 0)])
        created = example(RecordCreated)
        where = subjects.record("contact", user)
        await store.append([NewEvent(where, created, uuid4(), 1, context(), 0)])


async def archive_all(client: Client, archive: Archive) -> None:
    """Archive every stream up to its end, in segments of 400."""
    for stream in EVENT_STREAMS:
        await StreamArchiver(BrokerLog(client, stream), archive, Limits(events=400)).catch_up()


async def erase_in_broker(client: Client, stream: str, sequences: list[int]) -> None:
    """Delete securely, as an erasure does."""
    for sequence in sequences:
        await request_api(client, f"STREAM.MSG.DELETE.{stream}", {"seq": sequence})


async def digests(client: Client) -> dict[str, str]:
    """Return the digest of every event stream."""
    return {stream: (await digest_of(client, stream)).hexdigest() for stream in EVENT_STREAMS}


async def ends(client: Client) -> dict[str, int]:
    """Return the last sequence of every event stream."""
    store = JetStreamEventStore(client)
    return {stream: await store.end(stream) for stream in EVENT_STREAMS}


def bytes_in(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder, as it is and decompressed where that can be."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield path, data
            try:
                yield path, zstandard.ZstdDecompressor().decompressobj().decompress(data)
            except zstandard.ZstdError:
                continue


def files_with(folder: Path, marker: bytes) -> list[Path]:
    """Return the files that hold these bytes, compressed or not."""
    return [path for path, data in bytes_in(folder) if marker in data]


def damage_block(store: Path, stream: str, marker: bytes) -> None:
    """Overwrite a byte right after ``marker`` in the stream's block file; the server is down."""
    for block in store.rglob(f"{stream}/msgs/*.blk"):
        data = bytearray(block.read_bytes())
        place = data.find(marker)
        if place >= 0:
            data[place + len(marker)] ^= 0xFF
            block.write_bytes(data)
            return
    raise AssertionError(f"no block of {stream} holds {marker!r} in {store}")


async def first_after(client: Client, stream: str, sequence: int) -> tuple[int, str]:
    """Return sequence and id of what a follower gets that has seen ``sequence``."""
    follower = JetStreamEventStore(client).follow(stream, after=sequence)
    async with asyncio.timeout(10):
        batch = await anext(follower)
    await follower.aclose()
    return batch[0].sequence, batch[0].id
