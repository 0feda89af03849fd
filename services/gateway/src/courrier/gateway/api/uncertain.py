"""What a person decides of a message nobody knows the end of: once more, it has left, it has not.

``GET /emails/{id}`` shows it: ``delivery.state`` is ``uncertain`` and ``delivery.text`` says why.
"""

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.events.commands.sender import SettleUncertain
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.ports import Gateway

from .answers import answers
from .caller import Caller, CallerDep, GatewayDep, command_id
from .email_forms import EmailShown
from .email_shapes import EMAIL, readable_email
from .emails import email_answer
from .orders import order, shown
from .routing import CourrierRoute
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

SETTLED = answers(EMAIL, 200, 403, 404, 409, shape=EmailShown)


@router.post("/emails/{email_id}:resend", responses=SETTLED)
async def resend_email(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Send my uncertain message again; who has got it already gets it twice."""
    return await _settle(request, gateway, caller, email_id, "resend")


@router.post("/emails/{email_id}:mark-sent", responses=SETTLED)
async def mark_email_sent(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Take my uncertain message as sent: I looked, and it has arrived."""
    return await _settle(request, gateway, caller, email_id, "sent")


@router.post("/emails/{email_id}:mark-failed", responses=SETTLED)
async def mark_email_failed(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Take my uncertain message as not sent: nobody will get it from here."""
    return await _settle(request, gateway, caller, email_id, "failed")


async def _settle(
    request: Request,
    gateway: Gateway,
    caller: Caller,
    email_id: str,
    decision: Literal["resend", "sent", "failed"],
) -> Response:
    view = await readable_email(gateway, caller.person, email_id)
    if view.delivery is None or view.delivery.author_id != caller.person.id:
        raise NotAllowed("only who wrote this message decides what became of it")
    command = SettleUncertain(
        command_id=command_id(request, caller),
        email_id=email_id,
        decision=decision,
        actor=caller.person.actor,
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    return await email_answer(gateway, caller, email_id, done.position)
