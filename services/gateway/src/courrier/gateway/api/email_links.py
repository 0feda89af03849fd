"""What an e-mail is about, by hand: ``:link``, ``:unlink``, and a record made of it (``:convert``).

What a person links stays, whatever rules would say. A record that is made of an e-mail has an id
that follows from the order: whoever repeats it means the same record.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import Mailbox, RecordRef, derived_id
from courrier.events.families.crm import FileOfEmail
from courrier.gateway.domain.access import Person, may_create, may_read_record
from courrier.gateway.domain.conversion import Original, converted
from courrier.gateway.domain.duplicates import Candidate, PossibleDuplicates
from courrier.gateway.domain.record import CreateRecord
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.handlers.converting import convert, converted_ref
from courrier.gateway.projections.email_views import EmailView

from .answers import Facts, answer, answers
from .caller import CallerDep, GatewayDep, cause_of, command_id
from .email_changes import held_email
from .email_forms import EmailShown
from .email_shapes import EMAIL, readable_email
from .emails import email_answer
from .freshness import Fresh
from .hand_links import Wish, check_record, link_by_hand
from .record_shapes import RECORD, ParentBody, RecordBody, RecordShown, written_json
from .records import assigned, log_of, refuse_duplicates
from .routing import CourrierRoute
from .shapes import example
from .values import Body, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])


class LinkBody(Body):
    """The record, and whether people see it first."""

    model_config = example({"record": {"type": "opportunity", "id": "0" * 32}})

    record: ParentBody
    parent: bool = True


class UnlinkBody(Body):
    """The record that the e-mail is not about."""

    model_config = example({"record": {"type": "account", "id": "0" * 32}})

    record: ParentBody


class ConvertBody(Body):
    """What the e-mail becomes; ``fields`` win over what follows from it."""

    model_config = example({"to": "case", "fields": {"priority": "high"}})

    to: Literal["lead", "contact", "case", "task"]
    fields: RecordBody = Field(default_factory=RecordBody)
    force: bool = False


@router.post(
    "/emails/{email_id}:link",
    dependencies=[Fresh],
    responses=answers(EMAIL, 200, 403, 404, shape=EmailShown),
)
async def link_email(
    email_id: PathId, body: LinkBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Link an e-mail of mine to a record that I may read; no rule changes its links after that."""
    await held_email(gateway, caller.person, email_id)
    record = body.record.ref
    await check_record(gateway, caller, record, "/record")
    wish: Wish = {"record": record, "parent": "always" if body.parent else "never"}
    position = await link_by_hand(gateway, caller, email_id, wish, command_id(request, caller))
    return await email_answer(gateway, caller, email_id, position)


@router.post(
    "/emails/{email_id}:unlink",
    dependencies=[Fresh],
    responses=answers(EMAIL, 200, 403, 404, shape=EmailShown),
)
async def unlink_email(
    email_id: PathId, body: UnlinkBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Take an e-mail of mine from a record; no rule links it there again."""
    await held_email(gateway, caller.person, email_id)
    wish: Wish = {"record": body.record.ref, "linked": False}
    position = await link_by_hand(gateway, caller, email_id, wish, command_id(request, caller))
    return await email_answer(gateway, caller, email_id, position)


@router.post(
    "/emails/{email_id}:convert",
    status_code=201,
    dependencies=[Fresh],
    responses=answers(RECORD, 201, 403, 404, 409, shape=RecordShown),
)
async def convert_email(  # noqa: PLR0913, PLR0917  what FastAPI hands in
    email_id: PathId,
    body: ConvertBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    force: Annotated[bool, Query()] = False,  # noqa: FBT002  a query parameter
) -> Response:
    """Make a record of an e-mail, prefilled from it; one that may exist already is a 409.

    A case becomes what the e-mail is about, unless that is an opportunity, case or task; an e-mail
    that has one is a 409, too. Mail of a lead's or contact's address is linked by rule, that of the
    past too.
    """
    person = caller.person
    view = await readable_email(gateway, person, email_id)
    if not may_create(person, body.to):
        raise NotAllowed("you may not create records of this type")
    cause, original = cause_of(request, caller), _original(view)
    given = body.fields.given()
    fields = assigned(converted(body.to, original, given), person)
    ref = converted_ref(body.to, cause.command_id)
    if not (force or body.force):
        _refuse_second_case(view, person, ref)
        await refuse_duplicates(gateway, person, CreateRecord(ref, fields))
    mine = given | {"assigned_user_id": fields.assigned_user_id}
    written = await convert(log_of(gateway), body.to, original, mine, cause)
    position = written.position
    if body.to == "case":
        wish: Wish = {"record": ref, "parent": "if-free"}
        linking = derived_id(str(cause.command_id), "link")
        position = await link_by_hand(gateway, caller, email_id, wish, linking) or position
    location = f"/api/v1/records/{ref.type}/{ref.id}"
    facts = Facts(position, str(written.record.version), location)
    return answer(written_json(written), 201, facts)


def _refuse_second_case(view: EmailView, person: Person, wanted: RecordRef) -> None:
    """See that the e-mail has no case yet, be it by hand or because it came to a team.

    Which one it has is told to whoever may read it.

    Raises:
        PossibleDuplicates: it has.
    """
    there = [link for link in view.links if (link.type, wanted.type) == ("case", "case")]
    if there and all(link.id != wanted.id for link in there):
        named = [link for link in there if may_read_record(person, link.access)]
        raise PossibleDuplicates(
            [Candidate(link.type, link.id, link.name or "", ("email",)) for link in named]
        )


def _original(view: EmailView) -> Original:
    """Return the e-mail as far as a record takes from it."""
    links = sorted(view.links, key=lambda link: not link.is_parent)
    return Original(
        email_id=view.id,
        subject=view.subject,
        sent_from=Mailbox.model_validate(view.sent_from) if view.sent_from else None,
        reply_to=tuple(Mailbox.model_validate(each) for each in view.reply_to),
        links=tuple(RecordRef(type=link.type, id=link.id) for link in links),
        files=tuple(_file(view.id, each) for each in view.attachments or ()),
    )


def _file(email_id: str, found: dict[str, Any]) -> FileOfEmail:
    named = {name: found[name] for name in ("filename", "content_type", "size")}
    return FileOfEmail(email_id=email_id, number=found["position"], **named)
