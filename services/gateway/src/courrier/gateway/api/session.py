"""``/session`` and ``/me``: log in with a browser, log out, who am I.

A second step is the same request again with ``code``: no half-open session lies about.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.gateway.domain.access import Person
from courrier.gateway.domain.throttle import Key, Kind
from courrier.gateway.entrance import Session
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.log_in import CodeNeeded, Door, Entry, log_in
from courrier.gateway.ports import Gateway
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
    "has_totp": False,
    "must_enrol": False,
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
    has_totp: bool
    must_enrol: bool
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
    code: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="A one-time code, or a recovery code."
    )


@router.post(
    "/session",
    status_code=201,
    openapi_extra=OPEN,
    responses=answers(LOGGED_IN, 201, 429, shape=LoggedInShown),
)
async def open_session(body: LogIn, request: Request, gateway: GatewayDep) -> Response:
    """Log in: sets the session cookie and returns the CSRF token for unsafe methods.

    A problem of type ``code-needed`` asks for the same once more with a one-time code.
    """
    cookie, session = await enter(gateway, body, request)
    person = await users.person_by_id(gateway.pool, session.user_id)
    response = answer(_logged_in(person, session), 201)
    set_cookie(response, gateway, cookie, session)
    return response


async def enter(gateway: Gateway, body: LogIn, request: Request) -> tuple[str, Session]:
    """Return a new session and its cookie's value.

    Raises:
        WrongLogIn, CodeNeeded, WrongCode: as ``log_in``.
        TooManyTries: too often before.
    """
    user_id = await users.user_id_by_login(gateway.pool, body.login)
    place = request.client.host if request.client else ""
    keys = _keys(gateway, body, place, user_id)
    await gateway.tries.begin(keys)
    entry = Entry(
        user_id=user_id,
        password=body.password,
        code=body.code,
        agent=request.headers.get("user-agent", ""),
        address=place,
    )
    cause = Cause(uuid4(), f"user:{user_id}", datetime.now(UTC))
    try:
        opened = await log_in(door_of(gateway), entry, cause)
    except CodeNeeded:
        await gateway.tries.succeeded(keys)
        raise
    await gateway.tries.succeeded(keys)
    return opened


def _keys(gateway: Gateway, body: LogIn, place: str, user_id: str | None) -> list[Key]:
    def key(kind: Kind, *parts: str) -> Key:
        return Key(kind, gateway.identity.sign("log-in try", "\x1f".join(parts)))

    login = body.login.strip().casefold()
    found = [key("pair", login, place), key("place", place), key("login", login)]
    return [*found, key("code", user_id)] if body.code and user_id else found


@asynccontextmanager
async def guarded(gateway: Gateway, request: Request, person: Person) -> AsyncGenerator[None, None]:
    """Count what is tried inside as failed unless it ends well.

    Raises:
        TooManyTries: too often before.
    """
    place = request.client.host if request.client else ""
    keys = [Key("code", gateway.identity.sign("log-in try", f"{person.id}\x1f{place}"))]
    await gateway.tries.begin(keys)
    yield
    await gateway.tries.succeeded(keys)


def door_of(gateway: Gateway) -> Door:
    """Return what a log-in needs."""
    return Door(
        gateway.store, gateway.vault, gateway.passwords, gateway.sessions, gateway.time_steps
    )


def set_cookie(response: Response, gateway: Gateway, cookie: str, session: Session) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        cookie,
        expires=session.expires_at,
        path="/",
        secure=gateway.secure_cookies,
        httponly=True,
        samesite="lax",
    )


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
    return answer(me_json(caller))


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
        "has_totp": person.has_totp,
        "must_enrol": person.must_enrol,
        "rights": {name: right.model_dump() for name, right in person.rights.items()},
    }


def me_json(caller: Caller) -> dict[str, Any]:
    """Return who asks, as they see themselves."""
    found: dict[str, Any] = {"user": person_json(caller.person), "scopes": list(caller.scopes)}
    return found | ({"csrf_token": caller.session.csrf} if caller.session else {})


def _logged_in(person: Person | None, session: Session) -> dict[str, Any]:
    return {"user": person and person_json(person), "csrf_token": session.csrf}
