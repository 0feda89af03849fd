"""Work on an account: with a few connections, until told to stop; or wait for a person."""

import asyncio

import structlog

from courrier.events.runtime.retry import keep_running
from courrier.events.store import EventStore, StoreUnavailable
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.condition import Condition, Failing, Suspended
from courrier.fetcher.domain.connections import shares
from courrier.fetcher.handlers.condition import AccountCondition
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.rounds import Case
from courrier.fetcher.handlers.stewarding import Staff, Steward
from courrier.fetcher.handlers.waking import Alarm
from courrier.fetcher.handlers.watching import Means, NeedsPerson, TooManyConnections, Watcher

LONGEST_HOLD_OFF_S = 3600.0
"""Seconds that a wait which another instance began is kept at most."""

log = structlog.get_logger(__name__)


class Holder:
    """Works on accounts with ``connections`` each at most; ``figures`` say how it goes."""

    def __init__(self, means: Means, staff: Staff, store: EventStore, connections: int) -> None:
        self._means = means
        self._staff = staff
        self._store = store
        self._connections = connections
        self.figures: dict[str, Figures] = {}

    async def work(self, account: Account, alarm: Alarm) -> None:
        """Work on the account until cancelled."""
        figures = self.figures[account.account_id] = Figures(account.account_id)
        condition = AccountCondition(account, self._store, self._means.looking.now)
        case = Case(account, condition, figures, alarm, asyncio.Event())
        name = f"account {account.account_id}"
        try:
            await keep_running(name, lambda: self._keep(case), (StoreUnavailable,))
        finally:
            if self.figures.get(account.account_id) is figures:
                del self.figures[account.account_id]

    async def _keep(self, case: Case) -> None:
        most = self._connections
        await self._hold_off(case, await case.condition.begin())
        while True:
            if isinstance(case.condition.now, Suspended):
                await self._wait_for_person(case)
            try:
                await self._watch(case, most)
            except* NeedsPerson:
                log.info("account.suspended", account=case.account.account_id)
            except* TooManyConnections:
                most = max(1, most - 1)
                log.info("account.narrowed", account=case.account.account_id, connections=most)

    async def _watch(self, case: Case, most: int) -> None:
        case.let_in.clear()
        case.figures.folders.clear()
        async with asyncio.TaskGroup() as tasks:
            if not case.account.state.is_idle:
                tasks.create_task(Steward(self._staff, self._means.looking, case).run())
            for number, folders in enumerate(shares(case.account.folders, most)):
                watcher = Watcher(self._means, case, folders, is_first=number == 0)
                tasks.create_task(watcher.run())

    async def _wait_for_person(self, case: Case) -> None:
        """Wait until the log says that a person acted; a call is the reason to read it."""
        case.figures.is_suspended, case.figures.next_try = True, None
        ear = case.alarm.listen()
        try:
            while isinstance(await case.condition.begin(), Suspended):
                await ear.event.wait()
                ear.heard()
        finally:
            case.alarm.forget(ear)
        case.figures.is_suspended = False

    async def _hold_off(self, case: Case, state: Condition) -> None:
        """Go on with a wait that this or another instance began before: no try is for free.

        An account that was set up otherwise since then is tried at once.
        """
        if not isinstance(state, Failing) or state.retry_at is None:
            return
        if state.account_version < case.account.version:
            return
        left_s = (state.retry_at - self._means.looking.now()).total_seconds()
        if left_s <= 0:
            return
        case.figures.next_try = state.retry_at
        ear = case.alarm.listen()
        try:
            async with asyncio.timeout(min(left_s, LONGEST_HOLD_OFF_S)):
                await ear.event.wait()
        except TimeoutError:
            log.debug("account.waited", account=case.account.account_id)
        finally:
            case.alarm.forget(ear)
