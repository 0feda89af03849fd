"""``/teams`` and ``/roles``: who works together, and what people may do."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.families.identity import Permission, RoleFields, TeamFields
from courrier.gateway.domain.role import ChangeRole, CreateRole, RemoveRole, Role, RoleMissing
from courrier.gateway.domain.team import ChangeTeam, CreateTeam, RemoveTeam, Team, TeamMissing
from courrier.gateway.handlers.teams import change_role, change_team, load_role, load_team
from courrier.gateway.projections import teams
from courrier.gateway.projections.teams import RoleRow, TeamRow

from .answers import Facts, answer, answers, listed, nothing
from .caller import AdminDep, CallerDep, GatewayDep, cause_of, new_id
from .freshness import Fresh
from .paging import PagingDep, by_name
from .routing import CourrierRoute
from .session import PermissionShown
from .shapes import Shown, example
from .values import Body, IdText, Line, PathId
from .versions import SeenVersion

router = APIRouter(route_class=CourrierRoute)

TEAM: dict[str, Any] = {
    "id": "7a0d5c3f1e2b4a6980716253443526af",
    "version": "1",
    "name": "Sales",
    "role_ids": ["1b2c3d4e5f60718293a4b5c6d7e8f901"],
}
ROLE: dict[str, Any] = {
    "id": "1b2c3d4e5f60718293a4b5c6d7e8f901",
    "version": "1",
    "name": "Seller",
    "rights": {"contact": {"create": True, "read": "all", "edit": "team", "delete": "no"}},
}
NEW_TEAM = {name: TEAM[name] for name in ("name", "role_ids")}
NEW_ROLE = {name: ROLE[name] for name in ("name", "rights")}

ObjectType = Literal[
    "account",
    "contact",
    "lead",
    "opportunity",
    "case",
    "task",
    "email",
    "template",
    "target_list",
    "mass_mail",
]
Level = Literal["no", "own", "team", "all"]


class TeamShown(Shown):
    """People who work together; its members have its roles."""

    id: str
    version: str
    name: str
    role_ids: list[str]


class RoleShown(Shown):
    """What people may do; a type that is not named is as for people without a role."""

    id: str
    version: str
    name: str
    rights: dict[str, PermissionShown]


class TeamBody(Body):
    """A team."""

    model_config = example(NEW_TEAM)

    name: Line
    role_ids: Annotated[tuple[IdText, ...], Field(max_length=50)] = ()

    def fields(self) -> TeamFields:
        """Return them for the order."""
        return TeamFields(name=self.name, role_ids=tuple(dict.fromkeys(self.role_ids)))


class TeamChange(Body):
    """What to change about a team; what is left out stays as it is."""

    model_config = example({"name": "Sales"})

    name: Line = ""
    role_ids: Annotated[tuple[IdText, ...], Field(max_length=50)] = ()

    def changes(self) -> dict[str, Any]:
        """Return them for the order."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class PermissionBody(Body):
    """What a role lets people do with the objects of one type."""

    create: bool = False
    read: Level = "no"
    edit: Level = "no"
    delete: Level = "no"


class RoleBody(Body):
    """A role."""

    model_config = example(NEW_ROLE)

    name: Line
    rights: dict[ObjectType, PermissionBody] = Field(default_factory=dict)

    def fields(self) -> RoleFields:
        """Return them for the order."""
        return RoleFields(name=self.name, rights=_permissions(self.rights))


class RoleChange(Body):
    """What to change about a role; ``rights`` replaces all of them."""

    model_config = example({"name": "Seller"})

    name: Line = ""
    rights: dict[ObjectType, PermissionBody] = Field(default_factory=dict)

    def changes(self) -> dict[str, Any]:
        """Return them for the order."""
        known: dict[str, Any] = {"name": self.name, "rights": _permissions(self.rights)}
        return {name: known[name] for name in self.model_fields_set}


def _permissions(rights: Mapping[ObjectType, PermissionBody]) -> dict[str, Permission]:
    return {name: Permission(**right.model_dump()) for name, right in rights.items()}


@router.get(
    "/teams",
    tags=["teams"],
    dependencies=[Fresh],
    responses=listed(TEAM, TeamShown, 400, choose=True),
)
async def list_teams(gateway: GatewayDep, _: CallerDep, paging: PagingDep) -> Response:
    """All teams, by name."""
    rows = await teams.every_team(gateway.pool)
    return paging.answer([team_json(row) for row in rows], by=by_name)


@router.post(
    "/teams",
    status_code=201,
    tags=["teams"],
    responses=answers(TEAM, 201, 403, shape=TeamShown),
)
async def create_team(
    body: TeamBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Make a team; people become members by their ``team_ids``."""
    team_id = new_id(request, caller, "team")
    order = CreateTeam(team_id, body.fields())
    written = await change_team(gateway.store, team_id, order, cause_of(request, caller))
    shown = team_json(Team(team_id, order.fields))
    return answer(shown, 201, Facts(written.position, "1", f"/api/v1/teams/{team_id}"))


@router.get(
    "/teams/{team_id}",
    tags=["teams"],
    dependencies=[Fresh],
    responses=answers(TEAM, 200, 404, shape=TeamShown),
)
async def read_team(team_id: PathId, gateway: GatewayDep, _: CallerDep) -> Response:
    """One team."""
    row = await teams.team_by_id(gateway.pool, team_id)
    if row is None:
        raise TeamMissing("there is no such team")
    return answer(team_json(row), 200, Facts(version=str(row.version)))


@router.patch(
    "/teams/{team_id}",
    tags=["teams"],
    responses=answers(TEAM, 200, 403, 404, 412, shape=TeamShown),
)
async def change_a_team(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    team_id: PathId,
    body: TeamChange,
    request: Request,
    gateway: GatewayDep,
    caller: AdminDep,
    seen: SeenVersion,
) -> Response:
    """Change a team's name or roles."""
    order = ChangeTeam(body.changes(), seen)
    written = await change_team(gateway.store, team_id, order, cause_of(request, caller))
    state = await load_team(gateway.store, team_id)
    return answer(team_json(state), 200, Facts(written.position, str(state.version)))


@router.delete(
    "/teams/{team_id}", status_code=204, tags=["teams"], responses=answers(None, 204, 403, 404)
)
async def remove_team(
    team_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Dissolve a team; what its members had by it ends."""
    cause = cause_of(request, caller)
    return nothing((await change_team(gateway.store, team_id, RemoveTeam(), cause)).position)


@router.get(
    "/roles",
    tags=["roles"],
    dependencies=[Fresh],
    responses=listed(ROLE, RoleShown, 400, 403, choose=True),
)
async def list_roles(gateway: GatewayDep, _: AdminDep, paging: PagingDep) -> Response:
    """All roles, by name."""
    rows = await teams.every_role(gateway.pool)
    return paging.answer([role_json(row) for row in rows], by=by_name)


@router.post(
    "/roles",
    status_code=201,
    tags=["roles"],
    responses=answers(ROLE, 201, 403, shape=RoleShown),
)
async def create_role(
    body: RoleBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Make a role; people and teams have it by their ``role_ids``."""
    role_id = new_id(request, caller, "role")
    order = CreateRole(role_id, body.fields())
    written = await change_role(gateway.store, role_id, order, cause_of(request, caller))
    shown = role_json(Role(role_id, order.fields))
    return answer(shown, 201, Facts(written.position, "1", f"/api/v1/roles/{role_id}"))


@router.get(
    "/roles/{role_id}",
    tags=["roles"],
    dependencies=[Fresh],
    responses=answers(ROLE, 200, 403, 404, shape=RoleShown),
)
async def read_role(role_id: PathId, gateway: GatewayDep, _: AdminDep) -> Response:
    """One role."""
    row = await teams.role_by_id(gateway.pool, role_id)
    if row is None:
        raise RoleMissing("there is no such role")
    return answer(role_json(row), 200, Facts(version=str(row.version)))


@router.patch(
    "/roles/{role_id}",
    tags=["roles"],
    responses=answers(ROLE, 200, 403, 404, 412, shape=RoleShown),
)
async def change_a_role(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    role_id: PathId,
    body: RoleChange,
    request: Request,
    gateway: GatewayDep,
    caller: AdminDep,
    seen: SeenVersion,
) -> Response:
    """Change a role's name or rights; they hold at once for everybody who has it."""
    order = ChangeRole(body.changes(), seen)
    written = await change_role(gateway.store, role_id, order, cause_of(request, caller))
    state = await load_role(gateway.store, role_id)
    return answer(role_json(state), 200, Facts(written.position, str(state.version)))


@router.delete(
    "/roles/{role_id}", status_code=204, tags=["roles"], responses=answers(None, 204, 403, 404)
)
async def remove_role(
    role_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Remove a role from everybody who has it."""
    cause = cause_of(request, caller)
    return nothing((await change_role(gateway.store, role_id, RemoveRole(), cause)).position)


def team_json(team: Team | TeamRow) -> dict[str, Any]:
    """Return a team as answers show it."""
    return {"id": team.id, "version": str(team.version), **team.fields.model_dump(mode="json")}


def role_json(role: Role | RoleRow) -> dict[str, Any]:
    """Return a role as answers show it."""
    return {"id": role.id, "version": str(role.version), **role.fields.model_dump(mode="json")}
