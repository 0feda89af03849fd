"""What a person changes about their copy of an e-mail: ``PATCH`` and ``DELETE /emails/{id}``."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from courrier.events.base import RecordRef, derived_id
from courrier.events.commands.answers import Done
from courrier.events.commands.linker import ChangeEmails, StateChange
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import FOLDER, GROUP_FOLDER, SYSTEM_FOLDERS
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.domain.settings_access import may_touch
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured
from courrier.gateway.projections.draft_views import DraftView, draft_by_id
from courrier.gateway.projections.email_views import EmailView, Holder

from .answers import answers, nothing
from .caller import Caller, CallerDep, GatewayDep, command_id
from .composing import retold
from .draft_forms import Written, given
from .drafting import (
    Writer,
    changes_of,
    discard_draft,
    draft_answer,
    save_draft,
    version_expected,
)
from .email_forms import EmailShown
from .email_shapes import EMAIL, readable_email
from .emails import email_answer
from .hand_links import Wish, check_record, link_by_hand
from .orders import order, shown
from .record_shapes import ParentBody
from .routing import CourrierRoute
from .shapes import example
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])


FolderId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


class EmailChange(Written):
    """What a person changes about their own copy, or writes into a draft; the rest stays."""

    model_config = example({"is_read": True, "folder": "archive"}) | ConfigDict(
        populate_by_name=True
    )

    is_read: bool | None = None
    is_important: bool | None = None
    folder: FolderId | None = Field(
        default=None, description="inbox, sent, archive, trash, junk, or the id of a folder."
    )


OWN = ("is_read", "is_important", "folder")
"""What a person changes about their copy."""


@router.patch(
    "/emails/{email_id}", responses=answers(EMAIL, 200, 403, 404, 409, 412, shape=EmailShown)
)
async def change_email(
    email_id: PathId, body: EmailChange, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Mark my copy read or important, or file it, for myself; or say what it is about, for all.

    A draft takes everything that is written; `If-Match` says which version of it was read.
    """
    draft = await draft_by_id(gateway.pool, email_id, caller.person)
    if draft is not None:
        return await _change_draft(Writer(request, caller), draft, body)
    view = await readable_email(gateway, caller.person, email_id)
    wish = {name: getattr(body, name) for name in OWN}
    _check_unwritten(body)
    position = None
    if "parent" in body.model_fields_set:
        position = await _say_parent(request, gateway, caller, view, body.parent)
    if position is None or any(value is not None for value in wish.values()):
        change = await state_change(gateway, caller.person, wish)
        position = (await change_mine(request, gateway, caller, email_id, change)).position
    return await email_answer(gateway, caller, email_id, position)


async def _change_draft(writer: Writer, draft: DraftView, body: EmailChange) -> Response:
    """Save what was written, every few seconds while somebody writes."""
    writer.check()
    wish = given(body)
    for name in OWN:
        if getattr(body, name) is not None:
            raise Unfit("a draft is in nobody's folder and read by nobody", pointer=f"/{name}")
    if not wish:
        raise Unfit("say what to change", pointer="/")
    changes = await changes_of(writer, wish, draft.fields)
    if wish.get("template_id") and not ({"text", "html"} & wish.keys()):
        changes |= await retold(writer, wish, draft.fields.model_copy(update=changes))
    expected = version_expected(writer.request)
    saved, position = await save_draft(writer, draft, changes, expected)
    return await draft_answer(writer, saved, position)


def _check_unwritten(body: EmailChange) -> None:
    """Refuse to rewrite what was sent or received.

    Raises:
        Unfit: the body gives something that only a draft takes.
    """
    for name in Written.model_fields.keys() - {"parent"}:
        if name in body.model_fields_set:
            text = "only a draft can be rewritten: this e-mail is as it was sent"
            raise Unfit(text, pointer=f"/{'from' if name == 'sent_from' else name}")


@router.delete("/emails/{email_id}", status_code=204, responses=answers(None, 204, 403, 404))
async def delete_email(
    email_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Move my copy to my Trash; from there, give it up. The others keep theirs. A draft is gone.

    What nobody holds any more goes 30 days later; until then it can be taken back (`:undo`).
    """
    if await draft_by_id(gateway.pool, email_id, caller.person):
        writer = Writer(request, caller)
        writer.check()
        return nothing(await discard_draft(writer, email_id, version_expected(request)))
    _, mine = await held_email(gateway, caller.person, email_id)
    gone = mine.folder == "trash"
    change = StateChange(give_up=True) if gone else StateChange(folder="trash")
    done = await change_mine(request, gateway, caller, email_id, change)
    return nothing(done.position)


async def _say_parent(
    request: Request, gateway: Gateway, caller: Caller, view: EmailView, parent: ParentBody | None
) -> str | None:
    """Link the e-mail to what it is about, or take it away from there."""
    email_id = view.id
    holding_of(view, caller.person)
    order_id = derived_id(str(command_id(request, caller)), "parent")
    if parent is not None:
        await check_record(gateway, caller, parent.ref, "/parent")
        return await link_by_hand(gateway, caller, email_id, {"record": parent.ref}, order_id)
    now = next((link for link in view.links if link.is_parent), None)
    if now is None:
        return ""
    wish: Wish = {"record": RecordRef(type=now.type, id=now.id), "linked": False}
    return await link_by_hand(gateway, caller, email_id, wish, order_id)


async def state_change(gateway: Gateway, person: Person, wish: dict[str, Any]) -> StateChange:
    """Return a wish as an order has it.

    Raises:
        Unfit: nothing is to change, or the folder is none of the person's.
    """
    if all(value is None for value in wish.values()):
        raise Unfit("say what to change: is_read, is_important or folder", pointer="/")
    if (folder := wish.get("folder")) is not None:
        await check_folder(gateway, person, folder)
    return StateChange.model_validate(wish)


async def check_folder(gateway: Gateway, person: Person, folder_id: str) -> None:
    """Refuse a folder into which the person cannot file.

    Raises:
        Unfit: it is neither everybody's, nor theirs, nor one of their teams'.
    """
    if folder_id in SYSTEM_FOLDERS:
        return
    own = await configured.item_by_id(gateway.pool, FOLDER, folder_id)
    shared = await configured.item_by_id(gateway.pool, GROUP_FOLDER, folder_id)
    for found in (own, shared):
        if found is not None and may_touch(person, "read", found.fields):
            return
    raise Unfit("you have no such folder: see GET /folders", pointer="/folder")


async def held_email(gateway: Gateway, person: Person, email_id: str) -> tuple[EmailView, Holder]:
    """Return an e-mail that the person holds, and their copy.

    Raises:
        EmailMissing: there is none, or not for them.
        NotAllowed: they read it through a record and hold nothing.
    """
    view = await readable_email(gateway, person, email_id)
    return view, holding_of(view, person)


def holding_of(view: EmailView, person: Person) -> Holder:
    """Return the person's copy of an e-mail that they may read.

    Raises:
        NotAllowed: they read it through a record and hold nothing.
    """
    mine = view.held_by(person)
    if mine is None:
        raise NotAllowed("only its holders change an e-mail; you read it through a record")
    return mine


async def change_mine(
    request: Request, gateway: Gateway, caller: Caller, email_id: str, change: StateChange
) -> Done:
    """Have the linker change the caller's copy, and wait until lists show it."""
    person = caller.person
    await held_email(gateway, person, email_id)
    command = ChangeEmails(
        command_id=command_id(request, caller),
        email_ids=(email_id,),
        person_id=person.id,
        team_ids=person.team_ids,
        change=change,
        actor=person.actor,
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    return done
