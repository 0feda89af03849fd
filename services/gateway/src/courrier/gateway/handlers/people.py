"""Let people in: users, their passwords, their tokens. A secret is in the vault before its fact."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from courrier.events import subjects
from courrier.events.base import derived_id
from courrier.events.families.identity import UserFields
from courrier.events.store import EventStore
from courrier.events.vault import Vault
from courrier.gateway.domain.login import ClaimLogin, login, login_key_of
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.tokens import TOKEN_BYTES, token_digest, token_text
from courrier.gateway.domain.user import (
    AddUser,
    IssueToken,
    LoginTaken,
    RevokeToken,
    SetPassword,
    user,
    user_id_of,
)
from courrier.gateway.ports import Passwords

from .facts import AnyStep, Cause, Step, Written, carry_out, carry_out_together, honoured
from .teams import check_roles, check_teams

SHORTEST_PASSWORD = 8


@dataclass(frozen=True, slots=True)
class Registry:
    """Where people are written: the log, the vault, and what hashes passwords."""

    store: EventStore
    vault: Vault
    passwords: Passwords


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Somebody to let in; without a password they can only use tokens."""

    login: str
    name: str
    email_addresses: tuple[str, ...] = ()
    is_admin: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    team_ids: tuple[str, ...] = ()
    role_ids: tuple[str, ...] = ()
    totp_required: bool = False
    positions: dict[str, str] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)

    @property
    def fields(self) -> UserFields:
        """What the log says of them."""
        known = {name: getattr(self, name) for name in UserFields.model_fields}
        return UserFields.model_validate(known)


@dataclass(frozen=True, slots=True)
class TokenIssued:
    """A token in clear, shown once, and where its fact stands."""

    token_id: str
    text: str
    position: str | None


def password_secret(user_id: str) -> str:
    """Return the vault record of a user's password hash."""
    return f"user.{user_id}.password"


async def add_user(registry: Registry, new: NewUser, cause: Cause) -> tuple[str, Written]:
    """Add a user and return the id.

    Raises:
        LoginTaken: another user has the login.
        Unfit: the password is too short, or a team or a role does not exist.
    """
    user_id = user_id_of(new.login)
    await _refuse_taken(registry.store, user_id, new.login, cause)
    await check_teams(registry.store, new.team_ids)
    await check_roles(registry.store, new.role_ids)
    secret = None
    if new.password is not None:
        secret = password_secret(user_id)
        await _keep_password(registry, secret, new.password)
    order = AddUser(user_id=user_id, fields=new.fields, secret=secret)
    steps: list[AnyStep] = [Step(subjects.user(user_id), user, order), claim(new.login, user_id)]
    return user_id, await carry_out_together(registry.store, steps, cause)


def claim(name: str, user_id: str) -> AnyStep:
    """Return the step by which a log-in name becomes a user's."""
    key = login_key_of(name)
    return Step(subjects.login(key), login, ClaimLogin(key, user_id))


async def user_id_by_login(store: EventStore, name: str) -> str | None:
    """Return whose a log-in name is, or was last; None for nobody's."""
    key = login_key_of(name)
    owner = login.fold(recorded.event for recorded in await store.load(subjects.login(key)))
    if owner is not None:
        return owner
    return key if await store.last([subjects.user(key)]) else None


async def ensure_administrator(registry: Registry, new: NewUser, cause: Cause) -> None:
    """Make the first administrator unless a user with this login exists."""
    if await user_id_by_login(registry.store, new.login) is None:
        await add_user(registry, new, cause)


async def issue_token(
    registry: Registry, user_id: str, order: "NewToken", cause: Cause
) -> TokenIssued:
    """Issue a token; with ``order.seed`` a repeat gives the same token instead of another.

    Raises:
        UserMissing: there is no such user.
    """
    secret = order.seed or os.urandom(TOKEN_BYTES)
    token_id = derived_id("token", user_id, token_digest(secret)).hex
    issue = IssueToken(
        token_id=token_id,
        name=order.name,
        digest=token_digest(secret),
        scopes=tuple(order.scopes),
        expires_at=order.expires_at,
    )
    written = await carry_out(registry.store, subjects.user(user_id), user, issue, cause)
    return TokenIssued(token_id, token_text(secret), written.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to issue; no scopes means all; ``seed`` are its 32 random bytes if chosen before."""

    name: str
    scopes: Sequence[str] = ()
    expires_at: datetime | None = None
    seed: bytes | None = None


async def revoke_token(registry: Registry, user_id: str, token_id: str, cause: Cause) -> str | None:
    """Revoke a token and return the position of that fact.

    Raises:
        TokenMissing: it is not one of the user's good ones.
    """
    order = RevokeToken(token_id=token_id)
    return (await carry_out(registry.store, subjects.user(user_id), user, order, cause)).position


async def set_password(registry: Registry, user_id: str, password: str, cause: Cause) -> Written:
    """Give a user a new password; every session opened so far ends.

    Raises:
        UserMissing: there is no such user.
        Unfit: the password is too short.
    """
    secret = password_secret(user_id)
    await _keep_password(registry, secret, password)
    order = SetPassword(secret=secret)
    return await carry_out(registry.store, subjects.user(user_id), user, order, cause)


async def _refuse_taken(store: EventStore, user_id: str, name: str, cause: Cause) -> None:
    """Decide before the vault is touched: nobody may replace another's password by adding."""
    history = await store.load(subjects.user(user_id))
    if honoured(history, cause):
        return
    owner = await user_id_by_login(store, name)
    if owner is not None:
        raise LoginTaken("this login is taken", pointer="/login", existing_id=owner)


async def _keep_password(registry: Registry, secret: str, password: str) -> None:
    check_length(password)
    await registry.vault.put(secret, await registry.passwords.hash(password))


def check_length(password: str) -> None:
    """Let a password pass that is long enough.

    Raises:
        Unfit: it is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        text = f"a password has at least {SHORTEST_PASSWORD} characters"
        raise Unfit(text, pointer="/password")
