"""Who asks: a bearer token, or a browser's session with its CSRF token on unsafe methods."""

import hmac
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request

from courrier.events.base import derived_id
from courrier.gateway.adapters import token_uses
from courrier.gateway.domain.access import Person, may_administer
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.domain.tokens import digest_of_text
from courrier.gateway.entrance import Session
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.log_in import cookie_digest
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import tokens, users

from .problems import Problem
from .quota import count

COOKIE = "courrier_session"
CSRF_HEADER = "x-csrf-token"
ENROLMENT = ("/api/v1/me", "/api/v1/session")
"""What somebody may do who has to set up a second factor first."""
SAFE = ("GET", "HEAD", "OPTIONS")
KEYED = ("POST", "PATCH")
"""Methods of which a repeat is told by its Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who was recognised; no ``scopes`` means all.

    By a token without the scope ``admin`` an administrator is none.
    """

    person: Person
    scopes: tuple[str, ...] = ()
    session: Session | None = None


def gateway_of(request: Request) -> Gateway:
    """Return what this process works with."""
    gateway: Gateway = request.app.state.gateway
    return gateway


async def identify(request: Request) -> Caller:
    """Return who asks; once a request.

    Raises:
        Problem: 401 for nobody, 403 for a token or a session that may not do this.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is None:
        known = await _recognise(request)
        request.state.caller = known
        count(request, known.person, time.monotonic())
    return known


async def administrator(request: Request) -> Caller:
    """Return who asks, who must be an administrator.

    Raises:
        NotAllowed: somebody else.
    """
    caller = await identify(request)
    if not may_administer(caller.person):
        raise NotAllowed("only an administrator may do this")
    return caller


async def _recognise(request: Request) -> Caller:
    gateway = gateway_of(request)
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _by_token(request, gateway, authorization)
    return await _by_session(request, gateway)


async def _by_token(request: Request, gateway: Gateway, authorization: str) -> Caller:
    scheme, _, text = authorization.partition(" ")
    digest = digest_of_text(text.strip()) if scheme.lower() == "bearer" else None
    now = datetime.now(UTC)
    found = await tokens.person_by_token(gateway.pool, digest, now) if digest else None
    if found is None:
        raise _unknown("this token opens nothing: it is malformed, expired or revoked")
    needed = scope_of(request)
    if found.scopes and needed not in found.scopes:
        raise Problem(403, f"this token's scopes do not include {needed!r}", slug="scope-missing")
    await token_uses.used(gateway.pool, found.id)
    is_whole = not found.scopes or "admin" in found.scopes
    person = found.person if is_whole else replace(found.person, is_admin=False)
    return Caller(person, found.scopes)


def scope_of(request: Request) -> str:
    """Return the scope that a token needs for this request."""
    if request.url.path.endswith("/stream"):
        return "stream"
    return "read" if request.method in SAFE else "write"


async def _by_session(request: Request, gateway: Gateway) -> Caller:
    found = await visit(gateway, request.cookies.get(COOKIE))
    if found is None:
        raise _unknown("log in with POST /api/v1/session, or send a bearer token")
    person, session = found
    if request.method not in SAFE:
        _check_csrf(request, session)
    if person.must_enrol and not request.url.path.startswith(ENROLMENT):
        text = "set up a second factor first (POST /api/v1/me/totp)"
        raise Problem(403, text, slug="second-factor-needed")
    return Caller(person, session=session)


async def visit(gateway: Gateway, cookie: str | None) -> tuple[Person, Session] | None:
    """Return whose session a cookie is of; None for a session that ended, or nobody's."""
    session = await gateway.sessions.find(cookie_digest(cookie)) if cookie else None
    if session is None:
        return None
    person = await users.person_by_id(gateway.pool, session.user_id, session.opened_at)
    return (person, session) if person else None


def _check_csrf(request: Request, session: Session) -> None:
    shown = request.headers.get(CSRF_HEADER, "").encode("utf-8", "replace")
    if not hmac.compare_digest(shown, session.csrf.encode()):
        text = "send the session's csrf_token (GET /api/v1/me) as X-CSRF-Token"
        raise Problem(403, text, slug="csrf-token-missing")


def _unknown(text: str) -> Problem:
    return Problem(401, text, headers={"WWW-Authenticate": 'Bearer realm="courrier"'})


GatewayDep = Annotated[Gateway, Depends(gateway_of)]
CallerDep = Annotated[Caller, Depends(identify)]
AdminDep = Annotated[Caller, Depends(administrator)]


def key_of(request: Request) -> str:
    """Return what tells this request from others: its Idempotency-Key, else a random text.

    What was asked under the key belongs to it: a day later the key may stand for something else.
    """
    key = request.headers.get("idempotency-key") if request.method in KEYED else None
    return f"{key}\x1f{getattr(request.state, 'request_digest', '')}" if key else uuid4().hex


def cause_of(request: Request, caller: Caller, part: str = "") -> Cause:
    """Return the request as the cause of facts: a repeat with the same key is the same cause.

    ``part`` tells several orders of one request apart.
    """
    whole = command_id(request, caller)
    this = derived_id(str(whole), part) if part else whole
    return Cause(this, caller.person.actor, datetime.now(UTC), request.state.request_id)


def command_id(request: Request, caller: Caller) -> UUID:
    """Return an id for the command that this request is; the same for the same key."""
    known: UUID | None = getattr(request.state, "command_id", None)
    if known is None:
        known = derived_id("request", caller.person.id, request.url.path, key_of(request))
        request.state.command_id = known
    return known


def new_id(request: Request, caller: Caller, kind: str) -> str:
    """Return the id of what this request makes; the same for the same key."""
    return derived_id(kind, str(command_id(request, caller))).hex
