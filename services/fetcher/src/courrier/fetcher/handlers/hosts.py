"""Mail servers are shared by many accounts: how many connections and log-ins a second each bears.

A connection is *wanted* when accounts wait for one: who has had it for a while then leaves it, so
that all accounts of a full server are looked at in turn.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.pace import UNREACHABLE, Pace


class NoRoom(Exception):
    """The server has no connection left for more than one an account."""


@dataclass(frozen=True, slots=True)
class HostLimits:
    """For each server: connections at once, log-ins a second."""

    connections: int = 4000
    log_ins_per_s: float = 25.0


class Hosts:
    """The mail servers of this process's accounts, by name."""

    def __init__(self, limits: HostLimits) -> None:
        self._limits = limits
        self._hosts: dict[str, Host] = {}

    @asynccontextmanager
    async def place(self, host: str, *, waits: bool) -> AsyncIterator["Place"]:
        """Hold one of the server's connections; one that does not wait may find no room.

        Raises:
            NoRoom: all are in use, and ``waits`` is false.
        """
        key = host.lower()
        one = self._hosts.setdefault(key, Host(self._limits))
        one.users += 1
        try:
            async with one.room(waits=waits) as place:
                yield place
        finally:
            one.users -= 1
            if not one.users and self._hosts.get(key) is one:
                del self._hosts[key]


class Host:
    """One mail server."""

    def __init__(self, limits: HostLimits) -> None:
        self.users = 0
        self.waiting = 0
        self._room = asyncio.Semaphore(limits.connections)
        self._door = asyncio.Lock()
        self._pace = Pace(limits.log_ins_per_s)

    @asynccontextmanager
    async def room(self, *, waits: bool) -> AsyncIterator["Place"]:
        """Hold one of its connections (see ``Hosts.place``)."""
        if not waits and self._room.locked():
            raise NoRoom
        self.waiting += 1
        try:
            await self._room.acquire()
        finally:
            self.waiting -= 1
        try:
            yield Place(self)
        finally:
            self._room.release()

    async def pass_the_door(self) -> None:
        """Wait for one's turn to log in; first come, first served."""
        clock = asyncio.get_running_loop().time
        async with self._door:
            await asyncio.sleep(self._pace.wait_s(clock()))
            self._pace = self._pace.begin(clock())

    def note(self, failure: CannotFetch | None) -> None:
        """Note how a log-in ended."""
        missed = failure is not None and failure.reason in UNREACHABLE
        self._pace = self._pace.missed() if missed else self._pace.reached()


class Place:
    """One connection's place at a server."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._is_in = False

    @property
    def is_wanted(self) -> bool:
        """Whether another account waits for one."""
        return self._host.waiting > 0

    async def enter(self) -> None:
        """Wait until it is this connection's turn to log in."""
        await self._host.pass_the_door()

    def entered(self) -> None:
        """The server let us in."""
        self._is_in = True
        self._host.note(None)

    def failed(self, failure: CannotFetch) -> None:
        """The connection failed; before the log-in that says something about the server."""
        if not self._is_in:
            self._host.note(failure)
