"""``/threads/{id}:split`` and ``:merge``: which e-mails are one conversation, said by people.

A decision each, undone as one by ``/decisions:undo``. No rule joins again what a person split; an
answer to an e-mail is where that e-mail is.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.base import derived_id
from courrier.events.commands.conversations import ArrangeConversation, RethreadEmails
from courrier.events.commands.linker import EMAILS_AT_ONCE
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.refusals import InTheWay, NotThere, Unfit
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import readable_emails, rethreading
from courrier.gateway.projections.conversations import ConversationRow

from .answers import answers
from .caller import CallerDep, GatewayDep, command_id, new_id
from .orders import order, shown
from .routing import CourrierRoute
from .shapes import example
from .thread_forms import A_THREAD, ThreadShown
from .thread_versions import IfMatch, check_unchanged
from .threads import of_mine, thread_answer
from .values import Body, IdText, PathId

router = APIRouter(route_class=CourrierRoute, tags=["conversations"])

MOST_EMAILS = 1_000
"""E-mails of a conversation that becomes part of another."""
REARRANGED = A_THREAD | {"decision_id": "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11"}


class RearrangedShown(ThreadShown):
    """The conversation that e-mails are in now; ``decision_id`` is what it is undone by."""

    decision_id: str


class SplitBody(Body):
    """The e-mails that become a conversation of their own."""

    model_config = example({"email_ids": ["e1a2b3c4d5e6f708192a3b4c5d6e7f80"]})

    email_ids: Annotated[tuple[IdText, ...], Field(min_length=1, max_length=EMAILS_AT_ONCE)]


class MergeBody(Body):
    """The conversation that becomes part of this one."""

    model_config = example({"thread_id": "81a2b3c4d5e6f708192a3b4c5d6e7f80"})

    thread_id: IdText


@router.post(
    "/threads/{thread_id}:split",
    responses=answers(REARRANGED, 200, 403, 404, 412, shape=RearrangedShown),
)
async def split_thread(  # noqa: PLR0913, PLR0917  a header beside the usual
    thread_id: PathId,
    body: SplitBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> Response:
    """Make a conversation of some e-mails of this one; the answer is the new one.

    It begins open, with the assignee and the tags of the old one.
    """
    person = caller.person
    row, _ = await of_mine(gateway, person, thread_id)
    await check_unchanged(gateway, row, if_match)
    ids = await _some_of(gateway, person, row.thread_id, body.email_ids)
    whole, new = command_id(request, caller), new_id(request, caller, "thread")
    way = {"left": row.thread_id, "thread_id": new, "apart": True}
    position = await _move(gateway, person, whole, ids, way)
    if row.assignee or row.tags:
        position = await _take_along(gateway, person, whole, row, new) or position
    return await thread_answer(gateway, person, new, position, decision_id=whole.hex)


@router.post(
    "/threads/{thread_id}:merge",
    responses=answers(REARRANGED, 200, 403, 404, 409, 412, shape=RearrangedShown),
)
async def merge_threads(  # noqa: PLR0913, PLR0917  a header beside the usual
    thread_id: PathId,
    body: MergeBody,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> Response:
    """Make another conversation part of this one, which keeps its status, assignee and tags.

    The notes of both are shown; what was set of the other comes back with an undo.
    """
    person = caller.person
    row, _ = await of_mine(gateway, person, thread_id)
    other, _ = await of_mine(gateway, person, body.thread_id)
    await check_unchanged(gateway, row, if_match)
    if other.thread_id == row.thread_id:
        raise Unfit("they are one conversation already", pointer="/thread_id")
    ids = await rethreading.emails_of_thread(gateway.pool, other.thread_id, MOST_EMAILS + 1)
    if len(ids) > MOST_EMAILS:
        raise InTheWay("that conversation is too long: make this one part of it instead")
    whole = command_id(request, caller)
    way = {"left": other.thread_id, "thread_id": row.thread_id, "apart": False}
    position = await _move(gateway, person, whole, ids, way)
    return await thread_answer(gateway, person, row.thread_id, position, decision_id=whole.hex)


async def _some_of(
    gateway: Gateway, person: Person, thread_id: str, wanted: Sequence[str]
) -> list[str]:
    """Return the e-mails that are to go, each once.

    Raises:
        NotThere: one of them is none that the person may read.
        Unfit: one is in another conversation, or none would be left.
    """
    ids = list(dict.fromkeys(wanted))
    found = await readable_emails.readable_emails(gateway.pool, ids, person, with_text=False)
    views = {view.id: view for view in found}
    for number, email_id in enumerate(ids):
        if email_id not in views:
            raise NotThere("there is no such e-mail", pointer=f"/email_ids/{number}")
        if views[email_id].thread_id != thread_id:
            raise Unfit("it is in another conversation", pointer=f"/email_ids/{number}")
    if len(await rethreading.emails_of_thread(gateway.pool, thread_id, len(ids) + 1)) == len(ids):
        raise Unfit("leave one e-mail at least in the conversation", pointer="/email_ids")
    return ids


async def _move(
    gateway: Gateway, person: Person, whole: UUID, ids: Sequence[str], way: dict[str, object]
) -> str | None:
    """Have the linker move e-mails in orders of 200, all one decision; return the last position."""
    position = None
    for start in range(0, len(ids), EMAILS_AT_ONCE):
        part = ids[start : start + EMAILS_AT_ONCE]
        command = RethreadEmails.model_validate(
            {
                "command_id": derived_id(str(whole), part[0]),
                "decision_id": whole,
                "email_ids": part,
                "actor": person.actor,
            }
            | way
        )
        done = await order(gateway, command)
        position = done.position or position
        await shown(gateway, done)
    return position


async def _take_along(
    gateway: Gateway, person: Person, whole: UUID, row: ConversationRow, thread_id: str
) -> str | None:
    command = ArrangeConversation(
        command_id=derived_id(str(whole), "state"),
        thread_id=thread_id,
        given=("assignee", "tags"),
        assignee=row.assignee,
        tags=row.tags,
        actor=person.actor,
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    return done.position
