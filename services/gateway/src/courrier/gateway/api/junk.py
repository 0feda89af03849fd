"""``:spam``, ``:not-spam`` and ``:block``: what a person holds for junk."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.commands.linker import StateChange
from courrier.events.families.configuration import FilterFields
from courrier.gateway.domain.access import Person, may_administer, reach
from courrier.gateway.domain.configured import FILTER, AddItem
from courrier.gateway.domain.refusals import InTheWay, NotAllowed
from courrier.gateway.handlers.configuring import configure
from courrier.gateway.projections import people

from .answers import Facts, answer, answers
from .caller import CallerDep, GatewayDep, cause_of, new_id
from .email_changes import change_mine, held_email
from .email_forms import EmailShown
from .email_shapes import EMAIL
from .emails import email_answer
from .routing import CourrierRoute
from .shapes import Shown, example
from .values import Body, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

A_BLOCK = {
    "filter_id": "1f0e2d3c4b5a69788796a5b4c3d2e1f0",
    "from": "*@ads.example.org",
    "for": "me",
}


class BlockShown(Shown):
    """Who is blocked: removing the filter (`DELETE /filters/{id}`) undoes it."""

    filter_id: str
    sender: str = Field(alias="from")
    whom: Literal["me", "everybody"] = Field(alias="for")


class BlockBody(Body):
    """Block the sender or the whole domain; for ``everybody``: administrators."""

    model_config = example({"what": "domain", "for": "me"})

    what: Literal["sender", "domain"] = "sender"
    whom: Literal["me", "everybody"] = Field(default="me", alias="for")


@router.post("/emails/{email_id}:spam", responses=answers(EMAIL, 200, 403, 404, shape=EmailShown))
async def mark_spam(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Move my copy to Junk."""
    change = StateChange(folder="junk")
    done = await change_mine(request, gateway, caller, email_id, change)
    return await email_answer(gateway, caller, email_id, done.position)


@router.post(
    "/emails/{email_id}:not-spam", responses=answers(EMAIL, 200, 403, 404, shape=EmailShown)
)
async def mark_not_spam(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Move my copy from Junk to the Inbox."""
    _, mine = await held_email(gateway, caller.person, email_id)
    if mine.folder != "junk":
        raise InTheWay("it is not in your Junk folder")
    change = StateChange(folder="inbox")
    done = await change_mine(request, gateway, caller, email_id, change)
    return await email_answer(gateway, caller, email_id, done.position)


@router.post(
    "/emails/{email_id}:block",
    status_code=201,
    responses=answers(A_BLOCK, 201, 403, 404, 409, shape=BlockShown),
)
async def block_sender(
    email_id: PathId, body: BlockBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """File what this sender, or domain, writes from now on into my Junk; a filter, undone as one.

    For everybody, which administrators may, such mail is not let in at all.
    """
    person = caller.person
    view, _ = await held_email(gateway, person, email_id)
    if body.whom == "everybody" and not may_administer(person):
        raise NotAllowed("only an administrator blocks for everybody")
    address = str((view.sent_from or {}).get("address") or "")
    _, _, domain = address.rpartition("@")
    if not address or not domain:
        raise InTheWay("the e-mail names no sender")
    found = await people.behind(gateway.pool, {address}, reach(person))
    if any(each.type == "user" for each in found.values()):
        raise InTheWay("the sender is one of us")
    pattern = f"*@{domain}" if body.what == "domain" else address
    filter_id = new_id(request, caller, "filter")
    fields = _filter(person, pattern, for_all=body.whom == "everybody")
    cause = cause_of(request, caller, "block")
    written = await configure(gateway.store, FILTER, filter_id, AddItem(filter_id, fields), cause)
    shown = {"filter_id": filter_id, "from": pattern, "for": body.whom}
    return answer(shown, 201, Facts(written.position))


def _filter(person: Person, pattern: str, *, for_all: bool) -> FilterFields:
    name = f"Blocked: {pattern}"[:100]
    if for_all:
        named: dict[str, object] = {"name": name, "scope": "global", "action": "skip"}
    else:
        named = {"name": name, "scope": "user", "owner_id": person.id, "action": "move"}
        named |= {"folder_id": "junk", "skip_notification": True}
    return FilterFields.model_validate(named | {"from": pattern, "order": -1})
