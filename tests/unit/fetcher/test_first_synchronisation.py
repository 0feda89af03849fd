"""A mailbox of 100 000 messages for the first time: newest first, stopped, resumed, bounded."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import psutil
import pytest

from courrier.events.base import Event
from courrier.events.blobs import MemoryBlobs
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.families.mailbox import BlobRef, FolderAdvanced
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.events.packing import Packed
from courrier.events.store import Appended, Conflict
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.reading import ReceivedAsWritten
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.domain.uids import HIGHEST_UID, Span
from courrier.fetcher.handlers.line import Job
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.handlers.turns import Turns
from courrier.fetcher.ports import OpenFolder
from support.builders import ACCOUNT, NOON, recorded
from support.mail_readers import ReadHere
from support.waiting import eventually

COUNT = 100_000
MOST_BYTES = 96 * 1024 * 1024


@dataclass(slots=True)
class HugeFolder:
    """Messages 1 to ``top``, each made when it is asked for."""

    top: int = COUNT

    async def open(self, folder: str) -> OpenFolder:
        """Open it."""
        return OpenFolder(folder, 1, self.top)

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return the UIDs within these ranges."""
        return [u for low, high in spans for u in range(low, min(high, self.top) + 1)]

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return sizes."""
        return {uid: Listed(uid, 100, NOON) for uid in uids}

    async def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """Yield tiny messages."""
        raw = b"Message-ID: <%d@x.test>\r\nFrom: ada@example.test\r\nSubject: %d\r\n\r\nHi\r\n"
        yield [Fetched(one.uid, raw % (one.uid, one.uid), (), NOON) for one in messages]


class Tally(MemoryEventStore):
    """A log that remembers which UIDs came, in order, and the last cursor: nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.uids: list[int] = []
        self.missing: list[int] = []
        self._sequence = 0
        self._cursor: Recorded[Event] | None = None

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Take a batch whose cursor expects the last one."""
        *messages, cursor = events
        if cursor.expected != (self._cursor.sequence if self._cursor else 0):
            raise Conflict
        self._sequence += len(events)
        batch = [new.event.uid for new in messages if isinstance(new.event, ReceivedAsWritten)]
        self.uids += sorted(batch, reverse=True)
        assert isinstance(cursor.event, FolderAdvanced)
        self.missing.append(cursor.event.missing or 0)
        self._cursor = recorded(cursor.event, sequence=self._sequence, version=cursor.version)
        await asyncio.sleep(0)
        return Appended("MAILBOX", self._sequence)

    async def last(self, subjects: Sequence[str]) -> dict[str, Recorded[Event]]:
        """Return the cursor."""
        return {subjects[0]: self._cursor} if self._cursor else {}


class NoBlobs(MemoryBlobs):
    """Bytes that are known by their digest and not kept."""

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Forget them."""
        refs = await super().put(blobs)
        self._blobs.clear()
        return refs

    async def put_packed(self, blobs: Sequence[Packed]) -> None:
        """Forget them."""


@dataclass(slots=True)
class FirstTime:
    """A folder, a log, and a fetcher's process that may be stopped and begun again."""

    folder: HugeFolder = field(default_factory=HugeFolder)
    log: Tally = field(default_factory=Tally)

    async def run(self) -> bool:
        """Bring the folder in step, in a new process."""
        refusals = Refusals(Identity(b"k" * 32))
        recorder = Recorder(
            self.log, NoBlobs(), reader=ReadHere(), refusals=refusals, now=lambda: NOON
        )
        job = Job(Origin(ACCOUNT, "INBOX", 1), server=self.folder.top)
        return await Synchroniser(recorder, Turns()).sync(self.folder, job)

    async def has(self, count: int) -> bool:
        """Tell whether so many came."""
        return len(self.log.uids) >= count


@pytest.mark.long
async def test_a_hundred_thousand_messages_come_newest_first_stopped_and_resumed() -> None:
    """Stopped at a third, resumed behind the cursor; memory stays within 96 MiB more."""
    first = FirstTime()
    before = psutil.Process().memory_info().rss
    stopped = asyncio.ensure_future(first.run())
    await eventually(lambda: first.has(COUNT // 3), within_s=120)
    stopped.cancel()
    await asyncio.wait({stopped})
    came = len(first.log.uids)

    assert await first.run()

    assert COUNT // 3 <= came < COUNT
    assert list(range(COUNT, 0, -1)) == first.log.uids
    assert all(after < before for before, after in pairwise(first.log.missing))
    assert first.log.missing[-1] == 0
    assert psutil.Process().memory_info().rss - before < MOST_BYTES


@pytest.mark.long
async def test_new_mail_goes_before_the_rest_of_a_first_synchronisation() -> None:
    """It arrives while thousands are still to come, and is the next but few to be received."""
    first = FirstTime(HugeFolder(COUNT))
    working = asyncio.ensure_future(first.run())
    await eventually(lambda: first.has(1000), within_s=60)
    first.folder.top += 3
    came = len(first.log.uids)

    await working

    place = first.log.uids.index(COUNT + 3)
    assert came <= place < COUNT
    assert sorted(first.log.uids) == list(range(1, COUNT + 4))
    assert HIGHEST_UID not in first.log.uids
