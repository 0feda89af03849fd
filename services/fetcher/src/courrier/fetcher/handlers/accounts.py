"""Which accounts this process works on: one supervised task each, as ``SETTINGS`` says.

Of all accounts that are to be fetched it works on those of the groups that it holds (``Share``).

Accounts live in memory only and are folded from the start of the stream each time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import SystemSettingsChanged
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountResumed,
)
from courrier.events.following import MemoryConsumer
from courrier.events.groups import Group
from courrier.events.parking import Parked
from courrier.events.store import Conflict, EventStore, History, Place, StoreUnavailable
from courrier.fetcher.domain.accounts import Account, Standing, active, fold
from courrier.fetcher.domain.sharing import group_of
from courrier.fetcher.handlers.waking import Alarm

STREAM = "SETTINGS"
CONSUMER = "fetcher.accounts"
CANCEL_AGAIN_S = 1.0

Work = Callable[[Account, Alarm], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Running:
    account: Account
    alarm: Alarm
    task: asyncio.Task[None]


class Roster:
    """Starts, restarts and stops the work on accounts."""

    def __init__(self, store: EventStore, work: Work) -> None:
        self._store = store
        self._work = work
        self._running: dict[str, _Running] = {}
        self.standing = Standing()
        self._wanted: dict[str, Account] = {}
        self._groups: set[Group] = set()
        self._settings = MemoryConsumer(CONSUMER, STREAM, self._fold)
        self.name, self.stream = CONSUMER, STREAM

    async def follow(self, caught_up: Callable[[], None]) -> None:
        """Follow ``SETTINGS`` for ever; work starts once its present end has been reached.

        What cannot be read or folded is parked, and holds up its own account's changes only.
        """
        self.standing = Standing()
        self._settings.begin()
        end = await self._store.end(STREAM)
        if not end:
            caught_up()
        place = Place()
        began = False
        async with aclosing(self._store.follow(STREAM, place=place)) as batches:
            async for batch in batches:
                await self._settings.take(batch, place.pending)
                if batch[-1].sequence < end:
                    continue
                await self._want(active(self.standing))
                self._call(batch)
                caught_up()
                await self._tell(began=began)
                began = True

    async def replay(self, store: EventStore, subject: str) -> list[Parked]:
        """Fold what is parked of a subject; return what still fails (see ``ReplayDesk``)."""
        standing = await self._settings.replay(store, subject)
        await self._want(active(self.standing))
        return standing

    def begin(self, group: Group) -> None:
        """Work on the accounts of a group, as soon as it is known which they are."""
        self._groups.add(group)
        self._start_missing()

    async def end(self, group: Group) -> None:
        """Stop the work on a group's accounts; return when all of it has ended."""
        self._groups.discard(group)
        await self._stop_others()
        self._start_missing()

    def _fold(self, batch: History) -> None:
        self.standing = fold(self.standing, batch)

    async def _tell(self, *, began: bool) -> None:
        try:
            await self._settings.tell(self._store)
            if not began:
                await self._settings.close_cases(self._store)
        except (StoreUnavailable, Conflict) as error:
            log.warning("parked.untold", error=str(error))

    async def stop(self) -> None:
        """Stop all work and wait for its end."""
        await self._want({})

    def knows(self, account_id: str) -> bool:
        """Tell whether the account is fetched (by this or another instance)."""
        return account_id in self._wanted

    def wake(self, account_id: str) -> None:
        """End the account's waits, if this instance holds it."""
        if running := self._running.get(account_id):
            running.alarm.ring()

    async def _want(self, wanted: dict[str, Account]) -> None:
        self._wanted = wanted
        await self._stop_others()
        self._start_missing()

    async def _stop_others(self) -> None:
        mine = self._mine()
        changed = [key for key, one in self._running.items() if mine.get(key) != one.account]
        await asyncio.gather(*(self._stop(key) for key in changed))

    def _start_missing(self) -> None:
        mine = self._mine()
        for account_id in mine.keys() - self._running.keys():
            self._start(mine[account_id])

    def _mine(self) -> dict[str, Account]:
        return {key: one for key, one in self._wanted.items() if group_of(key) in self._groups}

    def _start(self, account: Account) -> None:
        alarm = Alarm()
        task = asyncio.ensure_future(self._work(account, alarm))
        task.add_done_callback(_report_end)
        self._running[account.account_id] = _Running(account, alarm, task)

    async def _stop(self, account_id: str) -> None:
        """Cancel until it ends: ``wait_for`` of Python 3.11, in libraries, can lose one.

        It stays among the running until then, so that nobody starts it beside its own end.
        """
        running = self._running.get(account_id)
        while running and not running.task.done():
            running.task.cancel()
            await asyncio.wait({running.task}, timeout=CANCEL_AGAIN_S)
        if self._running.get(account_id) is running:
            self._running.pop(account_id, None)

    def _call(self, batch: Sequence[Recorded[Event]]) -> None:
        """Let what was set up anew be tried at once, and new settings hold at once."""
        for recorded in batch:
            match recorded.event:
                case SystemSettingsChanged():
                    self._nudge()
                case EmailAccountAdded() | EmailAccountChanged() | EmailAccountResumed() as event:
                    self.wake(event.account_id)
                case _:
                    continue

    def _nudge(self) -> None:
        for running in self._running.values():
            running.alarm.nudge()


def _report_end(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("account.stopped", error=repr(error))
