"""What is kept of a sign-in with a provider, and when a new access token is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from courrier.events.base import UtcTime, Value
from courrier.events.families.settings import OAuthProvider

EARLY = timedelta(minutes=3)
"""A token is renewed that long before it ends, so that none ends on its way."""
USUAL_LIFE = timedelta(minutes=50)
"""The life of a token whose provider does not tell it; providers give an hour."""
CLAIM = timedelta(seconds=15)
"""How long one fetcher keeps the others from renewing; longer than the provider may take."""


class Tokens(Value):
    """The record in the vault. ``claimed_until``: somebody is renewing the access token.

    ``ended``: the provider does not renew any more; only a new sign-in helps. ``refresh_ends_at``
    is when it says that it will not.
    """

    provider: OAuthProvider
    access_token: str = ""
    access_ends_at: UtcTime
    refresh_token: str | None = None
    refresh_ends_at: UtcTime | None = None
    claimed_until: UtcTime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Granted:
    """A provider's answer (RFC 6749 section 5.1); lives in seconds, None where it does not say."""

    access_token: str
    lives_s: int | None = None
    refresh_token: str | None = None
    refresh_lives_s: int | None = None

    def __repr__(self) -> str:
        """Never show a token."""
        return f"Granted(lives_s={self.lives_s})"


class SignInEnded(Exception):
    """The provider refuses: the permission has expired or was withdrawn (``invalid_grant``)."""


def is_usable(tokens: Tokens, now: datetime) -> bool:
    """Tell whether the access token can be presented now."""
    return bool(tokens.access_token) and now < tokens.access_ends_at - EARLY


def is_claimed(tokens: Tokens, now: datetime) -> bool:
    """Tell whether another fetcher is renewing it."""
    return tokens.claimed_until is not None and now < tokens.claimed_until


def claimed(tokens: Tokens, now: datetime) -> Tokens:
    """Return the record that keeps others from renewing."""
    return tokens.model_copy(update={"claimed_until": now + CLAIM})


def released(tokens: Tokens) -> Tokens:
    """Return the record after a renewal that failed for now."""
    return tokens.model_copy(update={"claimed_until": None})


def spent(tokens: Tokens, now: datetime) -> Tokens:
    """Return the record whose access token the server refused, though its time was not over."""
    return tokens.model_copy(update={"access_ends_at": now})


def over(tokens: Tokens) -> Tokens:
    """Return the record of a sign-in that ended: no token stays."""
    nothing = {"access_token": "", "refresh_token": None, "claimed_until": None}
    return tokens.model_copy(update={**nothing, "ended": True})


def renewed(
    provider: OAuthProvider, granted: Granted, before: Tokens | None, now: datetime
) -> Tokens:
    """Return the record after a grant; a refresh token that is not replaced stays."""
    life = timedelta(seconds=granted.lives_s) if granted.lives_s else USUAL_LIFE
    ends = before.refresh_ends_at if before else None
    if granted.refresh_lives_s:
        ends = now + timedelta(seconds=granted.refresh_lives_s)
    return Tokens(
        provider=provider,
        access_token=granted.access_token,
        access_ends_at=now + life,
        refresh_token=granted.refresh_token or (before.refresh_token if before else None),
        refresh_ends_at=ends,
    )
