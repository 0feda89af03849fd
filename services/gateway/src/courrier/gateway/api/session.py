"""``/session`` and ``/me``: log in with a browser, log out, who am I."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from courrier.gateway.domain.access import Person
from courrier.gateway.handlers.log_in import Door, Throttle, WrongLogIn, log_in
from courrier.gateway.ports import Session
from courrier.gateway.projections import users

from .answers import answer, answers, nothing
from .caller import COOKIE, Caller, CallerDep, GatewayDep
from .routing import CourrierRoute
from .shapes import OPEN, Shown, example
from .values import Body, Line, Password

router = APIRouter(route_class=CourrierRoute, tags=["session"])

PERSON = {
    "id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "login": "admin",
    "name": "Administrator",
    "is_admin": True,
    "language": "en",
    "time_zone": "Europe/Paris",
    "email_addresses": ["admin@example.org"],
    "team_ids": [],
    "rights": {"contact": {"create": True, "read": "all", "edit": "all", "delete": "all"}},
}
LOGGED_IN = {"user": PERSON, "csrf_token": "5f0e6f3c9a1b4d2e8f7a6b5c4d3e2f10"}
ME = LOGGED_IN | {"scopes": []}


class PermissionShown(Shown):
    """What a person may do with objects of a type: no, own, team or all."""

    create: bool
    read: str
    edit: str
    delete: str


class PersonShown(Shown):
    """Who somebody is here, and what they may do."""

    id: str
    login: str
    name: str
    is_admin: bool
    language: str
    time_zone: str
    email_addresses: list[str]
    team_ids: list[str]
    rights: dict[str, PermissionShown]


class LoggedInShown(Shown):
    """An open session."""

    user: PersonShown | None
    csrf_token: str = Field(description="Send it as `X-CSRF-Token` on unsafe methods.")


class MeShown(Shown):
    """Who asks; ``scopes`` is empty for a token that may do everything, and in a session."""

    user: PersonShown
    scopes: list[str]
    csrf_token: str | None = Field(default=None, description="In a session only.")


class LogIn(Body):
    """Login and password."""

    model_config = example({"login": "admin", "password": "correct horse battery"})

    login: Line
    password: Password


def throttle_of(request: Request) -> Throttle:
    """Return this process's memory of failed tries."""
    throttle: Throttle = request.app.state.throttle
    return throttle


@router.post(
    "/session",
    status_code=201,
    openapi_extra=OPEN,
    responses=answers(LOGGED_IN, 201, 429, shape=LoggedInShown),
)
async def open_session(
    body: LogIn,
    gateway: GatewayDep,
    throttle: Annotated[Throttle, Depends(throttle_of)],
) -> Response:
    """Log in: sets the session cookie and returns the CSRF token for unsafe methods."""
    keys = (f"login:{body.login.casefold()}",)
    throttle.check(keys, time.monotonic())
    user_id = await users.user_id_by_login(gateway.pool, body.login)
    door = Door(gateway.vault, gateway.passwords, gateway.sessions)
    try:
        now = datetime.now(UTC)
        cookie, session = await log_in(door, user_id, body.password, now)
    except WrongLogIn:
        throttle.failed(keys, time.monotonic())
        raise
    throttle.succeeded(keys)
    person = await users.person_by_id(gateway.pool, session.user_id)
    response = answer(_logged_in(person, session), 201)
    response.set_cookie(
        COOKIE,
        cookie,
        expires=session.expires_at,
        path="/",
        secure=gateway.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response


@router.delete("/session", status_code=204, responses=answers(None, 204, 403))
async def end_session(gateway: GatewayDep, caller: CallerDep) -> Response:
    """Log out: the cookie opens nothing any more. With a bearer token nothing happens."""
    if caller.session is not None:
        await gateway.sessions.end(caller.session.digest)
    response = nothing()
    response.delete_cookie(COOKIE, path="/")
    return response


@router.get("/me", responses=answers(ME, shape=MeShown))
async def me(caller: CallerDep) -> Response:
    """Who I am; in a session also its CSRF token."""
    return answer(_me(caller))


def person_json(person: Person) -> dict[str, Any]:
    """Return a person as answers show them."""
    return {
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "is_admin": person.is_admin,
        "language": person.language,
        "time_zone": person.time_zone,
        "email_addresses": list(person.email_addresses),
        "team_ids": list(person.team_ids),
        "rights": {name: right.model_dump() for name, right in person.rights.items()},
    }


def _me(caller: Caller) -> dict[str, Any]:
    found = {"user": person_json(caller.person), "scopes": list(caller.scopes)}
    return found | ({"csrf_token": caller.session.csrf} if caller.session else {})


def _logged_in(person: Person | None, session: Session) -> dict[str, Any]:
    return {"user": person and person_json(person), "csrf_token": session.csrf}
