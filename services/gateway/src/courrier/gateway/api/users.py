"""``/users``: who may use Courrier; for administrators."""

from operator import itemgetter
from typing import Annotated, Literal
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from pydantic import AfterValidator, Field
from starlette.responses import Response

from courrier.gateway.domain.settings import check_language
from courrier.gateway.domain.user import ChangeUser, UserMissing
from courrier.gateway.handlers.people import NewUser, add_user
from courrier.gateway.handlers.second_factor import disable
from courrier.gateway.handlers.users import (
    OWNER_LEFT,
    change_user,
    deactivate_user,
    load_user,
    reactivate_user,
)
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured, email_accounts, users

from .answers import Facts, answer, answers, listed, nothing
from .caller import AdminDep, Caller, GatewayDep, cause_of, gateway_of
from .freshness import Fresh
from .paging import PagingDep
from .people import USER, UserShown, registry_of, user_json
from .routing import CourrierRoute
from .shapes import example
from .values import AddressText, Body, IdText, Line, Password, PathId
from .versions import SeenVersion

router = APIRouter(route_class=CourrierRoute, tags=["users"])


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("there is no such time zone; it is written as Europe/Paris")
    return name


Addresses = Annotated[tuple[AddressText, ...], Field(max_length=50)]
Ids = Annotated[tuple[IdText, ...], Field(max_length=50)]
Positions = Annotated[dict[IdText, Line], Field(max_length=50)]
Language = Literal["en", "fr"]
TimeZone = Annotated[Line, AfterValidator(_time_zone)]


class UserBody(Body):
    """A person to let in."""

    model_config = example(
        {"login": "ada", "name": "Ada Lovelace", "email_addresses": ["ada@example.org"]}
    )

    login: Line
    name: Line
    password: Password | None = None
    email_addresses: Addresses = ()
    is_admin: bool = False
    language: Language | None = Field(default=None, description="The system's unless given.")
    time_zone: TimeZone | None = Field(default=None, description="The system's unless given.")
    team_ids: Ids = ()
    role_ids: Ids = ()
    totp_required: bool = False
    positions: Positions = Field(
        default_factory=dict, description="What the person does in a team, by its id."
    )


class UserChange(Body):
    """What to change about a person; what is left out stays as it is."""

    model_config = example({"team_ids": ["7a0d5c3f1e2b4a6980716253443526af"]})

    login: Line = ""
    name: Line = ""
    email_addresses: Addresses = ()
    is_admin: bool = False
    language: Language = "en"
    time_zone: TimeZone = "UTC"
    team_ids: Ids = ()
    role_ids: Ids = ()
    totp_required: bool = False
    positions: Positions = Field(
        default_factory=dict, description="What the person does in a team, by its id."
    )
    is_active: bool = True


@router.get(
    "/users", dependencies=[Fresh], responses=listed(USER, UserShown, 400, 403, choose=True)
)
async def list_users(gateway: GatewayDep, _: AdminDep, paging: PagingDep) -> Response:
    """All users, by login."""
    rows = await users.every_user(gateway.pool)
    return paging.answer([user_json(row) for row in rows], by=itemgetter("login"))


@router.post("/users", status_code=201, responses=answers(USER, 201, 403, 409, shape=UserShown))
async def create_user(
    body: UserBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Let a person in."""
    system = await configured.system_settings(gateway.pool)
    check_language(system, body.language)
    usual = {"language": system.default_language, "time_zone": system.default_time_zone}
    new = NewUser(**usual | body.model_dump(exclude_none=True))
    user_id, written = await add_user(registry_of(gateway), new, cause_of(request, caller))
    return await _answer(gateway, user_id, written.position, 201)


@router.get(
    "/users/{user_id}",
    dependencies=[Fresh],
    responses=answers(USER, 200, 403, 404, shape=UserShown),
)
async def read_user(user_id: PathId, gateway: GatewayDep, _: AdminDep) -> Response:
    """One user; ``ETag`` is their version."""
    row = await users.user_by_id(gateway.pool, user_id)
    if row is None:
        raise UserMissing("there is no such user")
    return answer(user_json(row), 200, Facts(version=str(row.version)))


@router.patch("/users/{user_id}", responses=answers(USER, 200, 403, 404, 409, 412, shape=UserShown))
async def change_a_user(
    user_id: PathId,
    body: UserChange,
    request: Request,
    caller: AdminDep,
    seen: SeenVersion,
) -> Response:
    """Change a person, let them out (``is_active``: sessions, tokens, accounts) or in again."""
    gateway = gateway_of(request)
    registry = registry_of(gateway)
    changes = {name: getattr(body, name) for name in body.model_fields_set - {"is_active"}}
    cause = cause_of(request, caller)
    order = ChangeUser(changes=changes, version=seen)
    position = (await change_user(registry, user_id, order, cause)).position
    if "is_active" in body.model_fields_set:
        position = await _set_active(request, caller, user_id, active=body.is_active) or position
    return await _answer(gateway, user_id, position, 200)


@router.post(
    "/users/{user_id}/totp:remove", status_code=204, responses=answers(None, 204, 403, 404)
)
async def remove_totp_of_user(
    user_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Remove the second factor of somebody who lost it; their sessions end."""
    registry = registry_of(gateway)
    await load_user(registry, user_id)
    written = await disable(registry, user_id, cause_of(request, caller))
    await gateway.sessions.end_all(user_id)
    return nothing(written.position)


async def _set_active(
    request: Request, caller: Caller, user_id: str, *, active: bool
) -> str | None:
    gateway = gateway_of(request)
    registry = registry_of(gateway)
    cause = cause_of(request, caller, "activity")
    rows = await email_accounts.accounts_of(gateway.pool, user_id)
    if active:
        waiting = [row.id for row in rows if row.paused == OWNER_LEFT]
        return (await reactivate_user(registry, user_id, waiting, cause)).position
    running = [row.id for row in rows if row.paused is None]
    written = await deactivate_user(registry, user_id, running, cause)
    await gateway.sessions.end_all(user_id)
    return written.position


async def _answer(gateway: Gateway, user_id: str, position: str | None, status: int) -> Response:
    user = await load_user(registry_of(gateway), user_id)
    location = f"/api/v1/users/{user_id}" if status == 201 else None
    return answer(user_json(user), status, Facts(position, str(user.version), location))
