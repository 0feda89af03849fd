"""``/emails/{id}``: a conversation beside the list, its reply form, and what was read."""

import json
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from courrier.events.base import derived_id
from courrier.gateway.api import composing
from courrier.gateway.api.draft_forms import AnswerBody, SendOptions
from courrier.gateway.api.email_changes import EmailChange, change_email
from courrier.gateway.api.freshness import wait_for
from courrier.gateway.api.log_position import parse_positions
from courrier.gateway.api.problems import NOT_NOW, Problem, problem_of
from courrier.gateway.api.values import PathId
from courrier.gateway.api.words import noted
from courrier.gateway.domain.refusals import Refusal, Unfit

from .conversations import Talk, quoted, talk_of
from .delivery import OUTCOMES, told
from .mailbox import Shelf, ShelfDep, VisitorDep, left_panes
from .page_route import PageRoute
from .rendering import page
from .visitor import Visitor, form_of, writer_of

router = APIRouter(route_class=PageRoute)

WriterDep = Annotated[Visitor, Depends(writer_of)]
ReplyId = Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")]

SHOWN_WITHIN_S = 2.0
KEY_CHARS = 64
NOT_SENT = (Refusal, Problem, ValidationError, *NOT_NOW)
EMPTY = noted("Write something first.")
LATER = noted("Not sent: a part of the system does not answer. Your text is kept below; try again.")
REFUSED = noted("Not sent: {reason}")


@router.get("/emails/{email_id}")
async def conversation(
    email_id: PathId, visitor: VisitorDep, shelf: ShelfDep, reply: ReplyId = None
) -> Response:
    """Show an e-mail with its conversation. Looking changes nothing: marking read is a form."""
    return await _page(visitor, shelf, await talk_of(visitor, email_id, reply))


@router.post("/emails/{email_id}/reply")
async def reply_to(
    email_id: PathId, request: Request, visitor: WriterDep, shelf: ShelfDep
) -> Response:
    """Send an answer; on any refusal the form comes back with the text."""
    form = await form_of(request)
    text = form.get("text", "").replace("\r\n", "\n")
    talk = await talk_of(visitor, email_id)
    key = form.get("key", "")[:KEY_CHARS]
    request.state.command_id = derived_id("reply-form", visitor.person.id, email_id, key)
    try:
        if not text.strip() or text.strip() == quoted(visitor, talk.chosen).strip():
            raise Unfit(visitor.words.text(EMPTY))
        at_once = SendOptions(undo_seconds=0)
        body = AnswerBody(text=text, quote=False, signature=False, send=True, options=at_once)
        write = composing.reply_all if "everyone" in form else composing.reply
        sent = await write(email_id, body, request, visitor.caller)
    except NOT_SENT as error:
        return await _again(visitor, shelf, talk, (text, key, error))
    position = sent.headers.get("courrier-position", "")
    if position:
        await wait_for(visitor.gateway, parse_positions(position), SHOWN_WITHIN_S)
    reply_id = json.loads(bytes(sent.body))["id"]
    return RedirectResponse(
        shelf.link(f"/emails/{email_id}", reply=reply_id) + f"#email-{reply_id}", 303
    )


@router.post("/emails/{email_id}/read")
async def mark_read(
    email_id: PathId, request: Request, visitor: WriterDep, shelf: ShelfDep
) -> Response:
    """Mark my copy read."""
    change = EmailChange(is_read=True)
    await change_email(email_id, change, request, visitor.gateway, visitor.caller)
    return RedirectResponse(shelf.link(f"/emails/{email_id}"), 303)


@router.post("/emails/{email_id}/unread")
async def mark_unread(
    email_id: PathId, request: Request, visitor: WriterDep, shelf: ShelfDep
) -> Response:
    """Mark my copy unread, and go back to the list."""
    change = EmailChange(is_read=False)
    await change_email(email_id, change, request, visitor.gateway, visitor.caller)
    return RedirectResponse(shelf.link("/"), 303)


async def _page(visitor: Visitor, shelf: Shelf, talk: Talk, status: int = 200) -> Response:
    values = await left_panes(visitor, shelf, current=talk.chosen.view.id)
    values |= {"talk": talk, "has_mailbox": True, "told": told, "outcomes": OUTCOMES}
    return page(visitor.words, "mail.html", values, status)


async def _again(
    visitor: Visitor, shelf: Shelf, talk: Talk, kept: tuple[str, str, Exception]
) -> Response:
    text, key, error = kept
    if talk.form is None:
        raise error
    problem = Problem(422, str(error)) if isinstance(error, ValidationError) else problem_of(error)
    _ = visitor.words.text
    said = _(LATER) if problem.status == 503 else _(REFUSED).format(reason=problem.detail)
    form = replace(talk.form, text=text, key=key, error=said)
    return await _page(visitor, shelf, replace(talk, form=form), problem.status)
