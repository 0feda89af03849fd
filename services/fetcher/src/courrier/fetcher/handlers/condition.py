"""Tell the log whether an account can be read, when that changes, and know it from there."""

import asyncio
from datetime import timedelta

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded, UnreadableHistory
from courrier.events.store import Conflict, EventStore, StoreUnavailable
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.advance import ACTOR, SOURCE
from courrier.fetcher.domain.condition import (
    Command,
    Condition,
    NoteConfiguration,
    NoteFailure,
    NoteSuccess,
    Resume,
    Untried,
    condition,
)
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.handlers.storing import Clock

TRIES = 5
WHOLE = ""
"""Stands for all folders of an account that cannot be reached."""

log = structlog.get_logger(__name__)


class AccountCondition:
    """One account's state; its folders report, and one failing folder is a failing account."""

    def __init__(self, account: Account, store: EventStore, now: Clock) -> None:
        self._account = account
        self._store = store
        self._now = now
        self._state = StateOnLog(account.account_id, store, now)
        self._unread = set(account.folders)
        self._failing: set[str] = set()

    @property
    def now(self) -> Condition:
        """What the log said last."""
        return self._state.known

    async def begin(self) -> Condition:
        """Read what the log says, and take note of how the account is set up.

        Raises:
            StoreUnavailable: it cannot be read now.
        """
        self._state.forget()
        account = self._account
        return await self._state.carry_out(NoteConfiguration(account.account_id, account.version))

    async def failed(self, folder: str | None, failure: CannotFetch, wait_s: float) -> Condition:
        """Note that a folder, or (None) the whole account, could not be read; return the state."""
        self._failing.add(folder or WHOLE)
        is_whole = folder is None or self._failing >= set(self._account.folders)
        at = self._now()
        command = NoteFailure(
            self._account.account_id,
            failure.reason,
            failure.text,
            at,
            at + timedelta(seconds=wait_s),
            self._account.version,
            is_whole,
            failure.texts,
        )
        return await self._state.carry_out(command)

    async def succeeded(self, folder: str) -> None:
        """Note that a folder is in step; the account is once all its folders are."""
        self._unread.discard(folder)
        self._failing -= {folder, WHOLE}
        if not self._unread and not self._failing:
            await self._state.carry_out(NoteSuccess(self._account.account_id))


class StateOnLog:
    """The aggregate: decided on what is known of it, which is read again when others wrote."""

    def __init__(self, account_id: str, store: EventStore, now: Clock) -> None:
        self._account_id = account_id
        self._subject = subjects.account_state(account_id)
        self._store = store
        self._now = now
        self._lock = asyncio.Lock()
        self._last: tuple[int, int] | None = None
        self.known: Condition = Untried()
        self.position: str | None = None

    def forget(self) -> None:
        """Read it anew before the next decision."""
        self._last = None

    async def read(self) -> Condition:
        """Return what the log says now.

        Raises:
            StoreUnavailable: it cannot be read now.
        """
        await self._read()
        return self.known

    async def resume(self) -> Condition:
        """Let a suspended account be tried again."""
        return await self.carry_out(Resume(self._account_id))

    async def carry_out(self, command: Command) -> Condition:
        """Decide, append, and return the state after it.

        Raises:
            StoreUnavailable: it may or may not be on the log.
        """
        async with self._lock:
            for _ in range(TRIES):
                try:
                    return await self._try(command)
                except Conflict:
                    log.info("account.contended", account=self._account_id)
                    self.forget()
                except StoreUnavailable:
                    self.forget()
                    raise
                except UnreadableHistory as error:
                    log.warning("account.untold", account=self._account_id, error=str(error))
                    return self.known
            return self.known  # others keep writing: it is told again after the next try

    async def _try(self, command: Command) -> Condition:
        sequence, version = self._last or await self._read()
        for event in condition.decide(self.known, command):
            appended = await self._store.append([self._new(event, sequence, version)])
            self.known = condition.evolve(self.known, event)
            self.position = appended.position
            self._last = (appended.sequence, version + 1)
            log.info("account.turned", account=self._account_id, now=type(event).__name__)
        return self.known

    async def _read(self) -> tuple[int, int]:
        last: Recorded[Event] | None = (await self._store.last([self._subject])).get(self._subject)
        self.known = condition.fold([last.event] if last else [])
        self._last = (last.sequence, last.version) if last else (0, 0)
        return self._last

    def _new(self, event: Event, sequence: int, version: int) -> NewEvent:
        event_id = derived_id("account-state", self._account_id, str(sequence), event.TYPE)
        context = Context(SOURCE, ACTOR, self._now(), correlation_id=str(event_id))
        return NewEvent(self._subject, event, event_id, version + 1, context, expected=sequence)
