"""Try ways out before or after they are set up: ``/smtp-accounts`` and the one of my preferences.

What is wrong is an answer, not an error: a code for programs, the step that was reached, and plain
words in the caller's language.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.gateway.domain.configured import PREFERENCES, SMTP_ACCOUNT, ItemMissing
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.settings_access import may_touch
from courrier.gateway.handlers.configuring import fields_of
from courrier.gateway.handlers.inspecting import (
    Asked,
    Outgoing,
    outgoing_inspection,
    saved_outgoing_inspection,
)

from .account_forms import ServerBody
from .account_trying import WHOLE_FORM
from .answers import answer, answers
from .caller import AdminDep, Caller, CallerDep, GatewayDep, command_id
from .orders import inspected
from .routing import CourrierRoute
from .shapes import example
from .smtp_accounts import NEW_ACCOUNT
from .tried_servers import SMTP_TRIED, SmtpTriedShown, smtp_json
from .values import AddressText, Body, PathId

router = APIRouter(route_class=CourrierRoute)


class TryNewBody(Body):
    """A way out to try; nothing of it is stored. The whole form may be sent."""

    model_config = example(NEW_ACCOUNT) | WHOLE_FORM

    smtp: ServerBody
    address: AddressText


class TrySavedBody(Body):
    """Changes to try on a way out that is set up: a password left out is the saved one."""

    model_config = example({"smtp": NEW_ACCOUNT["smtp"]}) | WHOLE_FORM

    smtp: ServerBody | None = None
    address: AddressText | None = None


@router.post(
    "/smtp-accounts:test",
    tags=["SMTP accounts"],
    responses=answers(SMTP_TRIED, 200, 403, shape=SmtpTriedShown),
)
async def try_new_smtp_account(
    body: TryNewBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Try a way out that is not saved: says in plain words what is wrong, and sends nothing."""
    wanted = Outgoing(body.smtp.server(), body.address)
    order = outgoing_inspection(gateway.vault, _asked(request, caller), wanted)
    return answer(smtp_json(await inspected(gateway, order), caller.person.language))


@router.post(
    "/smtp-accounts/{item_id}:test",
    tags=["SMTP accounts"],
    responses=answers(SMTP_TRIED, 200, 404, shape=SmtpTriedShown),
)
async def try_smtp_account(
    item_id: PathId,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    body: TrySavedBody | None = None,
) -> Response:
    """Try a way out as it is, or with changes that are not saved yet."""
    fields = await fields_of(gateway.store, SMTP_ACCOUNT, item_id)
    if fields is None or not may_touch(caller.person, "edit", fields):
        raise ItemMissing("there is no such SMTP account")
    changes, asked = body or TrySavedBody(), _asked(request, caller)
    address = changes.address or fields.address
    if changes.smtp is None:
        order = saved_outgoing_inspection(asked, fields.smtp, address)
    else:
        wanted = Outgoing(changes.smtp.server(), address)
        order = outgoing_inspection(gateway.vault, asked, wanted, fields.smtp)
    return answer(smtp_json(await inspected(gateway, order), caller.person.language))


@router.post(
    "/preferences:test",
    tags=["preferences"],
    responses=answers(SMTP_TRIED, 200, shape=SmtpTriedShown),
)
async def try_my_server(
    request: Request, gateway: GatewayDep, caller: CallerDep, body: TrySavedBody | None = None
) -> Response:
    """Try the server of my preferences, as it is or with changes, from an address of mine."""
    liked = await fields_of(gateway.store, PREFERENCES, caller.person.id)
    saved = liked.smtp if liked else None
    changes, asked = body or TrySavedBody(), _asked(request, caller)
    address = changes.address or next(iter(caller.person.email_addresses), None)
    if address is None:
        raise Unfit("no address is on your record: name one to try", pointer="/address")
    if changes.smtp is not None:
        wanted = Outgoing(changes.smtp.server(), address)
        order = outgoing_inspection(gateway.vault, asked, wanted, saved)
    elif saved is not None:
        order = saved_outgoing_inspection(asked, saved, address)
    else:
        raise Unfit("there is no server in your preferences: name one to try", pointer="/smtp")
    return answer(smtp_json(await inspected(gateway, order), caller.person.language))


def _asked(request: Request, caller: Caller) -> Asked:
    return Asked(command_id(request, caller), caller.person.actor)
