"""``/users`` and ``/tokens``: who may use Courrier, and API tokens of one's own."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from courrier.gateway.adapters.secrets import token_seed
from courrier.gateway.handlers.people import (
    NewToken,
    NewUser,
    Registry,
    add_user,
    issue_token,
    revoke_token,
)
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import users

from .answers import Facts, answer, answers, listed, nothing
from .caller import AdminDep, CallerDep, GatewayDep, cause_of, key_of
from .freshness import Fresh
from .problems import Problem
from .routing import CourrierRoute
from .session import PERSON, PersonShown, person_json
from .shapes import Moment, Shown, example
from .values import AddressText, Body, Line, Password, PathId

router = APIRouter(route_class=CourrierRoute)

TOKEN: dict[str, Any] = {
    "id": "7a0d5c3f1e2b4a6980716253443526af",
    "name": "laptop",
    "scopes": [],
    "issued_at": "2026-03-02T12:00:00Z",
    "expires_at": None,
}
NEW_TOKEN: dict[str, Any] = {"id": TOKEN["id"], "token": "courrier_" + "0f" * 32}


class TokenShown(Shown):
    """A token that is still good, without its text."""

    id: str
    name: str
    scopes: list[str]
    issued_at: Moment
    expires_at: Moment | None


class NewTokenShown(Shown):
    """A token's text, shown this once."""

    id: str
    token: str


class UserBody(Body):
    """A person to let in."""

    model_config = example(
        {"login": "ada", "name": "Ada Lovelace", "email_addresses": ["ada@example.org"]}
    )

    login: Line
    name: Line
    password: Password | None = None
    email_addresses: Annotated[tuple[AddressText, ...], Field(max_length=50)] = ()
    is_admin: bool = False
    language: Literal["en", "fr"] = "en"


class TokenBody(Body):
    """An API token; no scopes means all, no expiry means never."""

    model_config = example({"name": "laptop", "scopes": ["read", "write"]})

    name: Line = "token"
    scopes: Annotated[tuple[Literal["read", "write", "stream"], ...], Field(max_length=3)] = ()
    expires_at: AwareDatetime | None = None


def registry_of(gateway: Gateway) -> Registry:
    """Return where people are written."""
    return Registry(gateway.store, gateway.vault, gateway.passwords)


@router.get(
    "/users",
    tags=["users"],
    dependencies=[Fresh],
    responses=listed(PERSON, PersonShown, 403),
)
async def list_users(gateway: GatewayDep, _: AdminDep) -> Response:
    """All users, by login."""
    people = await users.every_person(gateway.pool)
    return answer({"items": [person_json(person) for person in people], "next": None})


@router.post(
    "/users",
    status_code=201,
    tags=["users"],
    responses=answers(PERSON, 201, 403, 409, shape=PersonShown),
)
async def create_user(
    body: UserBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Let a person in."""
    new = NewUser(**body.model_dump())
    user_id, written = await add_user(registry_of(gateway), new, cause_of(request, caller))
    shown = {"id": user_id} | body.model_dump(exclude={"password"})
    return answer(shown, 201, Facts(written.position, location=f"/api/v1/users/{user_id}"))


@router.get(
    "/tokens",
    tags=["tokens"],
    dependencies=[Fresh],
    responses=listed(TOKEN, TokenShown),
)
async def list_tokens(gateway: GatewayDep, caller: CallerDep) -> Response:
    """My tokens that are still good, without their text."""
    rows = await users.tokens_of(gateway.pool, caller.person.id)
    items = [
        {
            "id": row.id,
            "name": row.name,
            "scopes": list(row.scopes),
            "issued_at": row.issued_at,
            "expires_at": row.expires_at,
        }
        for row in rows
    ]
    return answer({"items": items, "next": None})


@router.post(
    "/tokens",
    status_code=201,
    tags=["tokens"],
    responses=answers(NEW_TOKEN, 201, shape=NewTokenShown),
)
async def create_token(
    body: TokenBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Issue a token for myself; its text is shown once. A token cannot give more than it has."""
    if caller.scopes and not (body.scopes and set(body.scopes) <= set(caller.scopes)):
        raise Problem(403, "a token cannot issue one with more scopes than its own")
    seed = await token_seed(gateway.vault, caller.person.id, key_of(request))
    _check_expiry(body.expires_at)
    order = NewToken(name=body.name, scopes=body.scopes, expires_at=body.expires_at, seed=seed)
    cause = cause_of(request, caller)
    issued = await issue_token(registry_of(gateway), caller.person.id, order, cause)
    return answer(
        {"id": issued.token_id, "token": issued.text}, 201, Facts(issued.position, is_secret=True)
    )


@router.delete(
    "/tokens/{token_id}", status_code=204, tags=["tokens"], responses=answers(None, 204, 404)
)
async def delete_token(
    token_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Revoke one of my tokens."""
    cause = cause_of(request, caller)
    position = await revoke_token(registry_of(gateway), caller.person.id, token_id, cause)
    return nothing(position)


def _check_expiry(moment: datetime | None) -> None:
    if moment is not None and not 2020 <= moment.year <= 9000:
        raise Problem(422, errors=[{"pointer": "/expires_at", "detail": "no sensible year"}])
