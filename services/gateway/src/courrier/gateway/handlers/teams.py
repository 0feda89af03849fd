"""Make, change and remove teams and roles; what they name must be there."""

from collections.abc import Collection, Sequence

from courrier.events import subjects
from courrier.events.store import EventStore
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.role import Role, RoleCommand, RoleMissing, role
from courrier.gateway.domain.team import (
    ChangeTeam,
    CreateTeam,
    Team,
    TeamCommand,
    TeamMissing,
    team,
)

from .facts import Cause, Written, carry_out


async def change_team(store: EventStore, team_id: str, order: TeamCommand, cause: Cause) -> Written:
    """Carry out an order on a team.

    Raises:
        TeamMissing: there is no such team.
        VersionChanged: it is no longer the version that the caller saw.
        Unfit: one of its roles does not exist.
    """
    if isinstance(order, CreateTeam):
        await check_roles(store, order.fields.role_ids)
    if isinstance(order, ChangeTeam):
        await check_roles(store, order.changes.get("role_ids", ()))
    return await carry_out(store, subjects.team(team_id), team, order, cause)


async def change_role(store: EventStore, role_id: str, order: RoleCommand, cause: Cause) -> Written:
    """Carry out an order on a role.

    Raises:
        RoleMissing: there is no such role.
        VersionChanged: it is no longer the version that the caller saw.
        Unfit: what it gives makes no sense.
    """
    return await carry_out(store, subjects.role(role_id), role, order, cause)


async def load_team(store: EventStore, team_id: str) -> Team:
    """Return a team as the log has it.

    Raises:
        TeamMissing: there is no such team.
    """
    state = team.fold(recorded.event for recorded in await store.load(subjects.team(team_id)))
    if not isinstance(state, Team):
        raise TeamMissing("there is no such team")
    return state


async def load_role(store: EventStore, role_id: str) -> Role:
    """Return a role as the log has it.

    Raises:
        RoleMissing: there is no such role.
    """
    state = role.fold(recorded.event for recorded in await store.load(subjects.role(role_id)))
    if not isinstance(state, Role):
        raise RoleMissing("there is no such role")
    return state


async def check_teams(store: EventStore, team_ids: Collection[str]) -> None:
    """Let ids of teams pass.

    Raises:
        Unfit: one is no team's.
    """
    for number, team_id in enumerate(team_ids):
        try:
            await load_team(store, team_id)
        except TeamMissing as error:
            pointer = f"/team_ids/{number}"
            raise Unfit("there is no team with this id", pointer=pointer) from error


async def check_roles(store: EventStore, role_ids: Sequence[str]) -> None:
    """Let ids of roles pass.

    Raises:
        Unfit: one is no role's.
    """
    for number, role_id in enumerate(role_ids):
        try:
            await load_role(store, role_id)
        except RoleMissing as error:
            pointer = f"/role_ids/{number}"
            raise Unfit("there is no role with this id", pointer=pointer) from error
