"""Invitations, forgotten passwords, confirmed addresses: by a code that is mailed, and works once.

Whoever asks for a new password hears the same whether the login exists or not; what follows, if
anything, follows after the answer.
"""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.background import BackgroundTask
from starlette.responses import Response

from courrier.events.base import Mailbox
from courrier.events.bus import NoAnswer
from courrier.gateway.domain.configured import SMTP_ACCOUNT
from courrier.gateway.domain.notices import notice
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.throttle import Key
from courrier.gateway.domain.user import ChangeUser, User
from courrier.gateway.entrance import EntryCode
from courrier.gateway.handlers.entry_codes import (
    CodeGone,
    NoWayOut,
    Postroom,
    WayOut,
    mail_code,
    take_code,
)
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.people import check_length, set_password
from courrier.gateway.handlers.users import change_user, load_user
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured, users
from courrier.mail.headers.addresses import match_key

from .answers import answers, nothing
from .caller import AdminDep, CallerDep, GatewayDep, cause_of, command_id
from .own_account import session_of
from .people import registry_of
from .routing import CourrierRoute
from .session import guarded
from .shapes import OPEN, example
from .values import AddressText, Body, Line, Password, PathId

router = APIRouter(route_class=CourrierRoute, tags=["session"])

log = structlog.get_logger(__name__)

Code = Annotated[str, Field(min_length=1, max_length=80)]


class ForgottenBody(Body):
    """Whose password is forgotten."""

    model_config = example({"login": "ada"})

    login: Line


class NewPasswordBody(Body):
    """The mailed code, and the password from now on."""

    model_config = example({"code": "0f" * 16, "password": "correct horse battery"})

    code: Code
    password: Password


class AddressBody(Body):
    """An address that may be mine."""

    model_config = example({"address": "ada@example.org"})

    address: AddressText


class MailedCodeBody(Body):
    """A code that was mailed."""

    model_config = example({"code": "0f" * 16})

    code: Code


@router.post(
    "/users/{user_id}:invite", status_code=204, responses=answers(None, 204, 403, 404, 409)
)
async def invite_user(
    user_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Mail somebody a code with which they choose their first, or a new, password."""
    user = await load_user(registry_of(gateway), user_id)
    if not user.is_active or not user.fields.email_addresses:
        raise Unfit("this person is deactivated, or has no address to write to")
    await _mail(
        gateway, user, "invite", user.fields.email_addresses[0], command_id(request, caller)
    )
    return nothing()


@router.post(
    "/password-resets", status_code=204, openapi_extra=OPEN, responses=answers(None, 204, 429)
)
async def forget_password(body: ForgottenBody, request: Request, gateway: GatewayDep) -> Response:
    """Mail whoever has this login a code for a new password; the answer is always the same."""
    return await forgotten(gateway, body.login, request)


async def forgotten(gateway: Gateway, login: str, request: Request) -> Response:
    """Answer that it was heard; look for the person after the answer.

    Raises:
        TooManyTries: this login, or this place, asked too often.
    """
    place = request.client.host if request.client else ""
    sign = gateway.identity.sign
    named = Key("code", sign("forgotten", login.strip().casefold()))
    await gateway.tries.begin([named, Key("place", sign("forgotten", place))])
    return Response(status_code=204, background=BackgroundTask(_remind, gateway, login))


@router.post(
    "/password-resets:use", status_code=204, openapi_extra=OPEN, responses=answers(None, 204, 429)
)
async def use_password_reset(
    body: NewPasswordBody, request: Request, gateway: GatewayDep
) -> Response:
    """Choose a password with a mailed code; every session ends, a second factor stays."""
    return nothing(await choose_password(gateway, request, body))


async def choose_password(gateway: Gateway, request: Request, body: NewPasswordBody) -> str | None:
    """Set the password of the person to whom the code was mailed; return the fact's position.

    Raises:
        CodeGone: wrong, used, or too old.
        Unfit: the password is too short; the code still works.
        TooManyTries: too many wrong codes from this place.
    """
    place = request.client.host if request.client else ""
    key = [Key("place", gateway.identity.sign("reset", place))]
    await gateway.tries.begin(key)
    check_length(body.password)
    code = await take_code(gateway.entry_codes, body.code, "invite", "reset")
    await gateway.tries.succeeded(key)
    cause = Cause(uuid4(), f"user:{code.user_id}", datetime.now(UTC))
    written = await set_password(registry_of(gateway), code.user_id, body.password, cause)
    await gateway.sessions.end_all(code.user_id)
    return written.position


@router.post("/me/addresses", status_code=204, responses=answers(None, 204, 403, 409, 429))
async def claim_address(
    body: AddressBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Mail a code to an address of mine, so that I may write from it."""
    session_of(caller)
    async with guarded(gateway, request, caller.person):
        user = await load_user(registry_of(gateway), caller.person.id)
        await _mail(gateway, user, "address", body.address, command_id(request, caller))
    return nothing()


@router.post("/me/addresses:confirm", status_code=204, responses=answers(None, 204, 403, 409, 429))
async def confirm_address(
    body: MailedCodeBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Show that an address is mine by the code that was mailed to it."""
    session_of(caller)
    registry, person = registry_of(gateway), caller.person
    async with guarded(gateway, request, person):
        code = await take_code(gateway.entry_codes, body.code, "address")
        if code.user_id != person.id:
            raise CodeGone("this code is wrong, was used, or is too old", pointer="/code")
    known = (await load_user(registry, person.id)).fields.email_addresses
    if match_key(code.address) in map(match_key, known):
        return nothing()
    order = ChangeUser(changes={"email_addresses": (*known, code.address)})
    return nothing(
        (await change_user(registry, person.id, order, cause_of(request, caller))).position
    )


async def _remind(gateway: Gateway, login: str) -> None:
    user_id = await users.user_id_by_login(gateway.pool, login)
    if user_id is None:
        return
    user = await load_user(registry_of(gateway), user_id)
    if not user.fields.email_addresses:
        return
    try:
        await _mail(gateway, user, "reset", user.fields.email_addresses[0], uuid4())
    except (NoWayOut, NoAnswer) as error:
        log.warning("password_reset.unsent", error=repr(error))


async def _mail(gateway: Gateway, user: User, purpose: str, address: str, order_id: UUID) -> None:
    system = await configured.system_settings(gateway.pool)
    known = {"name": user.fields.name, "login": user.fields.login}
    said = notice(purpose, user.fields.language, known=known, site_url=system.site_url)
    room = Postroom(gateway.entry_codes, gateway.vault, gateway.bus, await _way_out(gateway))
    code = EntryCode(user.id, purpose, address)
    await mail_code(room, code, said, order_id, datetime.now(UTC))


async def _way_out(gateway: Gateway) -> WayOut | None:
    rows = await configured.items_for(gateway.pool, SMTP_ACCOUNT, ["smtp_account/all"])
    found = next((row for row in rows if row.fields.scope == "system"), None)
    if found is None:
        return None
    name = found.fields.from_name or "Courrier"
    return WayOut(found.id, Mailbox(name=name, address=found.fields.address))
