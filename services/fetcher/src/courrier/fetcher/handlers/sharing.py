"""Hold this instance's share of the accounts, each group of them under its lease.

The lease keeps a second instance away; what keeps the log right without it is the cursor.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from zlib import crc32

import structlog

from courrier.events.groups import Group
from courrier.events.lease import LeaseLost, Leases, LeaseTaken
from courrier.fetcher.domain.sharing import lease_of, moves
from courrier.fetcher.handlers.gauges import GROUPS
from courrier.fetcher.ports import Peers

LOOK_S = 1.0
"""Seconds between two looks at what is free: a dead instance's leases end without notice."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Works:
    """Begins and ends the work on a group's accounts; ``end`` returns when all of it has ended."""

    begin: Callable[[Group], None]
    end: Callable[[Group], Awaitable[None]]


class Share:
    """Takes and leaves groups as instances come and go."""

    def __init__(self, leases: Leases, peers: Peers, works: Works) -> None:
        self._leases = leases
        self._peers = peers
        self._works = works
        self._start = crc32(peers.name.encode())
        self._leaving: dict[Group, asyncio.Event] = {}
        self._held: set[Group] = set()

    async def run(self) -> None:
        """Share until cancelled."""
        heard = asyncio.Event()
        await self._peers.listen(heard.set)
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._move(tasks)
                    await self._peers.say({str(group) for group in self._held})
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_S):
                            await heard.wait()
                    heard.clear()
        finally:
            await self._peers.say_goodbye()

    def _move(self, tasks: asyncio.TaskGroup) -> None:
        wanted = moves(self._leaving.keys(), self._peers.others(), self._start)
        for group in wanted.take:
            self._leaving[group] = asyncio.Event()
            tasks.create_task(self._hold(group, self._leaving[group]))
        for group in wanted.leave:
            self._leaving[group].set()

    async def _hold(self, group: Group, leaving: asyncio.Event) -> None:
        try:
            async with self._leases.hold(lease_of(group), waits=False):
                self._held.add(group)
                GROUPS.set(len(self._held))
                await self._work(group, leaving)
        except LeaseTaken:
            log.debug("group.taken", group=str(group))
        except LeaseLost as error:
            log.warning("group.lost", group=str(group), error=str(error))
        finally:
            self._held.discard(group)
            GROUPS.set(len(self._held))
            del self._leaving[group]

    async def _work(self, group: Group, leaving: asyncio.Event) -> None:
        self._works.begin(group)
        try:
            await leaving.wait()
        finally:
            await self._works.end(group)
