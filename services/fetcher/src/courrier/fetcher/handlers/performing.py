"""Do on the server what somebody did in Courrier; what was done is noted with what is agreed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from courrier.events import subjects
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.families.email import EmailErased, EmailImported
from courrier.events.families.mailbox_state import Errand, ErrandEnd, ErrandResult
from courrier.events.families.outbound import MessageSent
from courrier.events.identity import Identity
from courrier.events.store import EventStore
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.errands import Desire, result_of, stores_copies_itself
from courrier.fetcher.domain.folders import Folder, find
from courrier.fetcher.domain.marks import FLAGGED, SEEN, Mark, Tracked
from courrier.fetcher.domain.tracked import place_of
from courrier.fetcher.handlers.marking import those_named
from courrier.fetcher.handlers.noting import Notes, Told
from courrier.fetcher.ports import MailConnection

GONE = "The message is not on the server any more."
READ_ONLY = "The folder {!r} can only be read on this server: nothing was changed in it."
NO_SENT = "The server has no folder for sent messages; name one in the account's settings."
KEPT = "The provider keeps sent messages by itself."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What a message is found by on a server."""

    message_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What performing needs of the world."""

    store: EventStore
    blobs: Blobs
    identity: Identity


@dataclass(frozen=True, slots=True)
class Layout:
    """The server's folders, and those of them that are compared."""

    listing: Sequence[Folder]
    tracked: Sequence[Tracked]


@dataclass(slots=True)
class _Doing:
    """What has come of one desire so far; ``told`` is by folder."""

    told: dict[str, Told]
    found: bool = False
    moved: ErrandResult | None = None
    refusal: str | None = None


class Performing:
    """Performs errands of one account over one connection."""

    def __init__(
        self,
        connection: MailConnection,
        account: Account,
        *,
        notes: Notes,
        layout: Layout,
        reach: Reach,
    ) -> None:
        self._connection = connection
        self._account = account
        self._notes = notes
        self._listing = layout.listing
        self._tracked = layout.tracked
        self._reach = reach

    async def perform(self, desire: Desire) -> None:
        """Do what is wished for one e-mail, and note how it ended.

        Raises:
            CannotFetch: the server refused, or the connection failed: how far it came is unknown.
            Conflict: another fetcher does it; read the log again.
        """
        if desire.append:
            await self._notes.finish((), await self._appended(desire))
        else:
            doing = _Doing({})
            ends = await self._done(desire, doing)
            await self._notes.finish(list(doing.told.values()), ends)

    async def _done(self, desire: Desire, doing: _Doing) -> list[ErrandResult]:
        message = await self._message(desire.email_id)
        if message is None:
            return [result_of(one, "gone", GONE) for one in desire.errands]
        target = place_of(desire.folder, self._tracked) if desire.folder else None
        for tracked in self._tracked:
            await self._in_folder(tracked, message, desire, target, doing)
        return [self._end(one, doing, target) for one in desire.errands]

    async def _in_folder(
        self,
        tracked: Tracked,
        message: Message,
        desire: Desire,
        target: Tracked | None,
        doing: _Doing,
    ) -> None:
        """Mark what is there, then move it; what was moved is met again in its new folder."""
        opened = await self._connection.open(tracked.folder, writing=True)
        found = await self._connection.find(message.message_id)
        uids = await those_named(self._connection, found, message.key, self._reach.identity)
        if not uids:
            return
        doing.found = True
        if not opened.is_writable:
            doing.refusal = READ_ONLY.format(tracked.folder)
            return
        known = (await self._notes.of(tracked.folder)).under(opened.uidvalidity)
        if moved_there := doing.told.get(tracked.folder):
            known = moved_there.agreed
        marks = await self._mark(uids, {uid: known.of(uid) for uid in uids}, desire)
        # What somebody else put here is not agreed on: that it arrived is still to be told, and how
        # it is marked, here or where it is moved to.
        agreed = {uid: mark for uid, mark in marks.items() if uid in known.present}
        if not known.is_new:
            doing.told[tracked.folder] = Told(tracked, known.having(agreed))
        if target and tracked.folder != target.folder and tracked.filed_as:
            await self._move(tracked, (uids, agreed), target, doing)

    async def _mark(
        self, uids: Sequence[int], before: Mapping[int, Mark], desire: Desire
    ) -> dict[int, Mark]:
        """Set what is wished; what is agreed to be so already is left, whatever the server has."""
        wanted = ((SEEN, desire.is_read, "is_read"), (FLAGGED, desire.is_important, "is_important"))
        after = dict(before)
        for flag, value, name in wanted:
            if value is None:
                continue
            differing = [uid for uid in uids if getattr(before[uid], name) is not value]
            if differing:
                await self._connection.store(differing, [flag], add=value)
            after = {uid: replace(mark, **{name: value}) for uid, mark in after.items()}
        return after

    async def _move(
        self,
        source: Tracked,
        messages: tuple[Sequence[int], Mapping[int, Mark]],
        target: Tracked,
        doing: _Doing,
    ) -> None:
        """Move messages; those whose marks are agreed on are agreed on there, too."""
        uids, agreed = messages
        moved = await self._connection.move(sorted(uids), target.folder)
        if source.folder in doing.told:
            told = doing.told[source.folder]
            doing.told[source.folder] = replace(told, agreed=told.agreed.without(uids))
        there = await self._notes.of(target.folder)
        if moved and not there.is_new:
            new = {moved[uid]: mark for uid, mark in agreed.items() if uid in moved}
            before = doing.told.get(target.folder, Told(target, there))
            doing.told[target.folder] = replace(before, agreed=before.agreed.having(new))
        log.info("message.moved", account=self._account.account_id, count=len(uids))

    def _end(self, errand: Errand, doing: _Doing, target: Tracked | None) -> ErrandResult:
        end: ErrandEnd = "done" if doing.found else "gone"
        text = None if doing.found else GONE
        if doing.refusal:
            end, text = "refused", doing.refusal
        elif errand.kind == "file" and target is None:
            end, text = "unneeded", "No folder of the server stands for this one."
        result = result_of(errand, end, text)
        where = target.folder if target and end == "done" and errand.kind == "file" else None
        return result.model_copy(update={"folder": where})

    async def _message(self, email_id: str) -> Message | None:
        """Return what an e-mail's message is found by; None: erased, unknown, or without an id."""
        history = await self._reach.store.load(subjects.email(email_id))
        events = [recorded.event for recorded in history]
        if any(isinstance(event, EmailErased) for event in events):
            return None
        for event in events:
            if isinstance(event, EmailImported) and event.message_id:
                key = self._reach.identity.erased_message(event.message_id, event.fingerprint or "")
                return Message(event.message_id, key)
        return None

    async def _appended(self, desire: Desire) -> list[ErrandResult]:
        """Put a sent message into the Sent folder, unless it is there: a crash appends no second.

        Raises:
            CannotFetch: see ``perform``.
        """
        sent = await self._sent(desire.email_id)
        if sent is None:
            return [result_of(one, "gone", "The message was erased.") for one in desire.errands]
        if stores_copies_itself(self._account.imap.host):
            return [result_of(one, "unneeded", KEPT) for one in desire.errands]
        folder = find(self._account.state.sent_folder, self._listing)
        if folder is None:
            return [result_of(one, "refused", NO_SENT) for one in desire.errands]
        return [await self._append(one, sent, folder.name) for one in desire.errands]

    async def _append(self, errand: Errand, sent: MessageSent, folder: str) -> ErrandResult:
        opened = await self._connection.open(folder)
        if found := await self._connection.find(sent.message_id):
            where = {"folder": folder, "uidvalidity": opened.uidvalidity, "uid": found[-1]}
            return result_of(errand, "done").model_copy(update=where)
        try:
            raw = await self._reach.blobs.get(sent.raw.digest)
        except BlobMissing:
            return result_of(errand, "gone", "The message's bytes are not stored any more.")
        there = await self._connection.append(folder, raw, [SEEN], sent.date)
        where = {"folder": folder}
        if there:
            where |= {"uidvalidity": there.uidvalidity, "uid": there.uid}
        log.info("copy.appended", account=self._account.account_id, email=sent.email_id)
        return result_of(errand, "done").model_copy(update=where)

    async def _sent(self, email_id: str) -> MessageSent | None:
        history = await self._reach.store.load(subjects.outbound(email_id))
        found = [one.event for one in history if isinstance(one.event, MessageSent)]
        return found[-1] if found else None
