"""Decide who may use Courrier, and with which tokens.

A user's id follows from the first login (``user_id_of``). Every login a user ever had is claimed
on a subject of its own (``login.py``), so that the broker's expected sequence keeps logins unique.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never

from courrier.events.base import Event, derived_id
from courrier.events.decider import Decider
from courrier.events.families.identity import (
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    TotpDisabled,
    TotpEnabled,
    UserChanged,
    UserDeactivated,
    UserFields,
    UserReactivated,
)
from courrier.events.families.settings import PasswordSet, TokenIssued, TokenRevoked, UserAdded

from .refusals import InTheWay, NotThere, VersionChanged
from .second_factor import (
    DisableTotp,
    EnableTotp,
    FactorCommand,
    ReplaceRecoveryCodes,
    UseRecoveryCode,
    decide_factor,
)


class LoginTaken(InTheWay):
    """Another user has this login."""


class UserMissing(NotThere):
    """There is no such user."""


class UserInactive(InTheWay):
    """The user was deactivated."""


class TokenMissing(NotThere):
    """The user has no such token that is still good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser:
    """Let a person in; ``secret`` names the vault record of the password hash, None for none."""

    user_id: str
    fields: UserFields
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUser:
    """Set some fields; ``version`` is the one the caller saw, None for 'whatever it is'."""

    changes: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DeactivateUser:
    """Let the person in no more; tokens are revoked for good."""


@dataclass(frozen=True, slots=True)
class ReactivateUser:
    """Let the person in again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPassword:
    """Note that a new password hash is in the vault under ``secret``."""

    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """Give the user an API token; ``digest`` is the hex SHA-256 of its random bytes."""

    token_id: str
    name: str
    digest: str
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """Make a token useless."""

    token_id: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """No such user so far."""


@dataclass(frozen=True, slots=True)
class User:
    """A person with ``tokens`` that are neither revoked nor (as far as the log says) expired.

    ``totp`` names the vault record of their second factor, ``recovery`` are digests of the codes
    that let them in without it. ``version`` counts the facts about the user from 1.
    """

    id: str
    fields: UserFields
    has_password: bool = False
    is_active: bool = True
    tokens: frozenset[str] = frozenset()
    totp: str | None = None
    recovery: frozenset[str] = frozenset()
    version: int = 1


UserState = Nobody | User
UserCommand = (
    AddUser
    | ChangeUser
    | DeactivateUser
    | ReactivateUser
    | SetPassword
    | IssueToken
    | RevokeToken
    | FactorCommand
)


def user_id_of(login: str) -> str:
    """Return the id of the user with this login; upper and lower case are one login."""
    return derived_id("user", login.strip().casefold()).hex


def decide(state: UserState, command: UserCommand) -> list[Event]:  # noqa: C901, PLR0911  one an order
    """Return the new facts.

    Raises:
        LoginTaken: the login belongs to a user already.
        UserMissing: an order about a user that does not exist.
        UserInactive: a token for somebody who is not let in.
        TokenMissing: the token to revoke is not one of the user's good ones.
        SecondFactorThere: one is to be set up, and is.
        SecondFactorMissing: none is set up.
        VersionChanged: it is no longer the version that the caller saw.
    """
    if isinstance(command, AddUser):
        return _add(state, command)
    if isinstance(state, Nobody):
        raise UserMissing("there is no such user; add one with 'courrier user add'")
    match command:
        case ChangeUser():
            return _change(state, command)
        case DeactivateUser():
            return _deactivate(state)
        case ReactivateUser():
            return [] if state.is_active else [UserReactivated(user_id=state.id)]
        case SetPassword():
            return [PasswordSet(user_id=state.id, secret=command.secret)]
        case IssueToken():
            return _issue(state, command)
        case RevokeToken():
            if command.token_id not in state.tokens:
                raise TokenMissing("there is no such token, or it is revoked already")
            return [TokenRevoked(token_id=command.token_id, user_id=state.id)]
        case EnableTotp() | DisableTotp() | ReplaceRecoveryCodes() | UseRecoveryCode():
            return decide_factor(state.id, state.totp, state.recovery, command)
        case _:
            assert_never(command)


def evolve(state: UserState, event: Event) -> UserState:
    """Fold one fact."""
    if isinstance(event, UserAdded):
        return User(event.user_id, UserFields.model_validate(event.model_dump()))
    if isinstance(state, Nobody):
        return state
    return replace(_evolved(state, event), version=state.version + 1)


def _evolved(state: User, event: Event) -> User:  # noqa: C901, PLR0911  one a fact
    match event:
        case UserChanged():
            return replace(state, fields=event.fields)
        case UserDeactivated():
            return replace(state, is_active=False)
        case UserReactivated():
            return replace(state, is_active=True)
        case TotpEnabled():
            return replace(state, totp=event.secret, recovery=frozenset(event.recovery))
        case TotpDisabled():
            return replace(state, totp=None, recovery=frozenset())
        case RecoveryCodesReplaced():
            return replace(state, recovery=frozenset(event.recovery))
        case RecoveryCodeUsed():
            return replace(state, recovery=state.recovery - {event.digest})
        case PasswordSet():
            return replace(state, has_password=True)
        case TokenIssued():
            return replace(state, tokens=state.tokens | {event.token_id})
        case TokenRevoked():
            return replace(state, tokens=state.tokens - {event.token_id})
        case _:
            return state


def _add(state: UserState, command: AddUser) -> list[Event]:
    if isinstance(state, User):
        raise LoginTaken("this login is taken", pointer="/login", existing_id=state.id)
    added = UserAdded(user_id=command.user_id, **command.fields.model_dump())
    if command.secret is None:
        return [added]
    return [added, PasswordSet(user_id=command.user_id, secret=command.secret)]


def _change(state: User, command: ChangeUser) -> list[Event]:
    if command.version not in (None, state.version):
        raise VersionChanged("somebody changed this person since you read them; read them again")
    before = state.fields
    changed = tuple(name for name, new in command.changes.items() if getattr(before, name) != new)
    if not changed:
        return []
    after = before.model_copy(update={name: command.changes[name] for name in changed})
    return [UserChanged(user_id=state.id, fields=after, changed=changed)]


def _deactivate(state: User) -> list[Event]:
    if not state.is_active:
        return []
    revoked = (TokenRevoked(token_id=each, user_id=state.id) for each in sorted(state.tokens))
    return [UserDeactivated(user_id=state.id), *revoked]


def _issue(state: User, command: IssueToken) -> list[Event]:
    if not state.is_active:
        raise UserInactive("this person is deactivated")
    if command.token_id in state.tokens:
        return []
    return [
        TokenIssued(
            token_id=command.token_id,
            user_id=state.id,
            name=command.name,
            digest=command.digest,
            scopes=command.scopes,
            expires_at=command.expires_at,
        )
    ]


user: Decider[UserState, UserCommand, Event] = Decider(Nobody(), decide, evolve)
