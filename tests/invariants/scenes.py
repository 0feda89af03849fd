"""Processes as they would be put together, over a log in memory and a real database.

A scene's ``process`` works from what is durable to the end of its work; what it leaves behind is
the scene's ``outcome``. The log and the blobs outlive the process, as do the rows committed.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Protocol

from courrier.events.blobs import MemoryBlobs
from courrier.events.families.mailbox import FolderAdvanced, MessageReceived
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.postgres.projector import Projector
from courrier.events.store import History
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.domain.uids import Span
from courrier.fetcher.handlers.line import Job
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.handlers.turns import Turns
from courrier.fetcher.ports import OpenFolder
from courrier.gateway.projections import positions
from courrier.gateway.projections.every import TABLES, projections_of
from integration.gateway.read_models import a_life
from integration.linker.instances import OTHER_ACCOUNT, instance, messages, put, read, settle
from support.builders import ACCOUNT, NOON, raw_message
from support.crashing import stepping
from support.mail_readers import ReadHere
from support.tables import digest, empty

IDENTITY = Identity(b"k" * 32)


class Scene(Protocol):
    """One process and what it stands on."""

    async def begin(self) -> None:
        """Forget everything: an empty log, empty tables, a process that has not begun."""
        ...

    async def process(self) -> None:
        """Do the work that is left, in the process under test."""
        ...

    async def bury(self) -> None:
        """Cut the connections of a dead process, as its kernel would."""
        ...

    async def outcome(self) -> object:
        """Return what is durable, to be equal however often the process died."""
        ...


class NoLeases:
    """Leases that everybody gets: what holds without them holds with them."""

    @asynccontextmanager
    async def hold(self, name: str, *, waits: bool = True) -> AsyncIterator[None]:
        """Hold at once."""
        yield


@dataclass(slots=True)
class Mailbox:
    """A mail server with one folder, as one connection sees it."""

    raw: Mapping[int, bytes]

    async def folders(self) -> Sequence[Folder]:
        """There is one."""
        return [Folder("INBOX")]

    async def open(self, folder: str) -> OpenFolder:
        """Open it."""
        return OpenFolder(folder, 1, len(self.raw))

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return the UIDs within these ranges."""
        return [uid for uid in self.raw if any(low <= uid <= high for low, high in spans)]

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return their sizes."""
        return {uid: Listed(uid, len(self.raw[uid]), NOON) for uid in uids}

    async def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """Yield them in two parts."""
        found = [Fetched(each.uid, self.raw[each.uid], (), NOON) for each in messages]
        yield found[::2]
        yield found[1::2]

    async def wait_for_news(self, within_s: float, wake: object) -> bool:
        """There is none."""
        return False


@dataclass(slots=True)
class Fetching:
    """A folder of ``count`` messages is brought in step: bytes, then events and cursor."""

    count: int = 205
    message: bytes = raw_message("number NUMBER\n", message_id="<NUMBER@x.test>")
    store: MemoryEventStore = field(default_factory=MemoryEventStore)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    async def begin(self) -> None:
        """An empty log."""
        self.store, self.blobs = MemoryEventStore(), MemoryBlobs()

    async def process(self) -> None:
        """Fetch what is missing."""
        raw = {uid: self.message.replace(b"NUMBER", b"%06d" % uid) for uid in range(1, self.count)}
        refusals = Refusals(IDENTITY)
        recorder = Recorder(
            stepping(self.store),
            stepping(self.blobs),
            reader=ReadHere(),
            refusals=refusals,
            now=lambda: NOON,
        )
        origin = Origin(ACCOUNT, "INBOX", 1)
        synchroniser = Synchroniser(recorder, Turns())
        await synchroniser.sync(stepping(Mailbox(raw)), Job(origin))

    async def bury(self) -> None:
        """It had no connection."""

    async def outcome(self) -> object:
        """Return all events by id and place, having looked for the bytes of each message."""
        recorded = await read(self.store, "MAILBOX")
        for each in recorded:
            if isinstance(each.event, MessageReceived):
                assert len(await self.blobs.get(each.event.raw.digest)) == each.event.raw.size
        assert sum(isinstance(each.event, FolderAdvanced) for each in recorded) > 1
        return facts(recorded)


def facts(recorded: History) -> list[tuple[int, str, str, int]]:
    """Return place, id, subject and version of events."""
    return [(each.sequence, each.id, each.subject, each.version) for each in recorded]


@dataclass(slots=True)
class Linking:
    """Messages of two mailboxes become e-mails and the index's rows."""

    url: str
    store: MemoryEventStore = field(default_factory=MemoryEventStore)
    pools: list[Pool] = field(default_factory=list)

    async def begin(self) -> None:
        """Messages on the log, an empty index."""
        await self.bury()
        self.store = MemoryEventStore()
        pool = await self._pool()
        await empty(pool, "linker")
        await settle(self.store)
        await put(self.store, *messages(3), *messages(4, account_id=OTHER_ACCOUNT))

    async def process(self) -> None:
        """Link what is left, a few messages at once."""
        linker = instance(self.pools[-1], stepping(self.store), IDENTITY, plant=stepping)
        await linker.take(size=4)

    async def bury(self) -> None:
        """Cut the connections, and have others ready."""
        await cut(self.pools)
        await self._pool()

    async def outcome(self) -> object:
        """Return the e-mails and the rows."""
        rows = await digest(self.pools[-1], "linker")
        assert all(not text.startswith("0 ") for name, text in rows.items() if "emails" in name)
        return facts(await read(self.store, "EMAIL")), rows

    async def _pool(self) -> Pool:
        return await pool_of(self.pools, self.url, "linker")


class FixedLog(MemoryEventStore):
    """A log that has come to its end: followers see it in small batches, then no more."""

    def __init__(self, streams: Mapping[str, History], size: int) -> None:
        super().__init__()
        self._fixed = streams
        self._size = size

    async def follow(
        self, stream: str, *, after: int = 0, **_: object
    ) -> AsyncGenerator[History, None]:
        """Yield what is left."""
        history = self._fixed[stream][after:]
        for start in range(0, len(history), self._size):
            yield history[start : start + self._size]


@dataclass(slots=True)
class Projecting:
    """The gateway's read models, all streams at once."""

    url: str
    seed: int
    pools: list[Pool] = field(default_factory=list)

    async def begin(self) -> None:
        """Empty tables."""
        await self.bury()
        await empty(self.pools[-1], "gateway")

    async def process(self) -> None:
        """Project what is left of every stream."""
        log = FixedLog(_life(self.seed), size=12)
        for stream in TABLES:
            checkpoint = positions.checkpoint_of(stream)
            projector = Projector(self.pools[-1], checkpoint, projections_of(stream))
            await projector.run(log, NoLeases())

    async def bury(self) -> None:
        """Cut the connections, and have others ready."""
        await cut(self.pools)
        await pool_of(self.pools, self.url, "gateway")

    async def outcome(self) -> object:
        """Return the rows of all views, and how often screens were told."""
        told = await self.pools[-1].fetchval("SELECT count(*) FROM view_changes")
        rows = await digest(self.pools[-1], "gateway")
        assert told
        assert sum(not text.startswith("0 ") for text in rows.values()) > len(TABLES)
        return rows, told


@cache
def _life(seed: int) -> Mapping[str, History]:
    return a_life(seed, emails=3)


async def cut(pools: list[Pool]) -> None:
    """End connections without a word."""
    for pool in pools:
        pool.terminate()
    pools.clear()


async def pool_of(pools: list[Pool], url: str, service: str) -> Pool:
    """Open a pool and note it."""
    pool = await open_pool(url, name="scene", service=service)
    pools.append(pool)
    return pool
