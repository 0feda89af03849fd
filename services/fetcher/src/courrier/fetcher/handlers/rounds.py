"""One connection that is logged in: look at its folders, wait for news, look again.

The busiest of its folders (the INBOX before all) is open and watched by IDLE. The others are asked
by STATUS, and opened when that has changed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.connections import busiest_first
from courrier.fetcher.domain.failures import FolderMissing
from courrier.fetcher.domain.folders import Folder, find, special_use
from courrier.fetcher.domain.periods import WHOLE_S, Periods
from courrier.fetcher.domain.received import Origin
from courrier.fetcher.domain.scope import Scope
from courrier.fetcher.handlers.condition import AccountCondition
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.gauges import RECEIVED
from courrier.fetcher.handlers.line import Job
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.handlers.storing import Clock
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.handlers.waking import Alarm, Ear
from courrier.fetcher.ports import FolderStatus, MailConnection

SHARED_HOLD_S = 30.0
"""Seconds that a connection is kept although accounts wait for one at its server."""
PATIENCE_S = 10.0
"""Seconds that one folder may fetch old mail before others on its connection have a turn."""
SILENT_AFTER = 2
"""Times that mail came and IDLE said nothing, before it is no more relied on."""
AT_ONCE_S = 5.0
"""Seconds within which mail that was not told of may just have been about to be."""


@dataclass(frozen=True, slots=True)
class Looking:
    """What looks at folders need of the process; ``chance`` gives numbers between 0 and 1."""

    synchroniser: Synchroniser
    periods: Callable[[Account], Periods]
    scope: Callable[[Account], Scope]
    now: Clock
    chance: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Case:
    """An account being worked on: what its connections share.

    ``let_in`` is set once the first of them is logged in.
    """

    account: Account
    condition: AccountCondition
    figures: Figures
    alarm: Alarm
    let_in: asyncio.Event


class FolderProgress:
    """How far the synchronisation of a folder is (see ``Progress``), for people to see."""

    def __init__(self, figures: Figures, folder: str, on_record: Callable[[], None]) -> None:
        self._figures = figures
        self._name = folder
        self._on_record = on_record
        self.received = 0

    def planned(self, count: int) -> None:
        """So many messages are to be settled."""
        one = self._figures.folder(self._name)
        one.done, one.total = 0, count

    def recorded(self, received: int, settled: int) -> None:
        """So many more are on the log, and so many settled in all."""
        self.received += received
        self._figures.received[self._name] += received
        RECEIVED.inc(received)
        one = self._figures.folder(self._name)
        one.done = (one.done or 0) + settled
        self._on_record()

    def ended(self) -> None:
        """Nothing is under way any more."""
        one = self._figures.folder(self._name)
        one.done = one.total = None


class Rounds:
    """The looks of one connection at its ``folders``."""

    def __init__(
        self,
        looking: Looking,
        case: Case,
        connection: MailConnection,
        *,
        folders: Sequence[str],
        ear: Ear,
    ) -> None:
        self._looking = looking
        self._case = case
        self._connection = connection
        self._folders = folders
        self._ear = ear
        self._listing: Sequence[Folder] = ()
        self._seen: dict[str, FolderStatus] = {}
        self._opened_at: dict[str, float] = {}
        self._asked_at = 0.0
        self._spread = 0.8 + looking.chance() / 5  # never above: IDLE is renewed in time
        self._missed = 0
        self._watched = folders[0]
        self._gone: set[str] = set()
        self._unfinished: set[str] = set()
        self._on_record: Callable[[], None] = _nothing

    async def go(self, on_record: Callable[[], None], is_wanted: Callable[[], bool]) -> None:
        """Look and wait for ever, or until others have waited for the connection long enough.

        Raises:
            CannotFetch: the connection failed.
        """
        clock = asyncio.get_running_loop().time
        since, self._on_record = clock(), on_record
        if "IDLE" not in self._connection.capabilities:
            self._case.figures.push = "none"
        self._listing = await self._connection.folders()
        await self._look(self._order())
        try:
            while not (is_wanted() and clock() - since > SHARED_HOLD_S):
                stop_if_asked()
                told = await self._rest(SHARED_HOLD_S if is_wanted() else None)
                await self._next(told=told)
        finally:
            for folder in self._folders:
                self._case.figures.folder(folder).push = False

    async def _rest(self, at_most_s: float | None) -> bool:
        """Wait until something is due; return whether the server told of news."""
        now = asyncio.get_running_loop().time()
        due = min(self._push_due(), self._status_due())
        wait_s = due - now if at_most_s is None else min(due - now, at_most_s)
        if wait_s <= 0 or self._ear.wants_look or self._unfinished:
            return False
        return await self._connection.wait_for_news(wait_s, self._ear.event)

    async def _next(self, *, told: bool) -> None:
        now = asyncio.get_running_loop().time()
        wanted = self._ear.heard()
        pushed, others = self._pushed_and_others()
        quiet_s = now - self._opened_at.get(pushed, now)
        changed = [pushed] if told or wanted or now >= self._push_due() else []
        changed = [*(self._unfinished - {pushed}), *changed]
        if others and (wanted or now >= self._status_due()):
            self._asked_at = now
            asked = [f for f in others if wanted or await self._has_changed(f)]
            changed = list(dict.fromkeys([*asked, *changed]))
        if not changed:
            return
        received = await self._look(changed)
        self._judge_push(told=told, came=received.get(pushed, 0), quiet_s=quiet_s)

    async def _look(self, folders: Sequence[str]) -> dict[str, int]:
        """Bring folders in step, the watched one last: it stays open. Return what came of each."""
        missing: list[FolderMissing] = []
        received: dict[str, int] = {}
        watched = opened = self._order()[0]
        for wanted in (*(f for f in folders if f != watched), watched):
            try:
                received[wanted] = await self._sync(wanted)
            except FolderMissing as failure:
                missing.append(failure)
                self._gone.add(wanted)
                wait_s = self._periods.poll_s
                await self._case.condition.failed(wanted, failure, wait_s)
                self._case.figures.failed(failure, self._looking.now(), None)
            else:
                opened = wanted
                self._gone.discard(wanted)
                await self._case.condition.succeeded(wanted)
        self._watch(opened)
        self._on_record()
        if len(missing) == len(self._folders):
            raise missing[0]
        if missing:
            self._listing = await self._connection.folders()
        if not self._gone:
            self._case.figures.succeeded(self._looking.now())
        return received

    async def _sync(self, wanted: str) -> int:
        folder = find(wanted, self._listing)
        if folder is None:
            raise FolderMissing(wanted)
        opened = await self._connection.open(folder.name)
        figures = self._case.figures.folder(wanted)
        figures.exists = opened.exists
        origin = Origin(
            self._case.account.account_id,
            folder.name,
            opened.uidvalidity,
            special_use(folder, self._listing),
        )
        progress = FolderProgress(self._case.figures, wanted, self._on_record)
        job = Job(origin, self._looking.scope(self._case.account), opened.exists, progress)
        patience_s = PATIENCE_S if len(self._folders) > 1 else None
        self._unfinished.add(wanted)
        try:
            if await self._looking.synchroniser.sync(self._connection, job, patience_s):
                self._unfinished.discard(wanted)
        finally:
            progress.ended()
        self._opened_at[wanted] = asyncio.get_running_loop().time()
        figures.looked_at = self._looking.now()
        return progress.received

    async def _has_changed(self, wanted: str) -> bool:
        """Ask a folder's STATUS; what was never asked has changed, and so has what is missing."""
        folder = find(wanted, self._listing)
        if folder is None:
            return True
        told = await self._connection.status(folder.name)
        before = self._seen.get(wanted)
        self._seen[wanted] = told
        self._case.figures.folder(wanted).exists = told.messages
        age_s = asyncio.get_running_loop().time() - self._opened_at.get(wanted, 0.0)
        if before is None or replace(before, unseen=told.unseen) != told or age_s > WHOLE_S:
            return True
        self._case.figures.folder(wanted).looked_at = self._looking.now()
        return False

    def _judge_push(self, *, told: bool, came: int, quiet_s: float) -> None:
        figures = self._case.figures
        if figures.push == "none":
            return
        if told:
            self._missed, figures.push = 0, "works"
        elif came and quiet_s > AT_ONCE_S:
            self._missed += 1
            figures.push = "silent" if self._missed >= SILENT_AFTER else figures.push

    def _order(self) -> list[str]:
        """Those that are there first: the first is to be watched."""
        there = [folder for folder in self._folders if folder not in self._gone]
        order = busiest_first(there, self._case.figures.received)
        return [*order, *(folder for folder in self._folders if folder in self._gone)]

    def _pushed_and_others(self) -> tuple[str, list[str]]:
        return self._watched, [folder for folder in self._folders if folder != self._watched]

    def _watch(self, watched: str) -> None:
        """Note which folder is open: it may be another one after the next look."""
        self._watched = watched
        has_push = self._case.figures.push != "none"
        for folder in self._folders:
            self._case.figures.folder(folder).push = has_push and folder == watched

    @property
    def _periods(self) -> Periods:
        return self._looking.periods(self._case.account)

    def _push_due(self) -> float:
        period_s = self._periods.of_push(self._case.figures.push)
        return self._opened_at.get(self._watched, 0.0) + period_s * self._spread

    def _status_due(self) -> float:
        if len(self._folders) <= 1:
            return float("inf")
        period_s = self._periods.of_status(self._case.figures.push)
        return self._asked_at + period_s * self._spread


def _nothing() -> None:
    """Nobody wants to know."""
