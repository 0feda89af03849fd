"""A folder on a server that fails as it is told to, and a fetcher's work on it, all in memory."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from courrier.events import subjects
from courrier.events.blobs import MemoryBlobs
from courrier.events.families.mailbox import FolderAdvanced, MessageErased, MessageReceived
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.failures import CannotFetch, FetchRefused
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.domain.scope import EVERYTHING, Scope
from courrier.fetcher.domain.uids import Span
from courrier.fetcher.handlers.line import Job
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.handlers.turns import Turns
from courrier.fetcher.ports import OpenFolder
from support.builders import ACCOUNT, NOON
from support.mail_readers import ReadHere

FAULTS = ("none", "lost", "omits", "twice", "unasked", "backwards", "refuses", "vanishes", "hides")


@dataclass(slots=True)
class FaultyFolder:
    """``mail`` by UID; ``faults`` are used up, one an answer; what is ``poison`` never comes.

    A poison message ends the connection, or is refused (``refused``).
    """

    mail: dict[int, bytes]
    faults: list[str] = field(default_factory=list)
    poison: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()
    uidvalidity: int = 1
    arrived: dict[int, datetime] = field(default_factory=dict)
    fetched: list[int] = field(default_factory=list)
    newcomers: list[bytes] = field(default_factory=list)

    async def open(self, folder: str) -> OpenFolder:
        """Open it; new mail may have come."""
        if self.newcomers:
            self.mail[max(self.mail, default=0) + 1] = self.newcomers.pop()
        return OpenFolder(folder, self.uidvalidity, len(self.mail))

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return UIDs, some of them wrong; a day early, as the adapter asks."""
        found = [uid for uid in self.mail if any(low <= uid <= high for low, high in spans)]
        if since:
            found = [u for u in found if self._at(u).date() >= since - timedelta(days=1)]
        match self._fault():
            case "unasked":
                return [*found, 0, 2**33, *found]
            case "backwards":
                return found[::-1]
        return found

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return sizes; now and then one is not told."""
        asked = [uid for uid in uids if uid in self.mail]
        if self._fault() == "hides":
            asked = asked[1:]
        return {uid: Listed(uid, len(self.mail[uid]), self._at(uid)) for uid in asked}

    async def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """Yield messages, or do what goes wrong."""
        asked = sorted(message.uid for message in messages)
        if self.refused & set(asked):
            raise FetchRefused("server-error", "NO")
        fault = self._fault()
        if fault == "refuses":
            raise FetchRefused("server-error", "NO")
        if fault == "vanishes":
            self.mail.pop(asked[-1], None)
        for uid in self._order(asked, fault):
            if uid in self.poison:
                raise CannotFetch("disconnected", "the line was dropped")
            if uid in self.mail:
                self.fetched.append(uid)
                yield [Fetched(uid, self.mail[uid], (), self._at(uid))]

    def _order(self, asked: list[int], fault: str) -> list[int]:
        match fault:
            case "omits":
                return asked[1:]
            case "twice":
                return [*asked, *asked]
            case "unasked":
                return [*(u for u in self.mail if u not in self.poison), *asked]
            case "backwards":
                return asked[::-1]
        return asked

    def _fault(self) -> str:
        fault = self.faults.pop() if self.faults else "none"
        if fault == "lost":
            raise CannotFetch("disconnected", "the line was dropped")
        return fault

    def _at(self, uid: int) -> datetime:
        return self.arrived.get(uid, NOON)


class LossyLog(MemoryEventStore):
    """A log from which somebody takes an event."""

    def lose(self, subject: str, number: int) -> None:
        """Take the event of this number, from 0, from its subject; its sequence stays a gap."""
        log = self._streams[subjects.stream_of(subject)]
        places = [place for place, one in enumerate(log) if one.subject == subject]
        log[places[number]] = replace(log[places[number]], subject="mailbox.00.lost", event=LOST)


LOST = MessageErased(message_key="lost")


@dataclass(slots=True)
class Fetcher:
    """What is durable, and the processes that work on it; time goes on between them."""

    store: LossyLog = field(default_factory=LossyLog)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    clock: datetime = NOON

    def process(self) -> Synchroniser:
        """Return a new process."""
        refusals = Refusals(Identity(b"k" * 32))
        recorder = Recorder(
            self.store,
            self.blobs,
            reader=ReadHere(),
            refusals=refusals,
            now=lambda: self.clock,
        )
        return Synchroniser(recorder, Turns())

    async def look(
        self, process: Synchroniser, folder: FaultyFolder, scope: Scope = EVERYTHING
    ) -> bool:
        """Bring the folder in step over one connection; tell whether it lived to the end."""
        opened = await folder.open("INBOX")
        job = Job(Origin(ACCOUNT, "INBOX", folder.uidvalidity), scope, opened.exists)
        try:
            return await process.sync(folder, job)
        except CannotFetch:
            return False

    async def settle(
        self, process: Synchroniser, folder: FaultyFolder, scope: Scope = EVERYTHING
    ) -> FolderAdvanced:
        """Look until nothing fails any more, then compare; return the last cursor event."""
        for _ in range(200):
            is_well = not folder.faults and not folder.newcomers
            process.ask(ACCOUNT)
            if await self.look(process, folder, scope) and is_well:
                last = (await self.cursors())[-1]
                # Bad luck, twice, with one message: it is owed like a bad one, and comes later.
                if {one.uid for one in last.owed} <= folder.poison | folder.refused:
                    return last
            self.clock += timedelta(minutes=5)
        raise AssertionError("the folder never came in step")

    async def received(self) -> list[tuple[int, int]]:
        """Return (UIDVALIDITY, UID) of all messages received, sorted."""
        events = await self._events()
        return sorted((e.uidvalidity, e.uid) for e in events if isinstance(e, MessageReceived))

    async def cursors(self) -> list[FolderAdvanced]:
        """Return all cursor events."""
        return [event for event in await self._events() if isinstance(event, FolderAdvanced)]

    async def _events(self) -> list[object]:
        if not await self.store.end("MAILBOX"):
            return []
        batches = self.store.follow("MAILBOX")
        found: list[object] = []
        while len(found) < await self.store.end("MAILBOX"):
            found += [recorded.event for recorded in await anext(batches)]
        await batches.aclose()
        return found
