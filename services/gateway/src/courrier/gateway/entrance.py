"""What the door needs from outside, in the gateway's words: sessions, tries, codes, vouchers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from courrier.gateway.domain.oidc import Attempt, Claimed, Match
from courrier.gateway.domain.throttle import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person logged in with a browser; ``csrf`` is asked for on unsafe methods.

    ``agent`` and ``address`` are what the browser said of itself, shown to the person.
    """

    digest: str
    user_id: str
    csrf: str
    opened_at: datetime
    expires_at: datetime
    id: str
    agent: str = ""
    address: str = ""
    last_seen_at: datetime | None = None


class TooManyTries(Exception):
    """Wait ``wait_s`` seconds before the next try."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failed tries to log in; wait and try again")
        self.wait_s = wait_s


class Tries(Protocol):
    """Failed tries to log in, known to all instances."""

    async def begin(self, keys: Sequence[Key]) -> None:
        """Count a try as failed, until ``succeeded`` says otherwise.

        Raises:
            TooManyTries: one of the keys has to wait.
        """
        ...

    async def succeeded(self, keys: Sequence[Key]) -> None:
        """Take back what was counted: it was the person."""
        ...


@dataclass(frozen=True, slots=True)
class EntryCode:
    """What a mailed code is for: to be let in (invite, reset), or to confirm an address."""

    user_id: str
    purpose: str
    address: str


class EntryCodes(Protocol):
    """Mailed codes by their digest."""

    async def keep(self, digest: str, code: EntryCode, expires_at: datetime) -> None:
        """Keep a code; an earlier one for the same is useless then."""
        ...

    async def take(self, digest: str, *purposes: str) -> EntryCode | None:
        """Return what a code is for, this once; None for one that is wrong, used, or too old."""
        ...


class TimeSteps(Protocol):
    """The latest time step whose one-time code was taken, by user."""

    async def take(self, user_id: str, step: int) -> bool:
        """Tell whether no code of this step or a later one was taken; from now on it is."""
        ...


class Sessions(Protocol):
    """Sessions by the digest of their cookie."""

    async def open(self, session: Session) -> None:
        """Keep a new session."""
        ...

    async def find(self, digest: str) -> Session | None:
        """Return a session that has not expired."""
        ...

    async def end(self, digest: str) -> None:
        """Forget a session."""
        ...

    async def of_user(self, user_id: str) -> list[Session]:
        """Return a user's sessions, the one used last first."""
        ...

    async def end_one(self, user_id: str, session_id: str) -> bool:
        """Forget one of a user's sessions; False if there is none of this id."""
        ...

    async def end_all(self, user_id: str, but: str | None = None) -> None:
        """Forget all sessions of a user, except the one with this digest."""
        ...


class ProviderUnavailable(ConnectionError):
    """Who should vouch for a person does not answer."""


class LogInProvider(Protocol):
    """Somebody else who vouches for people: OpenID Connect.

    ``match`` says by what a person is found: a confirmed address, or the subject as the login.
    """

    name: str
    match: Match
    issuer: str

    async def way(self, attempt: Attempt, redirect_url: str) -> str:
        """Return where to send the browser.

        Raises:
            ProviderUnavailable: the provider does not answer.
            OidcRefused: what it says of itself cannot be used.
        """
        ...

    async def claimed(self, code: str, attempt: Attempt, redirect_url: str) -> Claimed:
        """Return whom a code names; it works once.

        Raises:
            ProviderUnavailable: the provider does not answer.
            OidcRefused: the code or what it was exchanged for is no good.
        """
        ...
