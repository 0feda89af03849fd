"""Tell the log whether an account can be read, when that changes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded, UnreadableHistory
from courrier.events.store import Conflict, EventStore
from courrier.fetcher.domain.advance import ACTOR, SOURCE
from courrier.fetcher.domain.backoff import NEEDS_A_PERSON
from courrier.fetcher.domain.condition import Command, NoteFailure, NoteSuccess, condition
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.handlers.storing import Clock

TRIES = 5

log = structlog.get_logger(__name__)


class AccountCondition:
    """One account's state; its folders report, and one failing folder is a failing account."""

    def __init__(
        self, account_id: str, folders: Sequence[str], store: EventStore, now: Clock
    ) -> None:
        self._account_id = account_id
        self._subject = subjects.account_state(account_id)
        self._store = store
        self._now = now
        self._unread = set(folders)
        self._failing: dict[str, CannotFetch] = {}
        self._lock = asyncio.Lock()
        self._told: str | None = None

    async def failed(self, folder: str, failure: CannotFetch, retry_at: datetime) -> None:
        """Note that a folder could not be read; ``retry_at`` is told unless a person is needed."""
        self._failing[folder] = failure
        told = None if failure.reason in NEEDS_A_PERSON else retry_at
        await self._record(NoteFailure(self._account_id, failure.reason, failure.text, told))

    async def succeeded(self, folder: str) -> None:
        """Note that a folder is in step; the account is once all its folders are."""
        self._unread.discard(folder)
        self._failing.pop(folder, None)
        if not self._unread and not self._failing:
            await self._record(NoteSuccess(self._account_id))

    async def _record(self, command: Command) -> None:
        async with self._lock:
            told = command.reason if isinstance(command, NoteFailure) else "readable"
            for _ in range(TRIES):
                if self._told == told:
                    return
                try:
                    await self._try(command)
                    self._told = told
                except Conflict:
                    log.info("account.contended", account=self._account_id)
                except UnreadableHistory as error:
                    log.warning("account.untold", account=self._account_id, error=str(error))
                    return

    async def _try(self, command: Command) -> None:
        last = (await self._store.last([self._subject])).get(self._subject)
        state = condition.fold([last.event] if last else [])
        for event in condition.decide(state, command):
            await self._store.append([self._new(event, last)])
            log.info("account.turned", account=self._account_id, now=type(event).__name__)

    def _new(self, event: Event, last: Recorded[Event] | None) -> NewEvent:
        sequence, version = (last.sequence, last.version) if last else (0, 0)
        event_id = derived_id("account-state", self._account_id, str(sequence), event.TYPE)
        context = Context(SOURCE, ACTOR, self._now(), correlation_id=str(event_id))
        return NewEvent(self._subject, event, event_id, version + 1, context, expected=sequence)
