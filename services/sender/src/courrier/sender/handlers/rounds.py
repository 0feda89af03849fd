"""The delivery loop: which messages are tried now, how many at once, and when to look again.

It works from rows, and rows only point: every attempt asks the log first (``attempts.py``), so
that rows which lag or are being rebuilt send nothing (I10). It wakes when ``OUTBOUND`` moves,
when an attempt ends, and when the next one is due; a late tick fires once.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from courrier.events.base import Event
from courrier.events.envelope import UnreadableHistory
from courrier.events.families.outbound import (
    DeliveryDeferred,
    DeliveryReleased,
    SendingHeldBack,
    SendingResumed,
    SendRequested,
)
from courrier.events.store import EventStore, History
from courrier.sender.domain.turns import Due, Turns
from courrier.sender.handlers.attempts import Attempts
from courrier.sender.handlers.gauges import UNDER_WAY, WAITED_S
from courrier.sender.handlers.patience import patiently
from courrier.sender.ports import Clock, Post, Queue

STREAM = "OUTBOUND"
LONGEST_REST_S = 30.0
STALE_AFTER = timedelta(minutes=45)
"""No dialogue lasts so long (``adapters/smtp.py``): its sender is dead."""
STALE_LOOK = timedelta(seconds=30)
"""Between two looks for dialogues that nobody will end."""
PARKED = sys.maxsize
RECORD_S = 3.0
"""Seconds for recording what is known of the dialogues that were ended."""
CATCH_UP_POLL_S = 1.0
LOOKED_AHEAD = 200
"""Messages that are read from the rows at once, shared by the accounts that have some."""
LEAST_EACH = 4

CHANGES_TIMES = (SendRequested, DeliveryDeferred, SendingHeldBack, SendingResumed)
"""After these the next message may be due at another time."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What is waiting, how one message is tried, and by whom it is carried."""

    queue: Queue
    attempts: Attempts
    post: Post


class Rounds:
    """Rounds of one process. Dialogues outlive a lost lease: the log decides whose word counts.

    ``stop_grace_s`` see ``stop``.
    """

    def __init__(
        self, work: Work, turns: Turns, *, clock: Clock, stop_grace_s: float = 2.0
    ) -> None:
        self._queue = work.queue
        self._attempts = work.attempts
        self._post = work.post
        self._turns = turns
        self._clock = clock
        self._stop_grace_s = stop_grace_s
        self._changed = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._position = 0
        # What the log says of these messages, by sequence, is newer than their rows.
        self._ahead: dict[str, int] = {}
        # Read from the rows, not begun; by e-mail. Read anew when they are used up or rows moved.
        self._read: dict[str, Due] = {}
        self._rows_moved = True
        self._looked_at: datetime | None = None
        self._next_due: datetime | None = None
        self._times_changed = True

    def wake(self) -> None:
        """Look for due messages now."""
        self._rows_moved = True
        self._times_changed = True
        self._changed.set()

    async def noted(self, batch: History) -> None:
        """Take notice that the rows contain this batch, perhaps one that was parked for long."""
        self._position = max(self._position, batch[-1].sequence)
        self._ahead = {e: seq for e, seq in self._ahead.items() if seq > self._position}
        known = {due.account_id for due in self._read.values()}
        now = self._clock()
        if any(_is_news(recorded.event, known, now) for recorded in batch):
            self._rows_moved = True
        if any(isinstance(recorded.event, CHANGES_TIMES) for recorded in batch):
            self._times_changed = True
        self._changed.set()

    async def run(
        self, store: EventStore, before: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Deliver what is due, for ever; call it while holding the delivery lease.

        It begins once the rows have reached the end of ``OUTBOUND``, and first of all records
        as uncertain what a dead predecessor has begun and not finished. ``before`` runs after
        that, and before anything is begun.
        """
        await self._catch_up(store)
        await self._doubt_unanswered(None)
        if before is not None:
            await before()
        log.info("delivery.ready")
        while True:
            self._changed.clear()
            await self._look_for_stale()
            await self._begin_due()
            await self._rest()

    async def stop(self) -> None:
        """Let dialogues under way finish within the grace, then hang up; record what is known."""
        tasks = set(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self._stop_grace_s)
        self._post.hang_up()
        late = {task for task in tasks if not task.done()}
        if late:
            await asyncio.wait(late, timeout=RECORD_S)
        for task in late:
            task.cancel()

    async def _catch_up(self, store: EventStore) -> None:
        end = await patiently("delivery.end", lambda: store.end(STREAM))
        while (at := await patiently("delivery.position", self._queue.position)) < end:
            self._changed.clear()
            await self._wait(CATCH_UP_POLL_S)
        self._position = at

    async def _look_for_stale(self) -> None:
        now = self._clock()
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + STALE_LOOK:
            return
        self._looked_at = now
        await self._doubt_unanswered(now - STALE_AFTER)

    async def _doubt_unanswered(self, before: datetime | None) -> None:
        found = await patiently("delivery.unanswered", lambda: self._queue.unanswered(before))
        for email_id in found:
            if email_id not in self._under_way and email_id not in self._ahead:
                await self._doubt(email_id)

    async def _doubt(self, email_id: str) -> None:
        """Of what a newer Courrier wrote about, only that one can tell what became of it."""
        try:
            self._know(email_id, await self._attempts.doubt(email_id))
        except UnreadableHistory as error:
            log.warning("delivery.unreadable", email=email_id, error=str(error))
            self._know(email_id, PARKED)

    async def _begin_due(self) -> None:
        """Begin what may begin; the rows are read where they moved or an account's are used up."""
        if self._next_due is not None and self._next_due <= self._clock():
            self._rows_moved = True
        self._begin_read()
        while self._rows_moved and self._turns.free > 0:
            self._rows_moved = False
            await self._read_due()
            self._begin_read()

    def _begin_read(self) -> None:
        now = self._clock()
        for due in self._turns.choose(self._startable(), now):
            self._begin(due, now)

    def _startable(self) -> list[Due]:
        """Return what was read and is nobody's yet; the rest of it the rows will tell anew."""
        for email_id in [e for e in self._read if e in self._under_way or e in self._ahead]:
            self._drop(email_id)
        return list(self._read.values())

    def _drop(self, email_id: str) -> None:
        """Forget one that was read; an account without any is to be read again."""
        account_id = self._read.pop(email_id).account_id
        if all(other.account_id != account_id for other in self._read.values()):
            self._rows_moved = True

    async def _read_due(self) -> None:
        known = [*self._under_way, *self._ahead]
        accounts = len({due.account_id for due in self._read.values()})
        each = max(LEAST_EACH, LOOKED_AHEAD // (accounts or 1))
        now = self._clock()
        due = await patiently("delivery.due", lambda: self._queue.due(now, each, but_emails=known))
        self._read = {each.email_id: each for each in due}

    def _begin(self, due: Due, now: datetime) -> None:
        self._drop(due.email_id)
        self._turns.begin(due, now)
        task = asyncio.create_task(self._attempt(due), name=f"delivery {due.email_id}")
        self._under_way[due.email_id] = task
        UNDER_WAY.set(len(self._under_way))
        WAITED_S.observe(max(0.0, (now - due.turn_at).total_seconds()) if due.turn_at else 0.0)

    async def _attempt(self, due: Due) -> None:
        """Supervise one attempt: a bug in it stops this message, and no other."""
        try:
            self._know(due.email_id, await self._attempts.attempt(due))
        except Exception:
            log.exception("delivery.broken", email=due.email_id)
            self._know(due.email_id, PARKED)
            await self._doubt(due.email_id)
        finally:
            self._turns.end(due)
            del self._under_way[due.email_id]
            UNDER_WAY.set(len(self._under_way))
            self._changed.set()

    def _know(self, email_id: str, sequence: int) -> None:
        if sequence > self._position:
            self._ahead[email_id] = sequence

    async def _rest(self) -> None:
        now = self._clock()
        due = await self._when_due(now)
        free = self._turns.next_free(self._startable(), now)
        wait_s = (
            min((at - now).total_seconds() for at in (due, free) if at) if due or free else None
        )
        rest_s = LONGEST_REST_S if wait_s is None else min(LONGEST_REST_S, max(0.0, wait_s))
        if not await self._wait(rest_s):
            self._rows_moved = True
            self._times_changed = True

    async def _when_due(self, now: datetime) -> datetime | None:
        """Return when something is due next; it is asked anew only where that may have changed."""
        if self._times_changed or (self._next_due is not None and self._next_due <= now):
            self._times_changed = False
            self._next_due = await patiently("delivery.next", lambda: self._queue.next_due(now))
        return self._next_due

    async def _wait(self, wait_s: float) -> bool:
        """Wait for something to happen; tell whether it did."""
        try:
            async with asyncio.timeout(wait_s):
                return await self._changed.wait()
        except TimeoutError:
            return False


def _is_news(event: Event, known: Collection[str], now: datetime) -> bool:
    """Tell whether the queue's heads may be others now; a message behind its account's is none."""
    if isinstance(event, SendRequested):
        return event.account_id not in known
    if isinstance(event, DeliveryDeferred):
        return event.retry_at <= now
    return isinstance(event, DeliveryReleased | SendingHeldBack | SendingResumed)
