"""Bring what people do in Courrier to the accounts whose servers are to know it.

One reading of ``EMAIL`` and ``OUTBOUND`` serves all accounts of a process. An account that comes
late reads what it has missed together with others that came at the same time.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.mailbox_state import Errand
from courrier.events.store import EventStore
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.errands import errand_of

STREAMS = ("EMAIL", "OUTBOUND")
GATHER_S = 0.2
"""Seconds in which accounts that come are gathered for one reading of what they missed."""
KEPT = 1000
"""Wishes of one account in memory; who has more begins again from the log."""


@dataclass(frozen=True, slots=True)
class Wished:
    """An errand and where what asks for it stands."""

    stream: str
    sequence: int
    errand: Errand


@dataclass(slots=True)
class Slot:
    """One account's wishes that nobody has taken yet; ``reached`` is how far each stream is read.

    ``lost``: there were too many, or the reading broke off; subscribe again.
    """

    account: Account
    ring: Callable[[], None]
    reached: dict[str, int] = field(default_factory=dict)
    wishes: list[Wished] = field(default_factory=list)
    lost: bool = False

    def offer(self, recorded: Recorded[Event]) -> None:
        """Take an event that comes after what is known, if it asks for something here."""
        if recorded.sequence <= self.reached[recorded.stream] or self.lost:
            return
        self.reached[recorded.stream] = recorded.sequence
        if errand := errand_of(self.account, recorded):
            self.lost = len(self.wishes) >= KEPT
            self.wishes.append(Wished(recorded.stream, recorded.sequence, errand))
            self.ring()

    def take(self, most: int) -> tuple[list[Errand], dict[str, int]]:
        """Return the first wishes, and up to where every stream's are taken with them."""
        taken, self.wishes = self.wishes[:most], self.wishes[most:]
        seen = dict(self.reached)
        for left in reversed(self.wishes):
            seen[left.stream] = left.sequence - 1
        return [one.errand for one in taken], seen


class Wishes:
    """Follows the streams and hands each wish to the account it concerns."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._slots: list[Slot] = []
        self._late: list[tuple[Slot, asyncio.Future[None]]] = []
        self._reached: dict[str, int] = {}
        self._started = asyncio.Event()
        self._came = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled.

        Raises:
            StoreUnavailable: the log cannot be read; run again.
        """
        self._lose_all()
        if self._late:
            self._came.set()
        for stream in STREAMS:
            self._reached[stream] = await self._store.end(stream)
        self._started.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                for stream in STREAMS:
                    tasks.create_task(self._follow(stream))
                tasks.create_task(self._catch_up_all())
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def subscribe(
        self, account: Account, ring: Callable[[], None], seen: Mapping[str, int]
    ) -> Slot:
        """Return a slot that has all wishes after ``seen``; a stream never seen begins now."""
        await self._started.wait()
        now = self._reached
        slot = Slot(account, ring, {one: seen.get(one, now[one]) for one in STREAMS})
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._late.append((slot, done))
        self._came.set()
        try:
            await done
        except BaseException:
            self.leave(slot)
            raise
        return slot

    def leave(self, slot: Slot) -> None:
        """Forget a slot."""
        if slot in self._slots:
            self._slots.remove(slot)

    async def _follow(self, stream: str) -> None:
        after = self._reached[stream]
        async with aclosing(self._store.follow(stream, after=after)) as batches:
            async for batch in batches:
                for recorded in batch:
                    for slot in self._slots:
                        slot.offer(recorded)
                self._reached[stream] = batch[-1].sequence

    async def _catch_up_all(self) -> None:
        while True:
            await self._came.wait()
            await asyncio.sleep(GATHER_S)
            self._came.clear()
            late = list(self._late)
            slots = [slot for slot, _ in late]
            while behind := [stream for stream in STREAMS if self._is_behind(stream, slots)]:
                for stream in behind:
                    await self._catch_up(stream, slots)
            # No await between the last look and the entry: nothing is missed, nothing comes twice.
            self._slots += slots
            self._late = [entry for entry in self._late if entry not in late]
            for _, done in late:
                if not done.done():
                    done.set_result(None)

    def _is_behind(self, stream: str, slots: list[Slot]) -> bool:
        return any(slot.reached[stream] < self._reached[stream] for slot in slots)

    async def _catch_up(self, stream: str, slots: list[Slot]) -> None:
        start, end = min(slot.reached[stream] for slot in slots), self._reached[stream]
        async with aclosing(self._store.follow(stream, after=start)) as batches:
            async for batch in batches:
                for recorded in batch:
                    for slot in slots:
                        slot.offer(recorded)
                if batch[-1].sequence >= end:
                    break

    def _lose_all(self) -> None:
        for slot in self._slots:
            slot.lost = True
            slot.ring()
        self._slots = []
