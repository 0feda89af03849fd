"""Decide who may use Courrier, and with which tokens.

A user's id follows from the login (``user_id_of``), so that two users with one login would be
one aggregate: the broker's expected sequence keeps logins unique.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from courrier.events.base import Event, derived_id
from courrier.events.decider import Decider
from courrier.events.families.settings import PasswordSet, TokenIssued, TokenRevoked, UserAdded

from .refusals import InTheWay, NotThere


class LoginTaken(InTheWay):
    """Another user has this login."""


class UserMissing(NotThere):
    """There is no such user."""


class TokenMissing(NotThere):
    """The user has no such token that is still good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser:
    """Let a person in; ``secret`` names the vault record of the password hash, None for none."""

    user_id: str
    login: str
    name: str
    email_addresses: tuple[str, ...] = ()
    is_admin: bool = False
    language: str = "en"
    secret: str | None = None


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
    """A person with ``tokens`` that are neither revoked nor (as far as the log says) expired."""

    user_id: str
    has_password: bool = False
    tokens: frozenset[str] = frozenset()


UserState = Nobody | User
UserCommand = AddUser | SetPassword | IssueToken | RevokeToken


def user_id_of(login: str) -> str:
    """Return the id of the user with this login; upper and lower case are one login."""
    return derived_id("user", login.strip().casefold()).hex


def decide(state: UserState, command: UserCommand) -> list[Event]:
    """Return the new facts.

    Raises:
        LoginTaken: the login belongs to a user already.
        UserMissing: an order about a user that does not exist.
        TokenMissing: the token to revoke is not one of the user's good ones.
    """
    if isinstance(command, AddUser):
        return _add(state, command)
    if isinstance(state, Nobody):
        raise UserMissing("there is no such user; add one with 'courrier user add'")
    match command:
        case SetPassword():
            return [PasswordSet(user_id=state.user_id, secret=command.secret)]
        case IssueToken():
            return _issue(state, command)
        case RevokeToken():
            if command.token_id not in state.tokens:
                raise TokenMissing("there is no such token, or it is revoked already")
            return [TokenRevoked(token_id=command.token_id, user_id=state.user_id)]
        case _:
            assert_never(command)


def evolve(state: UserState, event: Event) -> UserState:
    """Fold one fact."""
    match event:
        case UserAdded():
            return User(event.user_id)
        case PasswordSet() if isinstance(state, User):
            return replace(state, has_password=True)
        case TokenIssued() if isinstance(state, User):
            return replace(state, tokens=state.tokens | {event.token_id})
        case TokenRevoked() if isinstance(state, User):
            return replace(state, tokens=state.tokens - {event.token_id})
        case _:
            return state


def _add(state: UserState, command: AddUser) -> list[Event]:
    if isinstance(state, User):
        raise LoginTaken("this login is taken", pointer="/login", existing_id=state.user_id)
    added = UserAdded(
        user_id=command.user_id,
        login=command.login,
        name=command.name,
        email_addresses=command.email_addresses,
        is_admin=command.is_admin,
        language=command.language,
    )
    if command.secret is None:
        return [added]
    return [added, PasswordSet(user_id=command.user_id, secret=command.secret)]


def _issue(state: User, command: IssueToken) -> list[Event]:
    if command.token_id in state.tokens:
        return []
    return [
        TokenIssued(
            token_id=command.token_id,
            user_id=state.user_id,
            name=command.name,
            digest=command.digest,
            scopes=command.scopes,
            expires_at=command.expires_at,
        )
    ]


user: Decider[UserState, UserCommand, Event] = Decider(Nobody(), decide, evolve)
