"""What the linker's handlers need from outside, besides the event store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from courrier.events.parking import Blocked, Failure, Parked
from courrier.events.store import History
from courrier.linker.domain.arrivals import Keys
from courrier.linker.domain.case_mail import CaseMail, Writer
from courrier.linker.domain.healing import Asked as Question
from courrier.linker.domain.healing import Met, Stored
from courrier.linker.domain.known import Known
from courrier.mail.headers.origin import Verdict

Clock = Callable[[], datetime]
"""The time now, in UTC."""


class Outrun(Exception):
    """The log went on while a batch was decided: look again, decide again."""


INTAKE, HEALING = "intake", "healing"
"""What decides about messages as they come, and what takes decisions anew. How far their groups
are is kept in the state, where no rebuild sees it (I10)."""

Concerned = list[tuple[int, str]]
"""Number of what was asked for, from 0, and the id of an e-mail that it concerns; by e-mail."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A consumer has dealt with everything of ``stream`` over ``seen`` and up to ``to``."""

    stream: str
    seen: int
    to: int
    consumer: str = INTAKE


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

    async def blocked(self, stream: str, consumer: str = INTAKE) -> Blocked:
        """Return from where on events of which subjects of ``stream`` wait."""
        ...

    async def record(self, own: History, progress: Progress, aside: Sequence[Parked] = ()) -> None:
        """Take in our own new events, set events aside and move the consumer on: all or nothing.

        Raises:
            Fenced: another instance has moved the consumer on.
            Conflict: what an event waits for was replayed meanwhile.
        """
        ...


class HealingIndex(Index, Protocol):
    """What is known of e-mails that were decided on, for decisions taken anew."""

    async def apart(self, keys: Sequence[tuple[str, int]]) -> list[Met]:
        """Return the threads that meet in these e-mails, given with each of their keys."""
        ...

    async def kept_apart(self, threads: Sequence[str]) -> frozenset[frozenset[str]]:
        """Return the pairs of these conversations that people set apart."""
        ...

    async def concerned(self, asked: Question, after: str, limit: int) -> Concerned:
        """Return the e-mails over ``after`` that a change may concern, ``limit`` rows at most."""
        ...

    async def stored(self, email_ids: Sequence[str]) -> list[Stored]:
        """Return those of these e-mails that exist."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """Mail of a group account that has no case yet; ``template_id`` answers once it opens one."""

    email_id: str
    account_id: str
    template_id: str | None
    thread_id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an e-mail says by which its case is found.

    ``number`` stands in its subject, ``address`` in From, with the receiving server's ``verdict``
    on it; ``proven`` are e-mails that it answers beyond doubt.
    """

    number: int | None
    address: str | None
    verdict: Verdict
    proven: tuple[str, ...] = ()


class CaseAgenda(Protocol):
    """Which mail waits for a case."""

    async def open(self) -> int:
        """Return how much mail has no case yet, that for which one was asked included."""
        ...

    async def waiting(self, limit: int) -> list[Waiting]:
        """Return mail without a verdict, oldest first, but for what waits for its own case."""
        ...

    async def known_of(self, mail: Waiting, asked: Asked) -> tuple[CaseMail, Writer]:
        """Return what there is to decide on."""
        ...


class Worker(Protocol):
    """Deals with events."""

    async def link(self, batch: History) -> None:
        """Append what follows from these events, without moving any consumer."""
        ...


class Aside(Protocol):
    """The events of one stream that the intake has set aside."""

    @property
    def name(self) -> str:
        """The consumer: ``<service>.<name>``."""
        ...

    @property
    def stream(self) -> str:
        """Where the events stand."""
        ...

    async def sequences(self, subject: str) -> list[int]:
        """Return what is set aside of a subject, in order."""
        ...

    async def taken(self, subject: str, sequence: int) -> None:
        """Note that an event has been dealt with."""
        ...

    async def fails(self, sequence: int, failure: Failure) -> None:
        """Note why an event cannot be dealt with now."""
        ...

    async def standing(self, subject: str) -> list[Parked]:
        """Return the events of a subject that have a failure of their own."""
        ...
