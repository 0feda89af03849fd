"""What the handlers need of the world, in their own words."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from courrier.events.families.settings import Server
from courrier.sender.domain.account import Account
from courrier.sender.domain.answers import Answer
from courrier.sender.domain.turns import Due

Clock: TypeAlias = Callable[[], datetime]
"""The present, aware, in UTC."""


class Accounts(Protocol):
    """The accounts that mail is sent from."""

    async def get(self, account_id: str) -> Account | None:
        """Return the account, also one that was added a moment ago; None if there is none.

        Raises:
            StoreUnavailable: tables and log cannot be read now.
        """
        ...

    async def has_address(self, address: str) -> bool:
        """Tell whether an account of ours has this address, as far as the tables know.

        Raises:
            StoreUnavailable: they cannot be read now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sighting:
    """One of our messages as it was met in a mailbox; ``place`` is sent or received."""

    email_id: str
    message_digest: str
    place: str


class Queue(Protocol):
    """The messages that wait, as rows rebuilt from the log. Rows may lag behind it.

    Every method raises ``StoreUnavailable`` while the rows cannot be read.
    """

    async def due(
        self,
        now: datetime,
        each: int,
        *,
        but_emails: Collection[str],
    ) -> list[Due]:
        """Return at most ``each`` due messages of every account, the longest due first.

        Accounts whose servers asked to be left alone have none.
        """
        ...

    async def next_due(self, now: datetime) -> datetime | None:
        """Return when, after ``now``, a message is due or an account's rest ends; None: never."""
        ...

    async def unanswered(self, started_before: datetime | None) -> list[str]:
        """Return the messages whose attempt has no answer; None: whenever it began.

        Times are of the clock that began the attempt, which need not agree with ours.
        """
        ...

    async def waiting(self, after: str) -> list[str]:
        """Return some messages that wait, by id, those after this one (at most 500)."""
        ...

    async def seen(self) -> list[Sighting]:
        """Return uncertain messages that were met in a mailbox (at most 500)."""
        ...

    async def position(self) -> int:
        """Return the ``OUTBOUND`` sequence up to which the rows are written."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one server. Addresses are as RCPT takes them, domains in A-labels.

    ``account_id`` tells whose connections may carry it. ``secret`` is a password, or an access
    token where the server has ``oauth``. ``mail_from`` is empty where nobody is to be told.
    ``envelope_id`` and ``wants_receipt`` are for reports on the delivery (RFC 3461).
    """

    account_id: str
    server: Server
    secret: str | None = field(repr=False)
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    envelope_id: str = ""
    wants_receipt: bool = False


class Post(Protocol):
    """Hands messages to SMTP servers. Trouble is a value: what is known of the message's fate."""

    async def deliver(self, letter: Letter) -> Answer:
        """Speak to the server once and return what came of it."""
        ...

    def hang_up(self) -> None:
        """End all dialogues under way, now; each returns what is known, and no new one begins."""
        ...
