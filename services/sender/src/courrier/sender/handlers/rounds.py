"""The delivery loop: which messages are tried now, how many at once, and when to look again.

It works from rows, and rows only point: every attempt asks the log first (``attempts.py``), so
that rows which lag or are being rebuilt send nothing (I10). It wakes when ``OUTBOUND`` moves,
when an attempt ends, and when the next one is due; a late tick fires once.
"""

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from courrier.events.envelope import UnreadableHistory
from courrier.events.store import EventStore, History
from courrier.sender.handlers.attempts import Attempts
from courrier.sender.handlers.patience import patiently
from courrier.sender.ports import Clock, Due, Post, Queue

STREAM = "OUTBOUND"
LONGEST_REST_S = 30.0
STALE_AFTER = timedelta(minutes=45)
"""No dialogue lasts so long (``adapters/smtp.py``): its sender is dead."""
PARKED = sys.maxsize
RECORD_S = 3.0
"""Seconds for recording what is known of the dialogues that were ended."""
CATCH_UP_POLL_S = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Dialogues at once: in all, and with one account's server. ``stop_grace_s`` see ``stop``."""

    overall: int = 10
    per_account: int = 2
    stop_grace_s: float = 2.0


class Rounds:
    """Rounds of one process. Dialogues outlive a lost lease: the log decides whose word counts."""

    def __init__(
        self, queue: Queue, attempts: Attempts, post: Post, *, clock: Clock, bounds: Bounds
    ) -> None:
        self._queue = queue
        self._attempts = attempts
        self._post = post
        self._clock = clock
        self._bounds = bounds
        self._changed = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._accounts: Counter[str] = Counter()
        self._position = 0
        # What the log says of these messages, by sequence, is newer than their rows.
        self._ahead: dict[str, int] = {}

    def wake(self) -> None:
        """Look for due messages now."""
        self._changed.set()

    async def noted(self, batch: History) -> None:
        """Take notice that the rows contain this batch, perhaps one that was parked for long."""
        self._position = max(self._position, batch[-1].sequence)
        self._ahead = {e: seq for e, seq in self._ahead.items() if seq > self._position}
        self.wake()

    async def run(self, store: EventStore) -> None:
        """Deliver what is due, for ever; call it while holding the delivery lease.

        It begins once the rows have reached the end of ``OUTBOUND``, and first of all records
        as uncertain what a dead predecessor has begun and not finished.
        """
        await self._catch_up(store)
        await self._doubt_unanswered(None)
        log.info("delivery.ready")
        while True:
            self._changed.clear()
            await self._doubt_unanswered(self._clock() - STALE_AFTER)
            await self._begin_due()
            await self._rest()

    async def stop(self) -> None:
        """Let dialogues under way finish within the grace, then hang up; record what is known."""
        tasks = set(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=self._bounds.stop_grace_s)
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
        while (free := self._bounds.overall - len(self._under_way)) > 0:
            busy = [a for a, n in self._accounts.items() if n >= self._bounds.per_account]
            known = [*self._under_way, *self._ahead]
            now = self._clock()
            due = await patiently(
                "delivery.due",
                lambda: self._queue.due(now, free, but_accounts=busy, but_emails=known),  # noqa: B023
            )
            if not due:
                return
            for each in due:
                self._begin(each)

    def _begin(self, due: Due) -> None:
        if self._accounts[due.account_id] < self._bounds.per_account:
            self._accounts[due.account_id] += 1
            task = asyncio.create_task(self._attempt(due), name=f"delivery {due.email_id}")
            self._under_way[due.email_id] = task

    async def _attempt(self, due: Due) -> None:
        """Supervise one attempt: a bug in it stops this message, and no other."""
        try:
            self._know(due.email_id, await self._attempts.attempt(due.email_id))
        except Exception:
            log.exception("delivery.broken", email=due.email_id)
            self._know(due.email_id, PARKED)
            await self._doubt(due.email_id)
        finally:
            self._accounts[due.account_id] -= 1
            del self._under_way[due.email_id]
            self.wake()

    def _know(self, email_id: str, sequence: int) -> None:
        if sequence > self._position:
            self._ahead[email_id] = sequence

    async def _rest(self) -> None:
        now = self._clock()
        due = await patiently("delivery.next", lambda: self._queue.next_due(now))
        wait_s = (due - now).total_seconds() if due else LONGEST_REST_S
        await self._wait(min(LONGEST_REST_S, max(0.0, wait_s)))

    async def _wait(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return
