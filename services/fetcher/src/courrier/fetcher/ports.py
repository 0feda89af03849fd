"""What the fetcher needs of the world: mail servers, a password, a wake-up call."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from courrier.events.families.settings import Server
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import Span


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A folder opened for reading; ``uidnext`` is what the server claims, and no proof."""

    name: str
    uidvalidity: int
    exists: int
    uidnext: int | None = None


class MailConnection(Protocol):
    """One connection, logged in. Nothing done through it marks a message as read.

    Every call ends within a time limit and raises ``CannotFetch`` on any failure; after a failure
    or a cancellation the connection is closed and of no more use.
    """

    async def folders(self) -> Sequence[Folder]:
        """Return all folders of the account."""
        ...

    async def open(self, folder: str) -> OpenFolder:
        """Open a folder, or look again when it is open; raises ``FolderMissing``."""
        ...

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return UIDs within these ranges, in any order; ``since`` by the server's own day."""
        ...

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return size and arrival of those of these messages that are still there."""
        ...

    def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """Yield these messages whole, as they come; those that have vanished are left out."""
        ...

    async def wait_for_news(self, within_s: float, wake: asyncio.Event) -> bool:
        """Return True when the server tells of a change, False at the end of the wait.

        Setting ``wake`` ends the wait early. Without push it only waits.
        """
        ...


class MailServers(Protocol):
    """Reach an account's mail server."""

    def connect(self, server: Server, password: str) -> AbstractAsyncContextManager[MailConnection]:
        """Connect and log in; raises ``CannotFetch``."""
        ...


class Bell(Protocol):
    """Reach the fetcher that holds an account, whichever instance it is."""

    async def ring(self, account_id: str) -> None:
        """Ask for a look at the account now."""
        ...


class Peers(Protocol):
    """The other instances of the fetcher; ``name`` is this one's, and nobody else's."""

    @property
    def name(self) -> str:
        """What this instance is called."""
        ...

    async def listen(self, on_change: Callable[[], None]) -> None:
        """Hear the others from now on; call ``on_change`` when one comes, goes or moves."""
        ...

    def others(self) -> Sequence[Collection[str]]:
        """Return the groups that each other living instance says that it holds."""
        ...

    async def say(self, held: Collection[str]) -> None:
        """Tell the others what this instance holds."""
        ...

    async def say_goodbye(self) -> None:
        """Tell the others that this instance ends."""
        ...
