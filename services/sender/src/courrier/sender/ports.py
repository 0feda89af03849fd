"""What the handlers need of the world, in their own words."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from courrier.events.families.settings import Server
from courrier.sender.domain.account import Account
from courrier.sender.domain.answers import Answer

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


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose next attempt is due, as far as the tables know."""

    email_id: str
    account_id: str


class Queue(Protocol):
    """The messages that wait, as rows rebuilt from the log. Rows may lag behind it.

    Every method raises ``StoreUnavailable`` while the rows cannot be read.
    """

    async def due(
        self,
        now: datetime,
        limit: int,
        *,
        but_accounts: Collection[str],
        but_emails: Collection[str],
    ) -> list[Due]:
        """Return at most ``limit`` due messages, new ones first, then the longest due."""
        ...

    async def next_due(self, now: datetime) -> datetime | None:
        """Return when the next message after ``now`` is due; None when none waits."""
        ...

    async def unanswered(self, started_before: datetime | None) -> list[str]:
        """Return the messages whose attempt has no answer; None: whenever it began.

        Times are of the clock that began the attempt, which need not agree with ours.
        """
        ...

    async def position(self) -> int:
        """Return the ``OUTBOUND`` sequence up to which the rows are written."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one server. Addresses are as RCPT takes them, domains in A-labels."""

    server: Server
    password: str | None = field(repr=False)
    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)


class Post(Protocol):
    """Hands messages to SMTP servers. Trouble is a value: what is known of the message's fate."""

    async def deliver(self, letter: Letter) -> Answer:
        """Speak to the server once and return what came of it."""
        ...

    def hang_up(self) -> None:
        """End all dialogues under way, now; each returns what is known, and no new one begins."""
        ...
