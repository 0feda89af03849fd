"""Writing: a new message, an answer, an answer to everybody, a forward. Each begins as a draft."""

from collections.abc import Mapping
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.events.families.drafts import DraftFields
from courrier.gateway.domain.answering import Texts, laid_out, shown_images
from courrier.gateway.domain.citing import as_forward, as_quotation
from courrier.gateway.domain.from_choice import FromAddress, NoWayToSend, usual_from
from courrier.gateway.domain.replies import Answer, answer_to
from courrier.mail.writing.replying import forward_subject

from .answers import answers
from .caller import CallerDep, new_id
from .draft_beginnings import is_above, of_record, own_texts, signature_of
from .draft_files import EnclosedFile, enclosed_of, passed_on
from .draft_forms import AnswerBody, NewDraft, given
from .drafting import (
    Writer,
    begin_draft,
    changes_of,
    draft_answer,
    start_from,
    text_changes,
)
from .email_forms import EmailShown
from .email_shapes import EMAIL, EmailMissing
from .from_addresses import choices_of, usual_account
from .originals import ReadOriginal, read_original
from .routing import CourrierRoute
from .sending import send
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

DRAFT: dict[str, Any] = EMAIL | {
    "version": "1",
    "status": "draft",
    "folder": "drafts",
    "is_read": None,
    "is_important": None,
    "parent": None,
    "holders": [],
    "message_id": None,
    "authentication": None,
    "text": "Hello",
    "html": None,
}
Way = Literal["author", "everyone", "forward"]


@router.post(
    "/emails",
    status_code=201,
    responses=answers(DRAFT, 201, 403, 409, 413, shape=EmailShown),
)
async def write_email(body: NewDraft, request: Request, caller: CallerDep) -> Response:
    """Begin a message: a draft, to be changed and sent; with `send` it leaves (202)."""
    writer = Writer(request, caller)
    writer.check()
    fields = DraftFields()
    if body.in_reply_to is not None:
        fields = fields.model_copy(update=await _answering(writer, body.in_reply_to))
    wish = given(body)
    changes = await changes_of(writer, wish, fields)
    if "sent_from" not in changes:
        changes |= start_from(choice) if (choice := await _usual_from(writer, None)) else {}
    fields = fields.model_copy(update=changes)
    if body.parent is not None and "to" not in wish:
        fields = fields.model_copy(update={"to": await of_record(writer, body.parent.ref)})
    own, fields = await own_texts(writer, wish, fields)
    is_blank = body.text is None and body.html is None
    signature = await signature_of(writer, fields) if body.signature or is_blank else None
    said = laid_out(own, signature, None)
    fields = fields.model_copy(update=await text_changes(writer.gateway, said.text, said.html))
    return await _begun(writer, fields, body)


@router.post(
    "/emails/{email_id}:reply",
    status_code=201,
    responses=answers(DRAFT, 201, 403, 404, 409, 413, shape=EmailShown),
)
async def reply(
    email_id: PathId, body: AnswerBody, request: Request, caller: CallerDep
) -> Response:
    """Begin an answer to whoever wrote, from the address that received it; `send`: it leaves."""
    return await _answer(Writer(request, caller), email_id, body, "author")


@router.post(
    "/emails/{email_id}:reply-all",
    status_code=201,
    responses=answers(DRAFT, 201, 403, 404, 409, 413, shape=EmailShown),
)
async def reply_all(
    email_id: PathId, body: AnswerBody, request: Request, caller: CallerDep
) -> Response:
    """Begin an answer to whoever wrote and everybody it was written to."""
    return await _answer(Writer(request, caller), email_id, body, "everyone")


@router.post(
    "/emails/{email_id}:forward",
    status_code=201,
    responses=answers(DRAFT, 201, 403, 404, 409, 413, shape=EmailShown),
)
async def forward(
    email_id: PathId, body: AnswerBody, request: Request, caller: CallerDep
) -> Response:
    """Begin a message that passes an e-mail on, with its files."""
    return await _answer(Writer(request, caller), email_id, body, "forward")


async def _answer(writer: Writer, email_id: str, body: AnswerBody, way: Way) -> Response:
    read = await read_original(writer.gateway, writer.caller, email_id)
    writer.check()
    choice = await _usual_from(writer, read)
    fields = DraftFields(**await _beginning(writer, read, way))
    if choice is not None:
        fields = fields.model_copy(update=start_from(choice))
    wish = {name: value for name, value in given(body).items() if value is not None}
    named = await changes_of(writer, _without_texts(wish), fields)
    if "files" in named and way == "forward":
        named["files"] = (*fields.files, *named["files"])
    fields = fields.model_copy(update=named)
    cited = _cited(writer, read, way) if body.quote else None
    signature = await signature_of(writer, fields) if body.signature else None
    own, fields = await own_texts(writer, wish, fields, named=way != "forward")
    said = laid_out(own, signature, cited, above=await is_above(writer) or way == "forward")
    images = await _images(writer, read, said.html, fields)
    texts = await text_changes(writer.gateway, said.text, said.html)
    fields = fields.model_copy(update=texts | {"files": (*fields.files, *images)})
    return await _begun(writer, fields, body)


async def retold(writer: Writer, wish: Mapping[str, Any], before: DraftFields) -> dict[str, Any]:
    """Return what a template chosen while writing changes: what was cited is cited again below."""
    own, fields = await own_texts(writer, wish, before, named=before.replies_to is not None)
    cited, origin = None, before.replies_to or before.forwards
    if origin is not None:
        read = await read_original(writer.gateway, writer.caller, origin)
        cited = _cited(writer, read, "forward" if before.forwards else "author")
    signature = await signature_of(writer, fields)
    said = laid_out(own, signature, cited, above=await is_above(writer))
    changes = await text_changes(writer.gateway, said.text, said.html)
    return changes | {"subject": fields.subject, "files": fields.files}


async def _begun(writer: Writer, fields: DraftFields, body: NewDraft | AnswerBody) -> Response:
    email_id = new_id(writer.request, writer.caller, "email")
    draft, position = await begin_draft(writer, email_id, fields)
    if body.send:
        undo_s = body.options.undo_seconds or 0
        options = body.options.model_copy(update={"undo_seconds": undo_s})
        return await send(writer, draft, options, None)
    return await draft_answer(writer, draft, position, 201)


async def _beginning(writer: Writer, read: ReadOriginal, way: Way) -> dict[str, Any]:
    """Return whom an answer goes to, what it is called, what it continues and who shares it."""
    view, person = read.view, writer.caller.person
    teams = [each.id for each in view.holders if each.type == "group"]
    shared = {
        "thread_id": view.thread_id,
        "team_ids": tuple(sorted(set(teams) & set(person.team_ids))),
    }
    if way == "forward":
        link = next((link for link in view.links if link.is_parent), None)
        enclosed = [each for each in enclosed_of(read.parsed) if not each.inline]
        files = await passed_on(writer.request, writer.caller, view, enclosed)
        parent = RecordRef(type=link.type, id=link.id) if link else None
        subject = forward_subject(view.subject)
        return shared | {"forwards": view.id, "subject": subject, "parent": parent, "files": files}
    said = await _recipients(writer, read, everyone=way == "everyone")
    return shared | {
        "replies_to": view.id,
        "to": said.to,
        "cc": said.cc,
        "subject": said.subject,
        "in_reply_to": said.in_reply_to,
        "references": said.references,
    }


async def _recipients(writer: Writer, read: ReadOriginal, *, everyone: bool) -> Answer:
    person = writer.caller.person
    choices = await choices_of(writer.gateway, person)
    own = {*person.email_addresses, *(each.address for each in choices)}
    return answer_to(read.original, own, everyone=everyone)


def _cited(writer: Writer, read: ReadOriginal, way: Way) -> Texts:
    person = writer.caller.person
    cite = as_forward if way == "forward" else as_quotation
    return cite(read.cited, ZoneInfo(person.time_zone), person.language)


def _without_texts(wish: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wish.items() if name not in {"text", "html"}}


async def _images(
    writer: Writer, read: ReadOriginal, html: str | None, fields: DraftFields
) -> tuple[Any, ...]:
    """Return the images of the original that the HTML shows still, as files of the draft."""
    wanted = shown_images(html)
    known = {file.content_id for file in fields.files}
    enclosed: list[EnclosedFile] = [
        each
        for each in enclosed_of(read.parsed)
        if each.content_id in wanted and each.content_id not in known
    ]
    files = await passed_on(writer.request, writer.caller, read.view, enclosed)
    return tuple(file.model_copy(update={"inline": True}) for file in files)


async def _answering(writer: Writer, said: str) -> dict[str, Any]:
    """Return what a message continues that answers this e-mail, by its id or its Message-ID."""
    message_id = said.strip().strip("<>")
    for email_id in (message_id, writer.gateway.identity.email_of(message_id)):
        try:
            read = await read_original(writer.gateway, writer.caller, email_id)
        except EmailMissing:
            continue
        begun = await _beginning(writer, read, "author")
        return {name: begun[name] for name in begun if name not in {"to", "cc", "subject"}}
    return {"in_reply_to": message_id, "references": (message_id,)}


async def _usual_from(writer: Writer, read: ReadOriginal | None) -> FromAddress | None:
    """Return where a message starts from; None for somebody who has no way to send."""
    gateway, person = writer.gateway, writer.caller.person
    mine = read.view.held_by(person) if read else None
    boxes = [*read.original.to, *read.original.cc] if read else []
    try:
        return usual_from(
            await choices_of(gateway, person),
            received_by=mine.account_id if mine else None,
            received_at=[box.address for box in boxes],
            usual_account_id=await usual_account(gateway, person),
        )
    except NoWayToSend:
        return None
