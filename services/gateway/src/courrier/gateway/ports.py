"""What handlers and routes need from outside, in the gateway's own words."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

from courrier.events.base import RecordRef
from courrier.events.blobs import Blobs, BlobShelf
from courrier.events.bus import CommandBus
from courrier.events.commands.figures import AccountFigures
from courrier.events.identity import Identity
from courrier.events.postgres.pool import Pool
from courrier.events.store import EventStore, History
from courrier.events.vault import Vault
from courrier.gateway.domain.cursors import Cursor
from courrier.gateway.entrance import EntryCodes, LogInProvider, Sessions, TimeSteps, Tries


class Passwords(Protocol):
    """Password hashes, made slow on purpose and therefore off the event loop."""

    async def hash(self, password: str) -> bytes:
        """Return the encoded hash, its parameters included."""
        ...

    async def fits(self, encoded: bytes | None, password: str) -> bool:
        """Tell whether it is the password; None (nobody's hash) takes as long and never fits."""
        ...


class PlacedEvents(Protocol):
    """Reads single events by where they stand."""

    async def read(self, stream: str, sequences: Iterable[int]) -> History:
        """Return those of these events that are there, in order.

        Raises:
            StoreUnavailable: the log did not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What another program's server said; ``status`` None: nobody answered, ``text`` says why."""

    status: int | None
    text: str

    @property
    def accepted(self) -> bool:
        """Whether the other side took it."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)


class WebhookPost(Protocol):
    """Calls to addresses that people gave us."""

    @property
    def private_allowed(self) -> bool:
        """Whether addresses that are not on the public internet are called."""
        ...

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answered:
        """Send it and return the answer; trouble on the way is an answer too."""
        ...


class ReadingTookTooLong(TimeoutError):
    """A message was not read within the limit; whoever asks can do without."""


class MessageReader(Protocol):
    """Reads messages in processes of their own, so that hostile bytes stop nobody else."""

    async def warm(self) -> None:
        """Start the processes before they are needed: the first message then does not wait."""
        ...

    async def parse(self, raw: bytes) -> bytes:
        """Return the JSON object of ``POST /emails/parse``.

        Raises:
            ReadingTookTooLong: the limit passed; the process was ended.
        """
        ...

    async def threads(self, body: bytes) -> list[list[str]]:
        """Return the ids of a request of ``POST /emails/thread``, by thread.

        Raises:
            ReadingTookTooLong: the limit passed; the process was ended.
            Unfit: the body is no such request.
        """
        ...

    async def attachment(self, raw: bytes, number: int) -> bytes | None:
        """Return one attachment's bytes; None if there is none of this number.

        Raises:
            ReadingTookTooLong: the limit passed; the process was ended.
        """
        ...


class Changes(Protocol):
    """A bell that rings after rows were committed, by this or another instance."""

    def listen(self) -> AsyncGenerator[None, None]:
        """Yield after each ring, and now and then without one, until the process stops."""
        ...

    async def ring(self) -> None:
        """Wake whoever listens, here and in other instances."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what clients may send: bytes of a message and of any other body.

    ``requests`` are those of a person in a minute, ``admin_requests`` an administrator's; 0 is any
    number.
    """

    message_bytes: int = 50 * 1024 * 1024
    body_bytes: int = 1024 * 1024
    requests: int = 0
    admin_requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that goes on after its request was answered.

    ``order`` is what to do, without secrets; ``note`` where whoever does it has got to; ``result``
    what came of it. ``errors`` are the first hundred of ``error_count``: a ``detail`` each, a line
    or a ``pointer``, and never the value at fault. ``state`` is one of queued, running, done,
    failed, cancelled.
    """

    id: str
    user_id: str
    kind: str
    state: str
    done: int
    total: int | None
    errors: list[dict[str, Any]]
    error_count: int
    order: dict[str, Any]
    note: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to begin; the same ``id`` twice is one. ``body`` is forgotten when the job ends."""

    id: str
    user_id: str
    kind: str
    order: dict[str, Any]
    total: int | None = None
    body: bytes | None = None


class Jobs(Protocol):
    """Jobs and their progress, the same for all instances."""

    async def add(self, new: NewJob) -> Job:
        """Keep a job and wake whoever does it."""
        ...

    async def find(self, user_id: str, job_id: str) -> Job | None:
        """Return a person's job."""
        ...

    async def page(self, user_id: str, before: Cursor, limit: int) -> list[Job]:
        """Return a person's jobs from before this one, newest first."""
        ...

    async def cancel(self, user_id: str, job_id: str) -> None:
        """Ask for the end of a job: one that waits ends at once, one that runs soon."""
        ...

    async def wait(self, longest_s: float) -> None:
        """Return when a job was added here, or after so long."""
        ...


class Relations(Protocol):
    """Which records name which, as of sequence ``after`` of CRM at least, else a TimeoutError."""

    async def naming(self, record_type: str, ids: Sequence[str], *, after: int) -> list[RecordRef]:
        """Return the records that name one of these."""
        ...


class Duties(Protocol):
    """Who works on the cases of a team, and how much they have to do (see ``Relations``)."""

    async def members(self, team_id: str, position: str | None = None) -> tuple[str, ...]:
        """Return the active members of a team, perhaps only those in this position."""
        ...

    async def is_active(self, user_id: str) -> bool:
        """Tell whether a person may use Courrier."""
        ...

    async def open_cases(self, user_ids: Sequence[str], *, after: int) -> dict[str, int]:
        """Count the open cases of those who have some."""
        ...


class Scheduled(Protocol):
    """What people have scheduled, as of these sequences by stream, else a TimeoutError."""

    async def of_the_gone(self, user_id: str, *, after: Mapping[str, int]) -> Sequence[str]:
        """Return the ids of what somebody who is not active has scheduled; else none."""
        ...


class References(Protocol):
    """Who refers to which blob."""

    streams: tuple[str, ...]
    """The streams whose events refer to blobs."""

    async def are_complete(self, ends: Mapping[str, int]) -> bool:
        """Tell whether every reference up to these ends of the streams is counted."""
        ...

    async def referred(self, digests: Sequence[str]) -> set[str]:
        """Return those of these blobs that somebody refers to."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """Blobs looked at, without reference, of these too young to tell, and taken away."""

    seen: int = 0
    unreferenced: int = 0
    young: int = 0
    collected: int = 0


@dataclass(slots=True)
class LogEpoch:
    """How often the log was restored from its archive, as far as this process knows."""

    number: int = 1


class Holders(Protocol):
    """The fetchers that hold accounts."""

    async def figures(self, account_id: str) -> AccountFigures | None:
        """Return how it goes at this moment; None: no fetcher that holds it answered in time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything that routes and pages work with; put together in ``app.py``."""

    pool: Pool
    store: EventStore
    blobs: Blobs
    shelf: BlobShelf
    events: PlacedEvents
    vault: Vault
    bus: CommandBus
    holders: Holders
    identity: Identity
    sessions: Sessions
    tries: Tries
    time_steps: TimeSteps
    entry_codes: EntryCodes
    passwords: Passwords
    reader: MessageReader
    changes: Changes
    jobs: Jobs
    limits: Limits
    webhook_post: WebhookPost
    secure_cookies: bool = False
    log_in_provider: LogInProvider | None = None
    epoch: LogEpoch = field(default_factory=LogEpoch)
