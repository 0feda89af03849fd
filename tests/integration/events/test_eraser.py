"""What was erased is overwritten on the broker's disk; deleting alone would leave it there."""

import os
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events.families.email import EmailImported
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.jetstream.store import JetStreamEventStore
from support.builders import example, new_event
from support.byte_search import files_with

pytestmark = pytest.mark.integration

MARK = "xq" + os.urandom(8).hex()
OTHER = "yw" + os.urandom(8).hex()


async def test_erased_events_are_overwritten_and_their_neighbours_are_not(
    store: JetStreamEventStore, client: Client, tmp_path: Path
) -> None:
    """Searched in every file of the broker; erasing again finds nothing to do."""
    words = [MARK if n % 2 else OTHER for n in range(10)]
    events = [
        new_event(example(EmailImported, email_id=f"{n:032x}", subject=word), expected=0)
        for n, word in enumerate(words)
    ]
    await store.append(events)
    gone = [n for n, word in enumerate(words, start=1) if word == MARK]
    assert files_with(tmp_path, MARK)

    assert await JetStreamEraser(client).erase("EMAIL", gone) == 5
    assert await JetStreamEraser(client).erase("EMAIL", gone) == 0

    assert files_with(tmp_path, MARK) == []
    assert files_with(tmp_path, OTHER)
    left = await JetStreamEraser(client).read("EMAIL", range(1, 11))
    assert [1, 3, 5, 7, 9] == [recorded.sequence for recorded in left]


async def test_an_erased_blob_is_overwritten_also_when_it_was_stored_twice(
    client: Client, tmp_path: Path
) -> None:
    """Two people had the same message."""
    data = f"{MARK} {os.urandom(3000).hex()}".encode()
    blobs = JetStreamBlobs(client)
    (ref,) = await blobs.put([data])
    await blobs.put([data])
    assert files_with(tmp_path, MARK)

    await JetStreamBlobShelf(client).erase([ref.digest])

    assert files_with(tmp_path, MARK) == []


async def test_what_is_not_there_is_no_error(store: JetStreamEventStore, client: Client) -> None:
    """Before the first, in a gap, after the last, and where everything was erased."""
    eraser = JetStreamEraser(client)
    for n in range(4):
        new = new_event(example(EmailImported, email_id=f"{n:032x}"), expected=0)
        await store.append([new])

    assert await eraser.erase("EMAIL", [1, 3]) == 2
    assert await eraser.erase("EMAIL", [1, 3, 9]) == 0
    assert await eraser.erase("EMAIL", [2, 4]) == 2
    assert await eraser.erase("EMAIL", [1, 2, 3, 4]) == 0
    assert await store.end("EMAIL") == 0
