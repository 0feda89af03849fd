"""``/me``: what people change about themselves: profile, password, second factor.

Whatever weakens the log-in asks for the password, or for a code, once more; with a bearer token
none of it can be done.
"""

import io
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.gateway.domain.settings import check_language
from courrier.gateway.domain.totp import key_text, key_uri
from courrier.gateway.domain.user import ChangeUser, User
from courrier.gateway.entrance import Session
from courrier.gateway.handlers.log_in import WrongCode, WrongLogIn, check_code, check_password
from courrier.gateway.handlers.people import set_password
from courrier.gateway.handlers.second_factor import (
    Enrolled,
    disable,
    enable,
    offer,
    replace_codes,
)
from courrier.gateway.handlers.users import change_user, load_user
from courrier.gateway.projections import configured

from .answers import Facts, answer, answers, nothing
from .caller import Caller, CallerDep, GatewayDep, cause_of, gateway_of
from .people import registry_of
from .problems import Problem
from .routing import CourrierRoute
from .session import ME, MeShown, door_of, guarded, me_json
from .shapes import Shown, example
from .users import Language, TimeZone
from .values import Body, Line, Password

router = APIRouter(route_class=CourrierRoute, tags=["session"])

KEY: dict[str, Any] = {
    "key": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Courrier%3Aada?secret=JBSWY3DPEHPK3PXP&issuer=Courrier",
    "qr_svg": "<svg/>",
}
CODES: dict[str, Any] = {"recovery_codes": ["abcd-efgh-ijkl-mnop"]}

Code = Annotated[str, Field(min_length=1, max_length=40)]


class ProfileChange(Body):
    """What to change about oneself; what is left out stays as it is."""

    model_config = example({"language": "fr", "time_zone": "Europe/Paris"})

    name: Line = ""
    language: Language = "en"
    time_zone: TimeZone = "UTC"


class PasswordChange(Body):
    """The password so far, and the one from now on."""

    model_config = example({"password": "correct horse", "new_password": "battery staple"})

    password: Password
    new_password: Password


class CodeBody(Body):
    """A code that the authenticator shows."""

    model_config = example({"code": "123456"})

    code: Code


class PasswordBody(Body):
    """The password, once more."""

    model_config = example({"password": "correct horse battery"})

    password: Password


class KeyShown(Shown):
    """A key for an authenticator: to type, to open, to scan. Nothing is asked for so far."""

    key: str
    uri: str
    qr_svg: str


class CodesShown(Shown):
    """Codes that each let one in once without the authenticator; shown this once."""

    recovery_codes: list[str]


@router.patch("/me", responses=answers(ME, 200, 403, shape=MeShown))
async def change_me(
    body: ProfileChange, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Change my name, language or time zone."""
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    check_language(await configured.system_settings(gateway.pool), changes.get("language"))
    registry = registry_of(gateway)
    order = ChangeUser(changes=changes)
    written = await change_user(registry, caller.person.id, order, cause_of(request, caller))
    shown = me_json(caller)
    shown["user"] |= changes
    return answer(shown, 200, Facts(written.position))


@router.post("/me/password", status_code=204, responses=answers(None, 204, 403, 429))
async def change_password(
    body: PasswordChange, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Change my password; all my sessions end, this one too."""
    await _prove(request, caller, body.password)
    cause = cause_of(request, caller)
    written = await set_password(registry_of(gateway), caller.person.id, body.new_password, cause)
    await gateway.sessions.end_all(caller.person.id)
    return nothing(written.position)


@router.post("/me/totp", responses=answers(KEY, 200, 403, 429, shape=KeyShown))
async def offer_totp(body: PasswordBody, request: Request, caller: CallerDep) -> Response:
    """Get a key for an authenticator; it counts once ``/me/totp:confirm`` has seen a code of it."""
    shown = await offered_key(request, caller, body.password)
    return answer(shown, 200, Facts(is_secret=True))


async def offered_key(request: Request, caller: Caller, password: str) -> dict[str, str]:
    """Return a new key for an authenticator, as ``KeyShown``.

    Raises:
        Problem: 403, wrong password, or no session.
        TooManyTries: too often before.
    """
    await _prove(request, caller, password)
    secret = await offer(registry_of(gateway_of(request)), caller.person.id)
    uri = key_uri(secret, caller.person.login)
    return {"key": key_text(secret), "uri": uri, "qr_svg": qr_svg(uri)}


@router.post("/me/totp:confirm", responses=answers(CODES, 200, 403, 409, 429, shape=CodesShown))
async def confirm_totp(body: CodeBody, request: Request, caller: CallerDep) -> Response:
    """Ask for codes at log-in from now on; the recovery codes are shown once."""
    enrolled = await _enable(request, caller, body.code)
    facts = Facts(enrolled.position, is_secret=True)
    return answer({"recovery_codes": list(enrolled.codes)}, 200, facts)


async def enabled_codes(request: Request, caller: Caller, code: str) -> list[str]:
    """Ask for codes from now on, and return the recovery codes.

    Raises:
        CodeDoesNotFit: it is no code of the key that was offered last.
        Problem: 403, no session.
        TooManyTries: too often before.
    """
    return list((await _enable(request, caller, code)).codes)


async def _enable(request: Request, caller: Caller, code: str) -> Enrolled:
    gateway, person = gateway_of(request), caller.person
    session_of(caller)
    async with guarded(gateway, request, person):
        registry, steps = registry_of(gateway), gateway.time_steps
        cause = cause_of(request, caller)
        return await enable(registry, steps, person.id, code=code, cause=cause)


@router.post("/me/totp:remove", status_code=204, responses=answers(None, 204, 403, 404, 429))
async def remove_totp(
    body: CodeBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Ask for the password only, by a code once more."""
    await _prove_by_code(request, caller, body.code)
    registry = registry_of(gateway)
    cause = cause_of(request, caller, "remove")
    return nothing((await disable(registry, caller.person.id, cause)).position)


@router.post("/me/recovery-codes", responses=answers(CODES, 200, 403, 404, 429, shape=CodesShown))
async def renew_recovery_codes(
    body: CodeBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Get new recovery codes; the old ones are useless then."""
    await _prove_by_code(request, caller, body.code)
    cause = cause_of(request, caller, "renew")
    enrolled = await replace_codes(registry_of(gateway), caller.person.id, cause)
    facts = Facts(enrolled.position, is_secret=True)
    return answer({"recovery_codes": list(enrolled.codes)}, 200, facts)


def qr_svg(uri: str) -> str:
    """Return a QR code (ISO/IEC 18004) as SVG that can stand in a page."""
    out = io.BytesIO()
    segno.make_qr(uri, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def session_of(caller: Caller) -> Session:
    """Return the browser's session: a token is not the person.

    Raises:
        Problem: 403, the caller came by a token.
    """
    if caller.session is None:
        raise Problem(403, "log in with a browser for this; a token cannot", slug="session-needed")
    return caller.session


async def _prove(request: Request, caller: Caller, password: str) -> None:
    gateway = gateway_of(request)
    session_of(caller)
    async with guarded(gateway, request, caller.person):
        try:
            await check_password(door_of(gateway), caller.person.id, password)
        except WrongLogIn:
            raise Problem(403, "this is not your password", slug="wrong-password") from None


async def _prove_by_code(request: Request, caller: Caller, code: str) -> User:
    gateway = gateway_of(request)
    session_of(caller)
    known = await load_user(registry_of(gateway), caller.person.id)
    if known.totp is None:
        raise Problem(404, "no second factor is set up")
    async with guarded(gateway, request, caller.person):
        try:
            await check_code(door_of(gateway), known, code, cause_of(request, caller))
        except WrongCode:
            raise Problem(
                403, "wrong code, or one that was used before", slug="wrong-code"
            ) from None
    return known
