"""A message that our reader cannot read is stored and reported, and harms nobody."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from courrier.events.blobs import BLOB_LIMIT, ref_of
from courrier.events.packing import unpack
from courrier.fetcher.adapters.readers.crew import PROGRAM, Crew
from courrier.fetcher.domain.reading import Reading, read_all
from courrier.fetcher.domain.received import Fetched, Origin
from support.builders import ACCOUNT, NOON, raw_message

ORIGIN = Origin(ACCOUNT, "INBOX", 1, special_use="inbox")
FRAGILE = (sys.executable, str(Path(__file__).with_name("fragile_reader.py")))


def mail(*words: str) -> list[Fetched]:
    """Messages of these subjects."""
    return [
        Fetched(uid, raw_message("Hello\n", subject=word), ("\\Seen",), NOON)
        for uid, word in enumerate(words, start=1)
    ]


def subjects(readings: list[Reading]) -> list[str | None]:
    """What was read, in order."""
    return [one.message.event.subject for one in readings]


@pytest.fixture
async def fragile() -> AsyncIterator[Crew]:
    """A crew of one that dies easily."""
    crew = Crew(1, limit_s=1.0, program=FRAGILE)
    yield crew
    await crew.close()


async def test_a_process_reads_what_is_read_here() -> None:
    """Event, bytes and order are the same on the other side of the line, also for the next one.

    Whoever leaves early leaves a process that works: its answer is not taken for another's.
    """
    messages = [*mail("one", "two"), Fetched(3, b""), Fetched(4, os.urandom(3_000_000))]
    crew = Crew(1, program=PROGRAM)
    gone = asyncio.ensure_future(crew.read(ORIGIN, mail("gone") * 200))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait({gone})
    readings, others = await asyncio.gather(
        crew.read(ORIGIN, messages), crew.read(ORIGIN, mail("another"))
    )
    await crew.close()

    assert gone.cancelled()
    assert ["another"] == subjects(others)
    assert read_all(ORIGIN, messages) == readings
    for message, one in zip(messages, readings, strict=True):
        assert ref_of(message.raw) == one.blob.ref
        assert message.raw == unpack(one.blob.data, one.blob.encoding, BLOB_LIMIT)


async def test_messages_that_kill_stall_or_break_their_reader_cost_nobody_else(
    fragile: Crew,
) -> None:
    """They are stored and told as unreadable, their neighbours are read, and so is what follows."""
    messages = mail("first", "kill", "break", "stall", "last")

    read, others = await asyncio.gather(
        fragile.read(ORIGIN, messages), fragile.read(ORIGIN, mail("another"))
    )

    assert ["first", None, None, None, "last"] == subjects(read)
    assert ["another"] == subjects(others)
    assert [ref_of(message.raw) for message in messages] == [one.blob.ref for one in read]
    assert [False, True, True, True, False] == [one.problem is not None for one in read]
    unread = read[1].message.event
    assert (2, ("the message could not be read",)) == (unread.uid, unread.warnings)
    assert ["later"] == subjects(await fragile.read(ORIGIN, mail("later")))
