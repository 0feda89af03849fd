"""One person's mailbox on both sides: the fetcher's and the linker's real parts, all in memory."""

from collections.abc import Sequence
from datetime import timedelta

from courrier.events import subjects
from courrier.events.base import Event, Evidence, Mailbox
from courrier.events.blobs import MemoryBlobs, ref_of
from courrier.events.commands.linker import StateChange
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported, Holding
from courrier.events.families.mailbox_state import FolderMarked
from courrier.events.families.settings import Server
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.events.store import History
from courrier.fetcher.domain.accounts import Account, ServerState, Sync
from courrier.fetcher.domain.errands import desires, errand_of, taking
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.marks import Tracked
from courrier.fetcher.domain.received import Origin, message_event_id
from courrier.fetcher.domain.tracked import tracked_folders
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.marking import Marking
from courrier.fetcher.handlers.noting import Notes
from courrier.fetcher.handlers.performing import Layout, Performing, Reach
from courrier.linker.domain.copies import Copy, Wish, copies
from courrier.linker.handlers.changing import facts_of
from courrier.linker.handlers.server_marks import ServerMarks
from courrier.mail.fingerprint import fingerprint
from courrier.mail.parse import summarise
from support.builders import ACCOUNT, NOON, USER, new_event, raw_message
from support.memory_mailbox import UIDVALIDITY, MemoryMailbox

IDENTITY = Identity(b"k" * 32)
CUSTOMERS = "1" * 32
"""A folder of the person's that stands for the server's ``Customers``."""
ELSEWHERE = "2" * 32
"""A folder of the person's that the server knows nothing of."""
FOLDERS = {
    "INBOX": (),
    "Customers": (),
    "Archive": ("\\Archive",),
    "Trash": ("\\Trash",),
}
PLACES = {"INBOX": "inbox", "Customers": CUSTOMERS, "Archive": "archive", "Trash": "trash"}


def message(number: int) -> bytes:
    """Return one of several messages."""
    return raw_message(subject=f"Question {number}", message_id=f"<{number}@customer.test>")


class World:
    """``count`` messages that were fetched from the Inbox, and whoever may do something to them."""

    def __init__(self, count: int, *, condstore: bool = True, sync: Sync = "both") -> None:
        self.server = MemoryMailbox(FOLDERS, condstore)
        self.store = MemoryEventStore()
        self.account = Account(
            ACCOUNT,
            Server(host="imap.example.test", port=993),
            state=ServerState(USER, sync=sync, folder_map=(("Customers", CUSTOMERS),)),
        )
        self.raws = [message(number) for number in range(count)]
        self.notes = self._notes()
        self._linked = 0

    async def begin(self) -> None:
        """Put the messages where they are in the beginning, and look once."""
        for raw in self.raws:
            await self.bring(raw, "INBOX")
        await self.session()
        await self.link()

    async def bring(self, raw: bytes, folder: str) -> None:
        """Put a message into a folder; the person has it as one that came into the Inbox."""
        await self._import(raw, self.server.put(folder, raw))

    def email_id(self, number: int) -> str:
        """Return the id of an e-mail."""
        return IDENTITY.email_of(f"{number}@customer.test")

    def place(self, number: int) -> tuple[str, int]:
        """Return where a message is on the server: in one folder, once."""
        (where,) = self.server.where(self.raws[number])
        return where

    async def wish(self, number: int, change: StateChange) -> None:
        """Let the person do something in Courrier."""
        subject = subjects.email(self.email_id(number))
        history = await self.store.load(subject)
        facts = copies.decide(copies.fold(facts_of(history)), Wish(USER, change))
        for version, fact in enumerate(facts, start=history[-1].version + 1):
            last = (await self.store.last([subject]))[subject].sequence
            await self.store.append([new_event(fact, expected=last, version=version)])

    async def copy(self, number: int) -> Copy:
        """Return what the person has."""
        history = await self.store.load(subjects.email(self.email_id(number)))
        found = copies.fold(facts_of(history)).of(USER)
        assert found is not None
        return found

    async def session(self, *, lag: int = 0, fails_after: int | None = None) -> bool:
        """Let the fetcher do what is wished and look at the server; False: the line was lost.

        ``lag`` wishes have not reached it yet; ``fails_after`` changes the line is lost.
        """
        self.server.fails_after = fails_after
        try:
            await self._session(lag)
        except CannotFetch:
            self.notes = self._notes()  # another process goes on from the log alone
            return False
        finally:
            self.server.fails_after = None
        return True

    async def link(self) -> None:
        """Let the linker take over what the fetcher told since."""
        marks = ServerMarks(self.store, identity=IDENTITY, clock=lambda: NOON)
        for recorded in await self._all("MAILBOX"):
            if recorded.sequence > self._linked and isinstance(recorded.event, FolderMarked):
                await marks.take(recorded, recorded.event, USER)
            self._linked = max(self._linked, recorded.sequence)

    async def settle(self) -> int:
        """Let both go on until nothing happens any more; return in how many rounds."""
        for rounds in range(1, 12):
            before = await self._ends(), list(self.server.changes)
            assert await self.session()
            await self.link()
            if before == (await self._ends(), self.server.changes):
                return rounds
        raise AssertionError("it never becomes quiet: " + ", ".join(self.server.changes[-20:]))

    async def told(self) -> Sequence[FolderMarked]:
        """Return what the fetcher told of others' changes."""
        events = [recorded.event for recorded in await self._all("MAILBOX")]
        marked = [event for event in events if isinstance(event, FolderMarked)]
        return [event for event in marked if event.changes or event.vanished]

    async def events(self, stream: str) -> list[Event]:
        """Return all events of a stream."""
        return [recorded.event for recorded in await self._all(stream)]

    async def _session(self, lag: int) -> None:
        await self.notes.load()
        errands = self.notes.errands
        after = errands.seen.get("EMAIL", 0)
        new = [r for r in await self._all("EMAIL") if r.sequence > after]
        heard = new[: max(0, len(new) - lag)]
        wishes = [one for one in (errand_of(self.account, r) for r in heard) if one]
        if heard:
            seen = {"EMAIL": heard[-1].sequence}
            await self.notes.take(taking(errands, wishes, seen))
        layout = Layout(folders := await self.server.folders(), self._tracked(folders))
        performing = Performing(
            self.server,
            self.account,
            notes=self.notes,
            layout=layout,
            reach=Reach(self.store, MemoryBlobs(), IDENTITY),
        )
        for desire in desires(self.notes.errands.due(NOON + timedelta(days=1))):
            await performing.perform(desire)
        marking = Marking(self.server, self.notes, IDENTITY)
        for tracked in layout.tracked:
            await marking.compare(tracked)

    def _tracked(self, folders: Sequence[Folder]) -> list[Tracked]:
        return tracked_folders(self.account, folders)

    def _notes(self) -> Notes:
        return Notes(self.store, ACCOUNT, lambda: NOON, Figures(ACCOUNT))

    async def _import(self, raw: bytes, uid: int) -> None:
        says = summarise(raw)
        assert says.message_id
        assert says.from_
        sender = Mailbox(name=says.from_.name, address=says.from_.address)
        found = Evidence(rule="account-owner", field="account_id", value=ACCOUNT)
        imported = EmailImported(
            email_id=IDENTITY.email_of(says.message_id),
            source_id=str(message_event_id(Origin(ACCOUNT, "INBOX", UIDVALIDITY), uid)),
            status="archived",
            raw=ref_of(raw),
            account_id=ACCOUNT,
            message_id=says.message_id,
            fingerprint=fingerprint(sender.address, says.date, says.subject),
            thread_id="7" * 32,
            thread_reason=found,
            sent_from=sender,
            date=says.date or NOON,
            holdings=(Holding(holder_id=USER, folder="inbox", account_id=ACCOUNT, reason=found),),
        )
        await self.store.append([new_event(imported, expected=0)])

    async def _ends(self) -> tuple[int, int]:
        return await self.store.end("MAILBOX"), await self.store.end("EMAIL")

    async def _all(self, stream: str) -> History:
        found: list[Recorded[Event]] = []
        end = await self.store.end(stream)
        follower = self.store.follow(stream)
        while end and (not found or found[-1].sequence < end):
            found += await anext(follower)
        await follower.aclose()
        return found
