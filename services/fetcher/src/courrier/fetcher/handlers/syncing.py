"""Bring one folder in step: what the server has and the log has not, newest first.

The next FETCH runs while the last batch is stored. A crash, a lost connection or a second fetcher
costs nothing but the batch under way: whatever is not behind the cursor is fetched again.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import structlog

from courrier.events.store import Conflict
from courrier.fetcher.domain.batches import (
    BATCH_MESSAGES,
    Arrival,
    Batch,
    Listed,
    Window,
    batches,
    known_old,
    windows,
)
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.handlers.storing import Recorder
from courrier.fetcher.handlers.turns import Turn, Turns
from courrier.fetcher.ports import MailConnection

log = structlog.get_logger(__name__)


SMALL_UIDS = BATCH_MESSAGES
"""So many missing messages are new mail rather than a first synchronisation."""


class Progress(Protocol):
    """Whoever wants to know how far the work on a folder is."""

    def planned(self, count: int) -> None:
        """So many UIDs are to be settled, those left out included."""
        ...

    def recorded(self, received: int, settled: int) -> None:
        """One more batch is on the log: messages received, UIDs settled."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fetch from an open folder; ``young`` holds the UIDs that SINCE found, or is None."""

    windows: Sequence[Window]
    since: date | None
    young: frozenset[int] | None

    @property
    def count(self) -> int:
        """How many UIDs are to be settled."""
        return sum(len(window.uids) for window in self.windows)


class Synchroniser:
    """Brings folders in step, each through the connection that it is given."""

    def __init__(self, recorder: Recorder, turns: Turns) -> None:
        self._recorder = recorder
        self._turns = turns

    async def sync(
        self,
        connection: MailConnection,
        origin: Origin,
        since: date | None,
        progress: Progress,
    ) -> None:
        """Fetch and record all that is missing of a folder that is open on ``connection``.

        A conflict means that another fetcher has recorded something: its work is read and the
        rest is planned anew, which ends when nothing is missing.

        Raises:
            CannotFetch: the server or the connection failed.
            StoreUnavailable: the log or the blob store failed.
        """
        while True:
            cursor = await self._recorder.cursor(origin.account_id, origin.folder)
            try:
                line = _Line(self._recorder, origin, cursor.under(origin.uidvalidity), progress)
                return await self._catch_up(connection, line, since)
            except Conflict:
                log.info("folder.contended", account=origin.account_id, cursor=cursor.sequence)

    async def _catch_up(
        self, connection: MailConnection, line: "_Line", since: date | None
    ) -> None:
        plan = await _plan(connection, line.cursor, since)
        if not plan.windows:
            return
        line.progress.planned(plan.count)
        async with self._turns.take(is_small=plan.count <= SMALL_UIDS) as turn:
            try:
                await _work_off(connection, line, plan, turn)
            finally:
                await line.close()


async def _work_off(connection: MailConnection, line: "_Line", plan: Plan, turn: Turn) -> None:
    async with aclosing(_arriving(connection, plan)) as arriving:
        async for arrival in arriving:
            stop_if_asked()
            await line.put(arrival)
            if turn.is_wanted:
                await line.drain()
                await turn.pass_on()
    await line.drain()


class _Line:
    """One batch being recorded, in order, while the next one is fetched."""

    def __init__(
        self,
        recorder: Recorder,
        origin: Origin,
        cursor: Cursor,
        progress: Progress,
    ) -> None:
        self._recorder = recorder
        self._origin = origin
        self.cursor = cursor
        self.progress = progress
        self._task: asyncio.Task[Cursor] | None = None
        self._counts = (0, 0)

    async def put(self, arrival: Arrival) -> None:
        """Wait for the batch before and start recording this one."""
        await self.drain()
        recording = self._recorder.record(self._origin, self.cursor, arrival)
        self._task = asyncio.create_task(recording)
        self._counts = (len(arrival.messages), arrival.settled)

    async def drain(self) -> None:
        """Wait until all is recorded; raises what recording raised."""
        if self._task:
            task, self._task = self._task, None
            try:
                self.cursor = await task
                self.progress.recorded(*self._counts)
            except asyncio.CancelledError:
                task.cancel()
                raise

    async def close(self) -> None:
        """Stop recording; what is not acknowledged will be fetched again."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})


async def _plan(connection: MailConnection, cursor: Cursor, since: date | None) -> Plan:
    gaps = cursor.settled.gaps()
    existing = await connection.search(gaps)
    todo = windows(cursor.settled, existing)
    if since is None or not todo:
        return Plan(todo, since, None)
    return Plan(todo, since, frozenset(await connection.search(gaps, since)))


async def _arriving(connection: MailConnection, plan: Plan) -> AsyncGenerator[Arrival, None]:
    for window in plan.windows:
        listed = await _describe(connection, window, plan.young)
        for batch in batches(window, listed, plan.since):
            yield await _arrival(connection, batch)


async def _describe(
    connection: MailConnection, window: Window, young: frozenset[int] | None
) -> dict[int, Listed]:
    wanted = [uid for uid in window.uids if young is None or uid in young]
    listed = await connection.describe(wanted) if wanted else {}
    left_out = (uid for uid in window.uids if young is not None and uid not in young)
    return listed | {uid: known_old(uid) for uid in left_out}


async def _arrival(connection: MailConnection, batch: Batch) -> Arrival:
    """Fetch a batch; what does not come and is still there is asked for once more, alone."""
    came = await _fetch(connection, batch.messages)
    missed = [message.uid for message in batch.messages if message.uid not in came]
    if not missed:
        return Arrival(batch, tuple(came.values()))
    still_there = await connection.describe(missed)
    for listed in still_there.values():
        came |= await _fetch(connection, [listed])
    return Arrival(batch, tuple(came.values()), frozenset(still_there))


async def _fetch(connection: MailConnection, messages: Sequence[Listed]) -> dict[int, Fetched]:
    """Return these messages, each once and no others, whatever the server sends."""
    if not messages:
        return {}
    wanted = {message.uid for message in messages}
    came: dict[int, Fetched] = {}
    async with aclosing(connection.fetch(messages)) as arriving:
        async for some in arriving:
            came |= {message.uid: message for message in some if message.uid in wanted}
    return came
