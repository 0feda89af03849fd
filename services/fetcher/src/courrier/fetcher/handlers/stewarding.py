"""Keep one account's server in step with what its owner does, over a connection of its own.

What was wished in Courrier is done first, then the server is looked at: so a change of ours whose
answer was lost is repeated before anybody could take it for somebody else's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from courrier.events.envelope import UnreadableHistory
from courrier.events.store import Conflict, StoreUnavailable
from courrier.fetcher.domain import backoff
from courrier.fetcher.domain.errands import WAITING, Desire, desires, refused, taking
from courrier.fetcher.domain.failures import CannotFetch, FolderMissing
from courrier.fetcher.domain.marks import Tracked
from courrier.fetcher.domain.periods import LONGEST_IDLE_S
from courrier.fetcher.domain.tracked import tracked_folders
from courrier.fetcher.handlers.logging_in import LogIn
from courrier.fetcher.handlers.marking import Marking
from courrier.fetcher.handlers.noting import Notes
from courrier.fetcher.handlers.performing import Layout, Performing, Reach
from courrier.fetcher.handlers.rounds import Case, Looking
from courrier.fetcher.handlers.seeing import Seeing
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.wishing import Slot, Wishes
from courrier.fetcher.ports import MailConnection

TRANSIENT = frozenset({"disconnected", "timed-out", "refused", "name-not-found"})
TROUBLE = 3
"""Lost connections in a row over one e-mail's errands before these wait like refused ones."""

Look = Callable[[Tracked], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Staff:
    """What stewards need."""

    log_in: LogIn
    reach: Reach
    recorder: Recorder
    wishes: Wishes


class Steward:
    """One account's two-way state, its Sent copies and its marks on what was fetched."""

    def __init__(self, staff: Staff, looking: Looking, case: Case) -> None:
        self._staff = staff
        self._looking = looking
        self._case = case
        self._account = case.account
        self._ear = case.alarm.listen()
        self._notes = Notes(staff.reach.store, case.account.account_id, looking.now, case.figures)
        self._failures = 0
        self._trouble: dict[str, int] = {}

    async def run(self) -> None:
        """Work until cancelled, once another connection has shown that one can log in."""
        await self._case.let_in.wait()
        try:
            while True:
                stop_if_asked()
                await self._try()
        finally:
            self._case.alarm.forget(self._ear)

    async def _try(self) -> None:
        try:
            await self._work()
        except Conflict:
            log.info("errands.contended", account=self._account.account_id)
            await self._back_off(backoff.log_wait_s(1, self._looking.chance()))
        except (StoreUnavailable, UnreadableHistory) as error:
            log.warning("errands.wait", account=self._account.account_id, error=str(error))
            self._failures += 1
            await self._back_off(backoff.log_wait_s(self._failures, self._looking.chance()))
        except CannotFetch as failure:
            log.info("errands.failed", account=self._account.account_id, reason=failure.reason)
            await self._fail(failure.reason)
        except Exception:  # a bug must stop one account only
            log.exception("errands.broken", account=self._account.account_id)
            await self._fail("server-error")

    async def _fail(self, reason: str) -> None:
        self._failures += 1
        await self._back_off(backoff.wait_s(reason, self._failures, self._looking.chance()))

    async def _work(self) -> None:
        """Take wishes and look at the server until a slot is lost."""
        await self._notes.load()
        seen = self._notes.errands.seen
        slot = await self._staff.wishes.subscribe(self._account, self._ear.event.set, seen)
        try:
            if not seen:  # from now on, whatever happens next
                await self._notes.take(taking(self._notes.errands, (), slot.reached))
            while not slot.lost:
                await self._take(slot)
                if self._stays or self._notes.errands.due(self._looking.now()):
                    await self._session(slot)
                else:
                    await self._sleep(self._until_next())
        finally:
            self._staff.wishes.leave(slot)

    @property
    def _stays(self) -> bool:
        """Whether the server is to be watched, and not only told things."""
        return self._account.state.is_followed or self._account.state.marks_fetched

    async def _session(self, slot: Slot) -> None:
        async with self._staff.log_in.to(self._account) as connection:
            listing = await connection.folders()
            layout = Layout(listing, tracked_folders(self._account, listing))
            performing = Performing(
                connection, self._account, notes=self._notes, layout=layout, reach=self._staff.reach
            )
            look = self._look_through(connection)
            while not slot.lost:
                self._ear.heard()
                await self._take(slot)
                await self._perform_due(performing)
                self._failures = 0
                if not self._stays:
                    return
                await _look_at_all(connection, layout.tracked, look)
                if not slot.wishes:
                    await connection.wait_for_news(self._until_next(), self._ear.event)

    def _look_through(self, connection: MailConnection) -> Look:
        if self._account.state.is_followed:
            return Marking(connection, self._notes, self._staff.reach.identity).compare
        scope = self._looking.scope(self._account)
        return Seeing(connection, self._notes, self._staff.recorder, scope).mark

    async def _take(self, slot: Slot) -> None:
        """Put wishes on the log as errands, before anything is done about them."""
        errands = self._notes.errands
        room = WAITING - len(errands.waiting)
        if not slot.wishes or room <= 0:
            return
        wishes, seen = slot.take(room)
        await self._notes.take(taking(errands, wishes, seen))

    async def _perform_due(self, performing: Performing) -> None:
        for desire in desires(self._notes.errands.due(self._looking.now())):
            stop_if_asked()
            try:
                await performing.perform(desire)
            except CannotFetch as failure:
                await self._refused(desire, failure)
                raise
            self._trouble.pop(desire.email_id, None)

    async def _refused(self, desire: Desire, failure: CannotFetch) -> None:
        """Let a refused errand wait; a lost connection is the errand's fault only in a row."""
        if failure.reason in TRANSIENT:
            self._trouble[desire.email_id] = self._trouble.get(desire.email_id, 0) + 1
            if self._trouble[desire.email_id] < TROUBLE:
                return
        now = self._looking.now()
        await self._notes.finish((), [refused(one, failure.text, now) for one in desire.errands])

    def _until_next(self) -> float:
        """Return seconds until the next look without push, or until an errand is due again."""
        wait_s = min(self._looking.periods(self._account).poll_s, LONGEST_IDLE_S)
        if next_at := self._notes.errands.next_at():
            return min(wait_s, max(0.0, (next_at - self._looking.now()).total_seconds()))
        return wait_s

    async def _sleep(self, wait_s: float) -> None:
        """Wait until something is wished or called for."""
        stop_if_asked()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._ear.event.wait()
        self._ear.heard()

    async def _back_off(self, wait_s: float) -> None:
        """Leave a failing server alone: a wish makes nobody ask sooner, a call does."""
        stop_if_asked()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while not self._ear.heard():
                    await self._ear.event.wait()


async def _look_at_all(connection: MailConnection, tracked: Sequence[Tracked], look: Look) -> None:
    """Look at every folder, the first one last; one that has gone since it was listed is left out.

    The first is opened before the look and stays open: what happens after the look is told.
    """
    for one in (*tracked[1:], *tracked[:1]):
        try:
            if one is tracked[0]:
                await connection.open(one.folder)
            await look(one)
        except FolderMissing:
            log.info("folder.gone", account=one.account_id)
