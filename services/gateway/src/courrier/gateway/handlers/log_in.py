"""Log a person in with login, password and, where they have one, a second factor.

The answer and its time are the same whether the login exists or not.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from courrier.events import subjects
from courrier.events.store import EventStore
from courrier.events.vault import SecretMissing, Vault
from courrier.gateway.domain.second_factor import SecondFactorMissing, UseRecoveryCode
from courrier.gateway.domain.totp import matching_step, recovery_digest
from courrier.gateway.domain.user import User, user
from courrier.gateway.entrance import Session, Sessions, TimeSteps
from courrier.gateway.ports import Passwords

from .facts import Cause, carry_out
from .people import password_secret

SESSION_LIFE = timedelta(days=14)
NOBODY = "nobody"
"""Stands for the user where there is none, so that looking them up takes its time, too."""


class WrongLogIn(Exception):
    """No user has this login and this password."""


class CodeNeeded(Exception):
    """The password is right; a one-time or a recovery code is missing."""


class WrongCode(Exception):
    """The password is right, the code is not, or was taken before."""


@dataclass(frozen=True, slots=True)
class Door:
    """What a log-in needs."""

    store: EventStore
    vault: Vault
    passwords: Passwords
    sessions: Sessions
    time_steps: TimeSteps


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody at the door; ``user_id`` is None where no user has the login."""

    user_id: str | None
    password: str = field(default="", repr=False)
    code: str | None = field(default=None, repr=False)
    agent: str = ""
    address: str = ""


async def log_in(door: Door, entry: Entry, cause: Cause) -> tuple[str, Session]:
    """Return the new session's cookie value and the session.

    Raises:
        WrongLogIn: wrong password, no password, deactivated, or nobody.
        CodeNeeded: a second factor is set up and no code was given.
        WrongCode: the code is wrong, or was taken before.
    """
    known = await check_password(door, entry.user_id, entry.password)
    if known.totp is not None:
        await check_code(door, known, entry.code, cause)
    return await open_session(door.sessions, known.id, entry, cause.now)


async def let_in(door: Door, user_id: str, entry: Entry, now: datetime) -> tuple[str, Session]:
    """Open a session for somebody whom a provider that we trust has named.

    Raises:
        WrongLogIn: deactivated, or nobody.
    """
    history = await door.store.load(subjects.user(user_id))
    known = user.fold(recorded.event for recorded in history)
    if not isinstance(known, User) or not known.is_active:
        raise WrongLogIn
    return await open_session(door.sessions, known.id, entry, now)


async def check_password(door: Door, user_id: str | None, password: str) -> User:
    """Return the user whose password it is.

    Raises:
        WrongLogIn: wrong password, no password, deactivated, or nobody.
    """
    encoded = await _hash_of(door.vault, user_id or NOBODY)
    history = await door.store.load(subjects.user(user_id or NOBODY))
    known = user.fold(recorded.event for recorded in history)
    if not await door.passwords.fits(encoded, password):
        raise WrongLogIn
    if not isinstance(known, User) or not known.is_active:
        raise WrongLogIn
    return known


async def check_code(door: Door, known: User, code: str | None, cause: Cause) -> None:
    """Let a one-time code pass, once; or a recovery code, which is used up by it.

    Raises:
        CodeNeeded: there is none.
        WrongCode: it is wrong, or was taken before.
    """
    if not code:
        raise CodeNeeded
    secret = (await door.vault.get(known.totp or "")).value
    step = matching_step(secret, code, cause.now.timestamp())
    if step is not None and await door.time_steps.take(known.id, step):
        return
    if recovery_digest(code) not in known.recovery:
        raise WrongCode
    order = UseRecoveryCode(recovery_digest(code))
    try:
        await carry_out(door.store, subjects.user(known.id), user, order, cause)
    except SecondFactorMissing as error:
        raise WrongCode from error


async def open_session(
    sessions: Sessions, user_id: str, entry: Entry, now: datetime
) -> tuple[str, Session]:
    """Return the cookie value of a new session, and the session."""
    cookie = os.urandom(32).hex()
    session = Session(
        digest=cookie_digest(cookie),
        user_id=user_id,
        csrf=os.urandom(16).hex(),
        opened_at=now,
        expires_at=now + SESSION_LIFE,
        id=os.urandom(16).hex(),
        agent=entry.agent[:200],
        address=entry.address[:100],
    )
    await sessions.open(session)
    return cookie, session


def cookie_digest(cookie: str) -> str:
    """Return what is kept of a session cookie."""
    return sha256(cookie.encode("utf-8", "replace")).hexdigest()


async def _hash_of(vault: Vault, user_id: str) -> bytes | None:
    try:
        return (await vault.get(password_secret(user_id))).value
    except SecretMissing:
        return None
