"""``/forgot``, ``/r`` and ``/second-factor``: the ways in beside the log-in.

The first two need no CSRF token: nothing happens but by a code that only its reader has, and a
mail to whoever asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from courrier.gateway.api.caller import gateway_of
from courrier.gateway.api.entry_codes import NewPasswordBody, choose_password, forgotten
from courrier.gateway.api.own_account import (
    CodeBody,
    PasswordBody,
    enabled_codes,
    offered_key,
)
from courrier.gateway.api.problems import Problem
from courrier.gateway.api.words import Words, noted
from courrier.gateway.domain.refusals import Refusal
from courrier.gateway.entrance import TooManyTries

from .page_route import PageRoute
from .rendering import page
from .visitor import Visitor, enrolling, enrolling_writer, form_of, language_of

router = APIRouter(route_class=PageRoute)

FORGOT = noted("A new password")
FORGOT_ABOUT = noted("Tell us your login: we mail a code to the address that we know.")
SENT = noted("If we know this login, a code is on its way. It works for an hour.")
CHOOSE = noted("Choose a password")
CHOOSE_ABOUT = noted("Use the code that we mailed you. A password has 8 characters or more.")
GONE = noted("This code is wrong, was used, or is too old; or the password is too short.")
LATER = noted("Too many wrong tries. Wait a minute, then try again.")
FACTOR = noted("A second factor")
FACTOR_ABOUT = noted("A code of an app on your phone, asked for beside the password.")
SCAN = noted("Scan this with the app, or type the key, and enter the code that it shows.")
KEEP = noted("Keep these codes in a safe place: each lets you in once without the app.")
WRONG = noted("That is not right. Please try again.")
LOGIN, PASSWORD, CODE = noted("Login"), noted("Password"), noted("Code")
GO_ON, SAVE = noted("Go on"), noted("Save")


@dataclass(frozen=True, slots=True)
class Field:
    """An input; ``type`` and ``autocomplete`` are HTML's."""

    name: str
    label: str
    type: str = "text"
    autocomplete: str = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A small form; texts in English."""

    action: str
    heading: str
    about: str
    button: str = ""
    error: str = ""
    fields: Sequence[Field] = ()
    lines: Sequence[str] = ()
    hidden: Mapping[str, str] | None = None
    picture: Markup | None = None


def shown(words: Words, gate: Gate, status: int = 200, viewer: Visitor | None = None) -> Response:
    """Return the form as a page."""
    fields = [
        Field(each.name, words.text(each.label), each.type, each.autocomplete)
        for each in gate.fields
    ]
    values: dict[str, Any] = {
        "action": gate.action,
        "heading": words.text(gate.heading),
        "about": words.text(gate.about),
        "error": words.text(gate.error) if gate.error else "",
        "button": words.text(gate.button) if gate.button else "",
        "fields": fields,
        "lines": gate.lines,
        "hidden": gate.hidden or {},
        "picture": gate.picture,
        "viewer": viewer,
    }
    return page(words, "gate.html", values, status)


NAME = Field("login", LOGIN, autocomplete="username")
NEW = Field("password", PASSWORD, "password", "new-password")
ONCE_MORE = Field("password", PASSWORD, "password", "current-password")
MAILED = Field("code", CODE)
SHOWN = Field("code", CODE, autocomplete="one-time-code")


def _forgot(error: str = "", about: str = FORGOT_ABOUT) -> Gate:
    fields = (NAME,) if about == FORGOT_ABOUT else ()
    button = GO_ON if fields else ""
    return Gate(
        action="/forgot", heading=FORGOT, about=about, button=button, error=error, fields=fields
    )


@router.get("/forgot")
async def forgot_page(request: Request) -> Response:
    """Ask whose password is forgotten."""
    return shown(language_of(request), _forgot())


@router.post("/forgot")
async def forgot(request: Request) -> Response:
    """Mail a code, if there is such a login; the page never says whether there is."""
    words = language_of(request)
    login = (await form_of(request)).get("login", "")[:500]
    try:
        heard = await forgotten(gateway_of(request), login, request)
    except TooManyTries:
        return shown(words, _forgot(LATER), 429)
    response = shown(words, _forgot(about=SENT))
    response.background = heard.background
    return response


def _choose(code: str = "", error: str = "") -> Gate:
    return Gate(
        action="/r",
        heading=CHOOSE,
        about=CHOOSE_ABOUT,
        button=SAVE,
        error=error,
        fields=(NEW,) if code else (MAILED, NEW),
        hidden={"code": code} if code else {},
    )


@router.get("/r")
@router.get("/r/{code}")
async def choose_page(request: Request, code: str = "") -> Response:
    """Ask for a password; looking at the page uses nothing up."""
    return shown(language_of(request), _choose(code[:80]))


@router.post("/r")
async def choose(request: Request) -> Response:
    """Set the password and lead to the log-in."""
    words = language_of(request)
    form = await form_of(request)
    code = form.get("code", "")[:80]
    try:
        body = NewPasswordBody(code=code, password=form.get("password", ""))
        await choose_password(gateway_of(request), request, body)
    except (ValidationError, Refusal):
        return shown(words, _choose(code, GONE), 422)
    except TooManyTries:
        return shown(words, _choose(code, LATER), 429)
    return RedirectResponse("/login", 303)


def _factor(visitor: Visitor, error: str = "") -> Gate:
    return Gate(
        action="/second-factor",
        heading=FACTOR,
        about=FACTOR_ABOUT,
        button=GO_ON,
        error=error,
        fields=(ONCE_MORE,),
        hidden={"csrf": visitor.csrf},
    )


@router.get("/second-factor")
async def factor_page(visitor: Annotated[Visitor, Depends(enrolling)]) -> Response:
    """Begin with the password, once more."""
    return shown(visitor.words, _factor(visitor), viewer=visitor)


@router.post("/second-factor")
async def factor(
    request: Request, visitor: Annotated[Visitor, Depends(enrolling_writer)]
) -> Response:
    """Show a key, then ask for a code of it, then show the recovery codes."""
    form = await form_of(request)
    try:
        if "code" in form:
            return await _confirmed(request, visitor, form["code"])
        body = PasswordBody(password=form.get("password", ""))
        key = await offered_key(request, visitor.caller, body.password)
    except (Problem, Refusal, ValidationError):
        return shown(visitor.words, _factor(visitor, WRONG), 422, visitor)
    except TooManyTries:
        return shown(visitor.words, _factor(visitor, LATER), 429, visitor)
    scan = Gate(
        action="/second-factor",
        heading=FACTOR,
        about=SCAN,
        button=GO_ON,
        fields=(SHOWN,),
        lines=(key["key"],),
        hidden={"csrf": visitor.csrf},
        picture=Markup(key["qr_svg"]),  # noqa: S704  segno's own
    )
    return shown(visitor.words, scan, viewer=visitor)


async def _confirmed(request: Request, visitor: Visitor, code: str) -> Response:
    body = CodeBody(code=code)
    codes = await enabled_codes(request, visitor.caller, body.code)
    kept = Gate(action="/", heading=FACTOR, about=KEEP, lines=codes)
    return shown(visitor.words, kept, viewer=visitor)
