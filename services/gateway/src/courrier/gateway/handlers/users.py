"""Change people, let them out and in again: with their accounts, at once or not at all."""

from collections.abc import Sequence

from courrier.events import subjects
from courrier.events.store import EventStore
from courrier.gateway.domain.email_account import PauseAccount, ResumeAccount, email_account
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.user import (
    ChangeUser,
    DeactivateUser,
    LoginTaken,
    ReactivateUser,
    User,
    UserMissing,
    user,
)

from .facts import AnyStep, Cause, Step, Written, carry_out_together
from .people import Registry, claim, user_id_by_login
from .teams import check_roles, check_teams

OWNER_LEFT = "owner-deactivated"
"""Why an account is paused whose owner is not let in."""


class OneselfLockedOut(Unfit):
    """An administrator would take the administration, or the entry, from themselves."""


async def load_user(registry: Registry, user_id: str) -> User:
    """Return a user as the log has them.

    Raises:
        UserMissing: there is no such user.
    """
    history = await registry.store.load(subjects.user(user_id))
    state = user.fold(recorded.event for recorded in history)
    if not isinstance(state, User):
        raise UserMissing("there is no such user")
    return state


async def check_user(store: EventStore, user_id: str, pointer: str) -> None:
    """Let the id of a user pass.

    Raises:
        Unfit: it is nobody's; with the pointer.
    """
    if not await store.last([subjects.user(user_id)]):
        raise Unfit("there is no such user", pointer=pointer)


async def change_user(registry: Registry, user_id: str, order: ChangeUser, cause: Cause) -> Written:
    """Set some of a user's fields; a new login is claimed in the same batch.

    Raises:
        UserMissing: there is no such user.
        LoginTaken: another user has, or had, the new login.
        VersionChanged: it is no longer the version that the caller saw.
        Unfit: a team or a role does not exist, or people would lock themselves out.
    """
    await check_teams(registry.store, order.changes.get("team_ids", ()))
    await check_roles(registry.store, order.changes.get("role_ids", ()))
    if order.changes.get("is_admin") is False and cause.actor == f"user:{user_id}":
        text = "another administrator has to take the administration from you"
        raise OneselfLockedOut(text, pointer="/is_admin")
    steps: list[AnyStep] = [Step(subjects.user(user_id), user, order)]
    login = order.changes.get("login")
    if isinstance(login, str):
        steps += await _claims(registry, login, user_id)
    return await carry_out_together(registry.store, steps, cause)


async def deactivate_user(
    registry: Registry, user_id: str, account_ids: Sequence[str], cause: Cause
) -> Written:
    """Let a person in no more: tokens end, and their accounts are paused.

    Raises:
        UserMissing: there is no such user.
        OneselfLockedOut: it is the one who asks.
    """
    if cause.actor == f"user:{user_id}":
        text = "another administrator has to deactivate you"
        raise OneselfLockedOut(text, pointer="/is_active")
    steps = [Step(subjects.user(user_id), user, DeactivateUser())]
    pause = PauseAccount(OWNER_LEFT)
    return await carry_out_together(registry.store, [*steps, *_each(account_ids, pause)], cause)


async def reactivate_user(
    registry: Registry, user_id: str, account_ids: Sequence[str], cause: Cause
) -> Written:
    """Let a person in again, and fetch from the accounts that were paused because they left.

    Raises:
        UserMissing: there is no such user.
    """
    steps = [Step(subjects.user(user_id), user, ReactivateUser())]
    resume = ResumeAccount()
    return await carry_out_together(registry.store, [*steps, *_each(account_ids, resume)], cause)


async def _claims(registry: Registry, login: str, user_id: str) -> list[AnyStep]:
    owner = await user_id_by_login(registry.store, login)
    if owner not in (None, user_id):
        raise LoginTaken("this login is taken", pointer="/login", existing_id=owner)
    return [claim(login, user_id)] if owner is None else []


def _each(account_ids: Sequence[str], order: PauseAccount | ResumeAccount) -> list[AnyStep]:
    return [Step(subjects.email_account(each), email_account, order) for each in account_ids]
