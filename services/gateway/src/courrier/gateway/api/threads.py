"""``/threads/{id}``: what a team shares of a conversation, its notes, who is at it, tags in use."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from courrier.events.commands.conversations import AddNote, ArrangeConversation
from courrier.events.families.conversation import MOST_MENTIONS
from courrier.gateway.adapters import presence
from courrier.gateway.domain.access import Person, has_part_in, reach
from courrier.gateway.domain.cursors import FIRST_PAGE, PAGE, Cursor, Place, parse_cursor
from courrier.gateway.domain.refusals import NotAllowed, NotThere, Unfit
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import (
    conversations,
    email_pages,
    readable_emails,
    users,
)
from courrier.gateway.projections.conversations import ConversationRow, NoteRow
from courrier.gateway.projections.email_views import EmailView

from .answers import Facts, answer, answers, listed, page_answer
from .caller import CallerDep, GatewayDep, command_id, new_id
from .email_shapes import readable_email
from .freshness import Fresh
from .orders import order, shown
from .routing import CourrierRoute
from .thread_forms import (
    A_NOTE,
    A_THREAD,
    NoteBody,
    NoteShown,
    PresenceBody,
    PresentShown,
    Status,
    TagShown,
    ThreadChange,
    ThreadShown,
)
from .thread_versions import IfMatch, check_unchanged, thread_version
from .values import CursorText, FieldNames, IdText, Limit, PathId

router = APIRouter(route_class=CourrierRoute, tags=["conversations"])

LOOKED_AT = 50
"""Newest e-mails of a conversation that are asked whether the caller has part in it."""
_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z0-9][A-Za-z0-9._-]{0,60}[A-Za-z0-9]|[A-Za-z0-9])")


@router.get("/threads", dependencies=[Fresh], responses=listed(A_THREAD, ThreadShown, 400))
async def list_threads(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    status: Annotated[Status | None, Query()] = None,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """The conversations that are assigned to me and that I may read, changed last first."""
    person, before = caller.person, parse_cursor(cursor)
    rows = await conversations.conversations_of(
        gateway.pool, person.id, status=status, before=before, limit=limit + 1
    )
    items = [
        _thread(row, found[0].subject, [])
        for row in rows[:limit]
        if (found := await _emails(gateway, person, row.thread_id, 1))
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    following = Cursor(last.changed_at, last.thread_id).text() if last and last.changed_at else None
    return page_answer(request, items, following, fields)


@router.get(
    "/threads/{thread_id}",
    dependencies=[Fresh],
    responses=answers(A_THREAD, 200, 404, shape=ThreadShown),
)
async def read_thread(thread_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """A conversation of which I may read an e-mail; its e-mails are `/emails?thread=`."""
    return await thread_answer(gateway, caller.person, thread_id)


@router.patch(
    "/threads/{thread_id}",
    responses=answers(A_THREAD, 200, 403, 404, 412, shape=ThreadShown),
)
async def change_thread(  # noqa: PLR0913, PLR0917  a header beside the usual
    thread_id: PathId,
    body: ThreadChange,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> Response:
    """Set status, assignee or tags, the same for all who see the conversation."""
    person = caller.person
    row, _ = await of_mine(gateway, person, thread_id)
    await check_unchanged(gateway, row, if_match)
    names = {"status": "status", "assigned_user": "assignee", "tags": "tags"}
    given = tuple(
        names[name]
        for name in body.model_fields_set
        if name == "assigned_user" or getattr(body, name) is not None
    )
    if not given:
        raise Unfit("say what to set: status, assigned_user or tags", pointer="/")
    if body.assigned_user and await users.person_by_id(gateway.pool, body.assigned_user) is None:
        raise Unfit("there is no such user", pointer="/assigned_user")
    command = ArrangeConversation.model_validate(
        {
            "command_id": command_id(request, caller),
            "thread_id": row.thread_id,
            "given": given,
            "status": body.status or "open",
            "assignee": body.assigned_user,
            "tags": body.tags or (),
            "actor": person.actor,
        }
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    return await thread_answer(gateway, person, row.thread_id, done.position)


@router.get(
    "/emails/{email_id}/notes", dependencies=[Fresh], responses=listed(A_NOTE, NoteShown, 403, 404)
)
async def list_notes(email_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """The notes on an e-mail's conversation, oldest first; for those who have part in it."""
    thread_id = await _thread_of(gateway, caller.person, email_id)
    notes = await conversations.notes_of(gateway.pool, thread_id)
    return answer({"items": [_note(note) for note in notes], "next": None})


@router.post(
    "/emails/{email_id}/notes",
    status_code=201,
    responses=answers(A_NOTE, 201, 403, 404, shape=NoteShown),
)
async def add_note(
    email_id: PathId, body: NoteBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Write a note on an e-mail's conversation; nothing of it ever leaves by mail."""
    person = caller.person
    thread_id = await _thread_of(gateway, person, email_id)
    mentions = await _mentioned(gateway, body.text)
    command = AddNote(
        command_id=command_id(request, caller),
        thread_id=thread_id,
        note_id=new_id(request, caller, "note"),
        author_id=person.id,
        text=body.text,
        mentions=tuple(mentions),
        actor=person.actor,
    )
    done = await order(gateway, command)
    await shown(gateway, done)
    notes = await conversations.notes_of(gateway.pool, thread_id)
    found = next((_note(note) for note in notes if note.id == command.note_id), None)
    said = {"id": command.note_id, "text": body.text, "mentions": mentions}
    author = {"type": "user", "id": person.id, "name": person.name}
    return answer(found or said | {"author": author, "at": None}, 201, Facts(done.position))


@router.get("/presence", responses=listed(A_THREAD["presence"][0], PresentShown, 403, 404))
async def list_presence(
    gateway: GatewayDep, caller: CallerDep, thread_id: Annotated[IdText, Query()]
) -> Response:
    """Who reads or answers a conversation now."""
    row, _ = await of_mine(gateway, caller.person, thread_id)
    return answer({"items": await _present(gateway, row.thread_id), "next": None})


@router.post("/presence", responses=answers(A_THREAD, 200, 403, 404, shape=ThreadShown))
async def say_presence(body: PresenceBody, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Say that I read or answer a conversation, so that no colleague does the same."""
    row, _ = await of_mine(gateway, caller.person, body.thread_id)
    mine = caller.person.id
    if body.doing == "gone":
        await presence.leave(gateway.pool, row.thread_id, person_id=mine)
    else:
        await presence.say(gateway.pool, row.thread_id, person_id=mine, doing=body.doing)
    return await thread_answer(gateway, caller.person, row.thread_id)


@router.get("/tags", dependencies=[Fresh], responses=listed({"id": "urgent"}, TagShown))
async def list_tags(gateway: GatewayDep, caller: CallerDep) -> Response:
    """The tags in use, for completing them."""
    tags = await conversations.tags_in_use(gateway.pool) if caller.person else []
    return answer({"items": [{"id": tag} for tag in tags], "next": None})


async def _emails(
    gateway: Gateway, person: Person, thread_id: str, limit: int = LOOKED_AT
) -> list[EmailView]:
    """Return the newest e-mails of a conversation that the person may read."""
    place = Place(FIRST_PAGE, limit)
    found = await email_pages.of_thread(gateway.pool, thread_id, reach(person), place)
    ids = [each.id for each in found]
    return await readable_emails.readable_emails(gateway.pool, ids, person, with_text=False)


async def of_mine(
    gateway: Gateway, person: Person, thread_id: str
) -> tuple[ConversationRow, list[EmailView]]:
    """Return a conversation that the person has part in.

    Raises:
        NotThere: they may read none of its e-mails.
        NotAllowed: they read it through a record only.
    """
    whole = await conversations.canonical(gateway.pool, thread_id)
    found = await _emails(gateway, person, whole)
    if not found:
        raise NotThere("there is no such conversation")
    if not any(has_part_in(person, view.access) for view in found):
        raise NotAllowed("only those who hold an e-mail of a conversation share its work")
    return await conversations.conversation(gateway.pool, whole), found


async def _thread_of(gateway: Gateway, person: Person, email_id: str) -> str:
    view = await readable_email(gateway, person, email_id)
    if view.thread_id is None:
        raise NotThere("the e-mail is not in a conversation yet")
    row, _ = await of_mine(gateway, person, view.thread_id)
    return row.thread_id


async def _mentioned(gateway: Gateway, text: str) -> list[str]:
    names = dict.fromkeys(_MENTION.findall(text))
    found = [
        user_id
        for name in list(names)[:MOST_MENTIONS]
        if (user_id := await users.user_id_by_login(gateway.pool, name))
    ]
    return list(dict.fromkeys(found))


async def _present(gateway: Gateway, thread_id: str) -> list[dict[str, Any]]:
    found = await presence.here(gateway.pool, thread_id)
    return [
        {"type": "user", "id": each.person_id, "name": each.name, "doing": each.doing}
        for each in found
    ]


async def thread_answer(
    gateway: Gateway, person: Person, thread_id: str, position: str | None = None, **more: Any
) -> Response:
    """Return a conversation of which the person may read an e-mail; ``more`` stands beside it.

    Raises:
        NotThere: they may read none.
    """
    whole = await conversations.canonical(gateway.pool, thread_id)
    found = await _emails(gateway, person, whole)
    if not found:
        raise NotThere("there is no such conversation")
    row = await conversations.conversation(gateway.pool, whole)
    has_part = any(has_part_in(person, view.access) for view in found)
    present = await _present(gateway, whole) if has_part else []
    data = _thread(row, found[0].subject, present)
    data["version"] = await thread_version(gateway, row)
    return answer(data | more, 200, Facts(position, data["version"]))


def _thread(
    row: ConversationRow, subject: str | None, present: list[dict[str, Any]]
) -> dict[str, Any]:
    assigned = {"type": "user", "id": row.assignee, "name": row.assignee_name}
    return {
        "id": row.thread_id,
        "version": str(row.version),
        "status": row.status,
        "assigned_user": assigned if row.assignee else None,
        "tags": list(row.tags),
        "subject": subject,
        "changed_at": row.changed_at,
        "presence": present,
    }


def _note(note: NoteRow) -> dict[str, Any]:
    return {
        "id": note.id,
        "author": {"type": "user", "id": note.author_id, "name": note.author_name},
        "text": note.text,
        "mentions": note.mentions,
        "at": note.at,
    }
