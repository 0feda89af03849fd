"""Answer the orders meant for the fetcher."""

import structlog

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.fetcher import (
    CompareAccount,
    FetchAccount,
    ImportMessage,
    ResumeFetching,
)
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.mailbox import MessageReceived
from courrier.events.store import EventStore
from courrier.fetcher.domain.advance import SOURCE
from courrier.fetcher.domain.condition import Suspended
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.handlers.accounts import Roster
from courrier.fetcher.handlers.condition import StateOnLog
from courrier.fetcher.handlers.refusing import Refusals
from courrier.fetcher.handlers.storing import ERASED, Clock
from courrier.fetcher.ports import Bell, MessageReader

NOT_FETCHED = Refused(
    reason="not-fetched",
    text="This account is not fetched: it is paused, removed, its owner is gone, or it has no "
    "IMAP server.",
)

NEEDS_PERSON = Refused(
    reason="needs-person",
    text="This account failed too often and is no longer tried. Put right what is wrong, then "
    "resume it.",
)

log = structlog.get_logger(__name__)


class Fetching:
    """``fetch-account`` and ``compare-account``."""

    def __init__(self, roster: Roster, bell: Bell, store: EventStore, now: Clock) -> None:
        self._roster = roster
        self._bell = bell
        self._store = store
        self._now = now

    async def answer(self, command: FetchAccount) -> Answer:
        """Wake the instance that holds the account; a suspended one is left alone."""
        return await self._ring(command.account_id)

    async def compare(self, command: CompareAccount) -> Answer:
        """Have whoever holds the account compare its folders with the server."""
        return await self._ring(command.account_id, compare=True)

    async def _ring(self, account_id: str, *, compare: bool = False) -> Answer:
        if not self._roster.knows(account_id):
            return NOT_FETCHED
        state = await StateOnLog(account_id, self._store, self._now).read()
        if isinstance(state, Suspended):
            return NEEDS_PERSON
        await self._bell.ring(account_id, compare=compare)
        return Done()


class Resuming:
    """``resume-fetching``."""

    def __init__(self, roster: Roster, bell: Bell, store: EventStore, now: Clock) -> None:
        self._roster = roster
        self._bell = bell
        self._store = store
        self._now = now

    async def answer(self, command: ResumeFetching) -> Answer:
        """Put it on the log, whoever holds the account, and wake the holder."""
        if not self._roster.knows(command.account_id):
            return NOT_FETCHED
        state = StateOnLog(command.account_id, self._store, self._now)
        await state.resume()
        await self._bell.ring(command.account_id)
        return Done(position=state.position)


class Importing:
    """``import-message``."""

    def __init__(
        self,
        store: EventStore,
        blobs: Blobs,
        *,
        reader: MessageReader,
        refusals: Refusals,
        now: Clock,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._reader = reader
        self._refusals = refusals
        self._now = now

    async def answer(self, command: ImportMessage) -> Answer:
        """Record the message for its holder; the same bytes from the same person are one."""
        try:
            raw = await self._blobs.get(command.raw.digest)
        except BlobMissing:
            return Refused(
                reason="blob-missing", text="The message's bytes are not stored: upload them again."
            )
        new = await self._event(command, raw)
        if isinstance(new.event, MessageReceived) and self._refusals.refuses(new.event):
            log.info("message.refused", why=ERASED)
            return Refused(reason=ERASED, text="This message was erased: it is not taken in again.")
        stored = await self._store.append([new])
        log.info("message.imported", position=stored.position, repeated=stored.repeated)
        return Done(position=stored.position, created=not stored.repeated)

    async def _event(self, command: ImportMessage, raw: bytes) -> NewEvent:
        fetched = Fetched(uid=0, raw=raw)
        origin = Origin(
            account_id=f"import-{command.holder_id}",
            folder=command.folder,
            holder_id=command.holder_id,
            target_folder=command.folder,
        )
        (reading,) = await self._reader.read(origin, [fetched])
        event = reading.message.event
        cause = str(command.command_id)
        context = Context(SOURCE, command.actor, self._now(), cause, cause)
        subject = subjects.imported_message(command.holder_id, command.raw.digest)
        event_id = derived_id("message-imported", command.holder_id, command.raw.digest)
        return NewEvent(subject, event, event_id, 1, context, expected=0)
