"""What the fetcher needs of the world: mail servers, a password, a wake-up call."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from courrier.events.commands.mailboxes import CertificateSeen, Step
from courrier.events.families.settings import Server
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.news import Marks, News
from courrier.fetcher.domain.reading import Reading
from courrier.fetcher.domain.received import Fetched, Origin
from courrier.fetcher.domain.sign_in import Granted
from courrier.fetcher.domain.uids import Span


class MessageReader(Protocol):
    """Reads messages where one that was made to break its reader does no harm."""

    async def read(self, origin: Origin, messages: Sequence[Fetched]) -> list[Reading]:
        """Return a reading of each, in order; one that cannot be read is told as such."""
        ...


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A folder opened for reading; ``uidnext`` is what the server claims, and no proof."""

    name: str
    uidvalidity: int
    exists: int
    uidnext: int | None = None
    highestmodseq: int | None = None
    is_writable: bool = False


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A folder's counts, told without opening it; None: the server does not say."""

    messages: int | None = None
    uidnext: int | None = None
    uidvalidity: int | None = None
    unseen: int | None = None
    highestmodseq: int | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a message is that was put into a folder."""

    uidvalidity: int
    uid: int


class MailReading(Protocol):
    """What bringing a folder in step needs of a connection (see ``MailConnection``)."""

    async def open(self, folder: str) -> OpenFolder:
        """Open a folder for reading, or look again when it is open."""
        ...

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return UIDs within these ranges, in any order; ``since`` by the server's own day."""
        ...

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return size and arrival of those of these messages that are still there."""
        ...

    def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """Yield these messages whole, as they come; those that have vanished are left out.

        Raises ``FetchRefused`` when the server says NO and the connection can still be used.
        """
        ...


class MailConnection(MailReading, Protocol):
    """One connection, logged in. Nothing done through it marks a message as read.

    Every call ends within a time limit and raises ``CannotFetch`` on any failure; after a failure
    or a cancellation the connection is closed and of no more use.
    """

    async def folders(self) -> Sequence[Folder]:
        """Return all folders of the account."""
        ...

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do, in upper case (``IDLE``, ``UIDPLUS``, ``CONDSTORE``, …)."""
        ...

    async def open(self, folder: str, *, writing: bool = False) -> OpenFolder:
        """Open a folder, or look again when it is open; raises ``FolderMissing``.

        Only with ``writing`` can anything in it be changed.
        """
        ...

    async def status(self, folder: str) -> FolderStatus:
        """Return a folder's counts without opening it; raises ``FolderMissing``."""
        ...

    async def noop(self) -> None:
        """Ask for nothing: the server may tell its news, and the connection lives on."""
        ...

    def news(self) -> Sequence[News]:
        """Return, once, what the server told of the open folder without being asked."""
        ...

    async def find(self, message_id: str) -> list[int]:
        """Return UIDs in the open folder of messages with this Message-ID, without brackets."""
        ...

    async def marks(self, spans: Sequence[Span], since: int | None = None) -> dict[int, Marks]:
        """Return flags by UID; with ``since``, of those changed after this MODSEQ (CONDSTORE)."""
        ...

    async def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the header of those of these messages that are still there."""
        ...

    async def store(
        self, uids: Sequence[int], flags: Sequence[str], *, add: bool = True
    ) -> dict[int, Marks]:
        """Set or clear flags; return the flags that the server then tells of."""
        ...

    async def move(self, uids: Sequence[int], folder: str) -> Mapping[int, int]:
        """Move messages out of the open folder; return their UIDs there by those here, if told.

        Raises ``CannotFetch`` ``not-possible`` on a server that can do it only by expunging all.
        """
        ...

    async def append(
        self, folder: str, raw: bytes, flags: Sequence[str] = (), at: datetime | None = None
    ) -> Appended | None:
        """Put a message into a folder; None: done, but where it is is not told."""
        ...

    async def wait_for_news(self, within_s: float, wake: asyncio.Event) -> bool:
        """Return True when the server tells of a change, False at the end of the wait.

        Setting ``wake`` ends the wait early. Without push it only waits.
        """
        ...


@dataclass(frozen=True, slots=True)
class Inspected:
    """How far a try of a mailbox went; ``failure`` is None where all works."""

    step: Step
    failure: CannotFetch | None = None
    folders: tuple[Folder, ...] = ()
    capabilities: frozenset[str] = frozenset()
    certificate: CertificateSeen | None = None


class MailServers(Protocol):
    """Reach an account's mail server."""

    async def inspect(self, server: Server, secret: str, folders: Sequence[str]) -> Inspected:
        """Connect, log in, list the folders and open these, within nine seconds."""
        ...

    def connect(self, server: Server, secret: str) -> AbstractAsyncContextManager[MailConnection]:
        """Connect and log in; raises ``CannotFetch``.

        ``secret`` is the password, or the access token where ``server.oauth`` is set.
        """
        ...


class Bell(Protocol):
    """Reach the fetcher that holds an account, whichever instance it is."""

    async def ring(self, account_id: str, *, compare: bool = False) -> None:
        """Ask for a look at the account now, and to compare its folders with the server."""
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


class TokenEndpoint(Protocol):
    """Reach a provider that people sign in with."""

    async def grant(self, url: str, form: dict[str, str]) -> Granted:
        """Ask for tokens.

        Raises:
            SignInEnded: the code or the refresh token is refused.
            CannotFetch: the provider cannot be reached, or refuses for another reason.
        """
        ...

    async def revoke(self, url: str, token: str) -> None:
        """Tell that a token is not used any more; raises ``CannotFetch``."""
        ...
