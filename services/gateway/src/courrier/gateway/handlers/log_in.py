"""Log a person in with login and password, slowly for those who guess.

The answer and its time are the same whether the login exists or not.
"""

import os
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from courrier.events.vault import SecretMissing, Vault
from courrier.gateway.ports import Passwords, Session, Sessions

from .people import password_secret

SESSION_LIFE = timedelta(days=14)
FREE_TRIES = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
REMEMBERED = 10_000


class WrongLogIn(Exception):
    """No user has this login and this password."""


class TooManyTries(Exception):
    """Wait ``wait_s`` seconds before the next try."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("too many failed tries to log in; wait and try again")
        self.wait_s = wait_s


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


class Throttle:
    """Failed tries by login and by where they came from; kept by this process, bounded."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def check(self, keys: tuple[str, ...], now_s: float) -> None:
        """Let a try pass.

        Raises:
            TooManyTries: one of the keys has to wait.
        """
        wait = max(
            (self._failures[key].until - now_s for key in keys if key in self._failures),
            default=0.0,
        )
        if wait > 0:
            raise TooManyTries(wait)

    def failed(self, keys: tuple[str, ...], now_s: float) -> None:
        """Note a failed try."""
        for key in keys:
            failures = self._failures.setdefault(key, _Failures())
            failures.count += 1
            over = failures.count - FREE_TRIES
            if over >= 0:
                failures.until = now_s + min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(over, 6))
            self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """Forget the failures of these keys."""
        for key in keys:
            self._failures.pop(key, None)


@dataclass(frozen=True, slots=True)
class Door:
    """What a log-in needs."""

    vault: Vault
    passwords: Passwords
    sessions: Sessions


async def log_in(
    door: Door, user_id: str | None, password: str, now: datetime
) -> tuple[str, Session]:
    """Return the new session's cookie value and the session.

    ``user_id`` is None where no user has the login.

    Raises:
        WrongLogIn: wrong password, no password, or nobody.
    """
    encoded = await _hash_of(door.vault, user_id)
    if not await door.passwords.fits(encoded, password) or user_id is None:
        raise WrongLogIn
    cookie = os.urandom(32).hex()
    csrf = os.urandom(16).hex()
    session = Session(cookie_digest(cookie), user_id, csrf, now, now + SESSION_LIFE)
    await door.sessions.open(session)
    return cookie, session


def cookie_digest(cookie: str) -> str:
    """Return what is kept of a session cookie."""
    return sha256(cookie.encode("utf-8", "replace")).hexdigest()


async def _hash_of(vault: Vault, user_id: str | None) -> bytes | None:
    if user_id is None:
        return None
    try:
        return (await vault.get(password_secret(user_id))).value
    except SecretMissing:
        return None
