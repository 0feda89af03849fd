"""Bring one folder in step: what the server has and the log has not, newest first.

The next FETCH runs while the last batches are stored. A crash, a lost connection or a second
fetcher costs nothing but the batches under way: what is not behind the cursor is fetched again.
"""

import asyncio
from contextlib import aclosing

import structlog

from courrier.events.store import Conflict
from courrier.fetcher.domain.batches import Rules, Window, holes_first, windows
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.doubts import Doubts
from courrier.fetcher.handlers.arriving import Plan, arriving
from courrier.fetcher.handlers.comparing import compare
from courrier.fetcher.handlers.line import Job, Line
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.turns import Turn, Turns
from courrier.fetcher.ports import MailReading

log = structlog.get_logger(__name__)

SMALL_UIDS = 100
"""So many missing messages are new mail rather than a first synchronisation."""

Key = tuple[str, str]
"""Account and folder."""


class Synchroniser:
    """Brings folders in step, each through the connection that it is given."""

    def __init__(self, recorder: Recorder, turns: Turns) -> None:
        self._recorder = recorder
        self._turns = turns
        self._doubts: dict[Key, Doubts] = {}
        self._asked: dict[str, int] = {}
        self._answered: dict[Key, int] = {}

    def ask(self, account_id: str) -> None:
        """Have each folder of the account compared with the server at its next look."""
        self._asked[account_id] = self._asked.get(account_id, 0) + 1

    async def sync(
        self, connection: MailReading, job: Job, patience_s: float | None = None
    ) -> bool:
        """Fetch and record all that is missing of a folder that is open on ``connection``.

        Return whether it is in step; False after ``patience_s``, when there is more to fetch.
        A conflict means that another fetcher has recorded something: its work is read and the
        rest is planned anew, which ends when nothing is missing.

        Raises:
            CannotFetch: the server or the connection failed.
            StoreUnavailable: the log or the blob store failed.
        """
        key = (job.origin.account_id, job.origin.folder)
        ends_at = asyncio.get_running_loop().time() + patience_s if patience_s else None
        while True:
            cursor = (await self._recorder.cursor(*key)).under(job.origin.uidvalidity)
            line = Line(self._recorder, job, cursor)
            try:
                return await self._bring(connection, job, line, ends_at)
            except Conflict:
                log.info("folder.contended", account=key[0], cursor=cursor.sequence)
            finally:
                await line.close()

    async def _bring(
        self, connection: MailReading, job: Job, line: Line, ends_at: float | None
    ) -> bool:
        key = (job.origin.account_id, job.origin.folder)
        doubts = self._doubts.setdefault(key, Doubts())
        rules = Rules(job.scope, doubts)
        plan = await _plan(connection, job, line.cursor, rules)
        job.progress.planned(sum(len(window.uids) for window in plan.windows))
        if plan.windows and not await self._fetch(connection, line, plan, ends_at):
            return False
        if owed := self._owed(line.cursor, doubts):
            plan = Plan(job.origin.folder, owed, rules, plan.top, None, plan.server)
            await self._fetch(connection, line, plan, None)
        await self._compare(connection, job, line, rules)
        if not doubts.suspects and not doubts.strikes:
            self._doubts.pop(key, None)
        return True

    async def _compare(self, connection: MailReading, job: Job, line: Line, rules: Rules) -> None:
        key = (job.origin.account_id, job.origin.folder)
        asked = self._asked.get(key[0], 0)
        is_asked = asked > self._answered.get(key, 0)
        ledger, now = line.cursor.ledger, self._recorder.now()
        if is_asked or ledger.wants_comparing(job.scope, now, "/".join(key)):
            for one in ledger.owed:
                rules.doubts.forgive(one.uid, one.tries)
            async with self._turns.take():
                await compare(connection, self._recorder, job, line, rules)
            if is_asked:
                self._answered[key] = asked

    def _owed(self, cursor: Cursor, doubts: Doubts) -> list[Window]:
        """Return a window for each message that the server is to be asked for again."""
        tries = {one.uid: one.tries for one in cursor.ledger.owed}
        due = cursor.ledger.due(self._recorder.now())
        for uid in due:
            doubts.forgive(uid, tries[uid])
        return [Window((uid,), (uid, uid)) for uid in due]

    async def _fetch(
        self, connection: MailReading, line: Line, plan: Plan, ends_at: float | None
    ) -> bool:
        is_small = plan.missing <= SMALL_UIDS
        async with (
            self._turns.take(is_small=is_small) as turn,
            aclosing(arriving(connection, plan)) as arrivals,
        ):
            async for arrival in arrivals:
                stop_if_asked()
                await line.put(arrival)
                if ends_at and plan.missing and asyncio.get_running_loop().time() > ends_at:
                    await line.drain()
                    return False
                await _be_fair(line, turn)
            await line.drain()
        return True


async def _be_fair(line: Line, turn: Turn) -> None:
    if turn.is_wanted:
        await line.drain()
        await turn.pass_on()


async def _plan(connection: MailReading, job: Job, cursor: Cursor, rules: Rules) -> Plan:
    gaps = cursor.settled.gaps()
    missing = cursor.settled.missing_of(await connection.search(gaps))
    todo = holes_first(cursor.settled, windows(missing))
    top = max([*missing[-1:], *(span[1] for span in cursor.settled.spans[-1:])], default=0)
    young = None
    if job.scope.since and todo:
        young = set(await connection.search(gaps, job.scope.since))
    return Plan(job.origin.folder, todo, rules, top, young, job.server)
