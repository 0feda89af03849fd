"""``/emails/{id}:open``: an administrator looks into private mail, and says why."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.events.families.identity import PrivateMailOpened
from courrier.gateway.handlers.openings import open_mail
from courrier.gateway.projections import readable_emails

from .answers import answers
from .caller import AdminDep, GatewayDep, cause_of
from .email_forms import EmailShown
from .email_shapes import EMAIL, EmailMissing
from .emails import email_answer
from .freshness import wait_until_shown
from .routing import CourrierRoute
from .shapes import example
from .values import Body, Line, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

SHOWN_WITHIN_S = 2.0


class OpeningBody(Body):
    """Why somebody else's mail has to be read; its holders are shown it."""

    model_config = example({"reason": "Ada left; her customer waits for the contract."})

    reason: Line


@router.post("/emails/{email_id}:open", responses=answers(EMAIL, 200, 403, 404, shape=EmailShown))
async def open_private_email(
    email_id: PathId, body: OpeningBody, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Read private mail as an administrator, for an hour; audited, and shown to its holders."""
    pool, person = gateway.pool, caller.person
    if await readable_emails.readable_email(pool, email_id, person):
        return await email_answer(gateway, caller, email_id)
    if await readable_emails.hidden_email(pool, email_id, person) is None:
        raise EmailMissing("there is no such e-mail")
    opened = PrivateMailOpened(email_id=email_id, user_id=person.id, reason=body.reason)
    written = await open_mail(gateway.store, opened, cause_of(request, caller))
    await wait_until_shown(gateway, written.position, SHOWN_WITHIN_S)
    return await email_answer(gateway, caller, email_id, written.position)
