"""Decide whose a log-in name is: whoever claims it first, for good.

A name that a user gave up stays theirs: nobody can take over what others know them by.
"""

from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.identity import LoginClaimed

from .user import LoginTaken, user_id_of


@dataclass(frozen=True, slots=True)
class ClaimLogin:
    """The user wants to be known by this name."""

    login_key: str
    user_id: str


LoginState = str | None
"""Id of the user whose name it is."""


def login_key_of(login: str) -> str:
    """Return the key of a log-in name; upper and lower case are one name."""
    return user_id_of(login)


def decide(state: LoginState, command: ClaimLogin) -> list[Event]:
    """Return the new facts; a name that is the user's already gives none.

    Raises:
        LoginTaken: it is, or was, somebody else's.
    """
    if state == command.user_id:
        return []
    if state is not None:
        raise LoginTaken("this login is taken", pointer="/login", existing_id=state)
    return [LoginClaimed(login_key=command.login_key, user_id=command.user_id)]


def evolve(state: LoginState, event: Event) -> LoginState:
    """Fold one fact."""
    return event.user_id if isinstance(event, LoginClaimed) else state


login: Decider[LoginState, ClaimLogin, Event] = Decider(None, decide, evolve)
