"""What the linker's handlers need from outside, besides the event store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from courrier.events.store import History
from courrier.linker.domain.arrivals import Keys
from courrier.linker.domain.known import Known

Clock = Callable[[], datetime]
"""The time now, in UTC."""


class Outrun(Exception):
    """The log went on while a batch was decided: look again, decide again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A consumer has dealt with everything of ``stream`` over ``seen`` and up to ``to``."""

    stream: str
    seen: int
    to: int


class Index(Protocol):
    """What is known of e-mails, addresses and accounts, for decisions."""

    async def catch_up(self) -> int:
        """Take in all that ``CRM``, ``SETTINGS`` and ``EMAIL`` hold now; return EMAIL's position.

        Raises:
            StoreUnavailable: the log cannot be read.
        """
        ...

    async def look_up(self, keys: Keys) -> Known:
        """Return what is known about these keys."""
        ...

    async def record(self, own: History, progress: Progress) -> None:
        """Take in our own new events and move the consumer on, both or neither.

        Raises:
            Fenced: another instance has moved the consumer on.
        """
        ...
