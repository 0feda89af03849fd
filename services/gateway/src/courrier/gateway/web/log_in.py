"""``/login`` and ``/logout``: the API's session, opened by a form.

The log-in form has a CSRF token too, tied to a cookie of its own: nobody is logged in by another
site into an account that is not theirs.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from courrier.gateway.api.caller import COOKIE, gateway_of
from courrier.gateway.api.problems import Problem
from courrier.gateway.api.session import LogIn, enter, set_cookie
from courrier.gateway.api.words import noted
from courrier.gateway.entrance import TooManyTries
from courrier.gateway.handlers.log_in import CodeNeeded, WrongCode, WrongLogIn
from courrier.gateway.ports import Gateway

from .page_route import PageRoute
from .rendering import page
from .visitor import (
    LogInNeeded,
    SecondFactorNeeded,
    Visitor,
    enrolling_writer,
    form_of,
    language_of,
    require_token,
    visitor_of,
)

router = APIRouter(route_class=PageRoute)

FORM_COOKIE = "courrier_form"
WRONG = noted("Wrong login or password.")
TOO_MANY = noted("Too many wrong tries. Wait a minute, then try again.")
WRONG_CODE = noted("Wrong code, or one that was used before.")
STALE = noted("The form was too old. Please try again.")


@router.get("/login")
async def log_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002  a query parameter
    """Ask who it is; whoever is logged in goes on."""
    try:
        await visitor_of(request)
    except SecondFactorNeeded:
        return RedirectResponse("/second-factor", 303)
    except LogInNeeded:
        return log_in_form(request, own_path(next), "", 200)
    return RedirectResponse(own_path(next), 303)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Open a session and go on to the page that was asked for."""
    form = await form_of(request)
    onwards = own_path(form.get("next", "/"))
    try:
        require_token(form.get("csrf", ""), _token(request))
        body = _body(form)
        cookie, session = await enter(gateway_of(request), body, request)
    except (WrongLogIn, ValidationError):
        return log_in_form(request, onwards, WRONG, 401)
    except (CodeNeeded, WrongCode) as error:
        return log_in_form(
            request, onwards, WRONG_CODE if form.get("code") else "", 401, asking=error
        )
    except TooManyTries:
        return log_in_form(request, onwards, TOO_MANY, 429)
    except Problem as problem:
        return log_in_form(request, onwards, STALE, problem.status)
    response = RedirectResponse(onwards, 303)
    set_cookie(response, gateway_of(request), cookie, session)
    return response


def _body(form: Mapping[str, str]) -> LogIn:
    login, password = form.get("login", ""), form.get("password", "")
    return LogIn(login=login, password=password, code=form.get("code") or None)


@router.post("/logout")
async def log_out(visitor: Annotated[Visitor, Depends(enrolling_writer)]) -> Response:
    """End the session; the browser forgets what it kept of our pages."""
    if visitor.caller.session is not None:
        await visitor.gateway.sessions.end(visitor.caller.session.digest)
    response = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache"'})
    response.delete_cookie(COOKIE, path="/")
    return response


def own_path(text: str) -> str:
    """Return a path on this site, ``/`` for anything that leads elsewhere."""
    parts = urlsplit(text) if text.isprintable() else None
    is_ours = parts and not parts.scheme and not parts.netloc and "\\" not in text
    return text if is_ours and text.startswith("/") and not text.startswith("//") else "/"


def log_in_form(
    request: Request, onwards: str, error: str, status: int, *, asking: Exception | None = None
) -> Response:
    """Return the log-in form, with what went wrong before, in English."""
    words = language_of(request)
    known = request.cookies.get(FORM_COOKIE)
    provider = gateway_of(request).log_in_provider
    cookie = known or uuid4().hex
    values: dict[str, Any] = {
        "next": onwards,
        "error": words.text(error) if error else "",
        "csrf": _sign(gateway_of(request), cookie),
        "asks_code": asking is not None,
        "viewer": None,
        "provider": provider.name if provider else None,
    }
    response = page(words, "login.html", values, status)
    if known is None:
        secure = gateway_of(request).secure_cookies
        response.set_cookie(
            FORM_COOKIE, cookie, path="/login", secure=secure, httponly=True, samesite="strict"
        )
    return response


def _token(request: Request) -> str:
    cookie = request.cookies.get(FORM_COOKIE)
    if cookie is None:
        raise Problem(403)
    return _sign(gateway_of(request), cookie)


def _sign(gateway: Gateway, cookie: str) -> str:
    return gateway.identity.sign("log-in form", cookie[:100])
