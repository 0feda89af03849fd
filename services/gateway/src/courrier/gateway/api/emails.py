"""``/emails``: lists by folder, record and thread; and one e-mail."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.events.families.crm import RECORD_TYPES
from courrier.gateway.domain.access import reach
from courrier.gateway.domain.cursors import PAGE, Cursor, Place, parse_cursor
from courrier.gateway.domain.mail_query import OPERATORS, parse_query
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import draft_views, email_pages, readable_emails

from .answers import Facts, answer, answers, listed, page_answer
from .caller import Caller, CallerDep, GatewayDep
from .draft_texts import with_texts
from .email_forms import EmailShown, HistoryShown
from .email_shapes import EMAIL, REASON, emails_json, link_json, readable_email, trace_json
from .freshness import Fresh
from .record_shapes import RecordType
from .records import readable_record
from .report_reading import bounce_json
from .routing import CourrierRoute
from .sender_warnings import warnings_json
from .values import CursorText, FieldNames, Limit, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

THROUGH = {"type": "contact", "id": "c0ffee00c0ffee00c0ffee00c0ffee00", "name": "Ada Lovelace"}
IN_HISTORY = EMAIL | {"link": {"reason": REASON, "at": "2026-03-02T12:00:00Z", "record": THROUGH}}
HISTORY = {
    "items": [IN_HISTORY],
    "next": None,
    "traces": [
        {
            "date": "2026-03-01T12:00:00Z",
            "from": {"name": "Ada Lovelace", "address": "ada@example.org"},
            "to": [{"name": None, "address": "linus@example.org"}],
            "cc": [],
            "holders": [{"type": "user", "id": "b3f0", "name": "Linus"}],
        }
    ],
}

FolderName = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Parent = Annotated[str | None, Query(max_length=100, description="type:id of a record")]
Asked = Annotated[
    str | None, Query(max_length=200, description=f"Words, all of which hold: {OPERATORS}.")
]
Thread = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


@router.get(
    "/emails",
    dependencies=[Fresh],
    responses=listed(EMAIL, EmailShown, 400, 404, choose=True),
)
async def list_emails(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    folder: FolderName = "all",
    parent: Parent = None,
    thread: Thread = None,
    unread: bool = False,  # noqa: FBT001, FBT002  a query parameter
    q: Asked = None,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """E-mails that I may read, newest first: of a folder of mine, a record, or a conversation.

    `q` asks in words, of a folder or all: `in:<group folder> assigned:none status:open` is what
    nobody has taken yet.
    """
    place = Place(parse_cursor(cursor), limit + 1)
    if parent is not None:
        record = await readable_record(gateway, caller, record_ref(parent))
        by = caller.person.id if unread else None
        found = await email_pages.of_record(gateway.pool, record.ref, place, by)
    elif thread is not None:
        found = await email_pages.of_thread(gateway.pool, thread, reach(caller.person), place)
    elif folder in draft_views.WRITTEN_HERE:
        unsent = await draft_views.page(gateway.pool, caller.person, folder, place)
        return await _unsent_page(request, [] if unread else unsent, limit, fields)
    elif q is not None:
        asked = parse_query(q)
        asked = replace(asked, unread=asked.unread or unread)
        found = await email_pages.matching(gateway.pool, reach(caller.person), asked, place)
    else:
        mine = reach(caller.person)
        found = await email_pages.in_folder(gateway.pool, mine, folder, place, unread=unread)
    return await email_page(request, found, limit, fields)


@router.get(
    "/records/{record_type}/{record_id}/history",
    dependencies=[Fresh],
    tags=["records"],
    responses=answers(HISTORY, 200, 400, 404, shape=HistoryShown),
)
async def record_history(  # noqa: PLR0913, PLR0917  path and query parameters
    record_type: RecordType,
    record_id: PathId,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """All mail of a record that I may read, newest first, each with the reason of its link.

    An account's is also that of its contacts, opportunities and cases.
    ``traces`` is mail of the same stretch that its holders keep to themselves: they may be asked.
    """
    ref = RecordRef(type=record_type, id=record_id)
    await readable_record(gateway, caller, ref)
    place = Place(parse_cursor(cursor), limit + 1)
    found = await email_pages.of_record(gateway.pool, ref, place)
    return await email_page(request, found, limit, fields, ref)


@router.get(
    "/emails/{email_id}",
    dependencies=[Fresh],
    responses=answers(EMAIL, 200, 404, shape=EmailShown),
)
async def read_email(email_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """One e-mail as I have it, with its text; of a report of non-delivery what it says."""
    return await email_answer(gateway, caller, email_id)


async def email_answer(
    gateway: Gateway, caller: Caller, email_id: str, position: str | None = None, status: int = 200
) -> Response:
    """Return one e-mail as the caller has it."""
    view = await readable_email(gateway, caller.person, email_id)
    if view.draft is not None:
        view = await with_texts(gateway, view.draft)
    (shown,) = await emails_json(gateway, caller.person, [view])
    shown["bounce"] = await bounce_json(gateway, view)
    shown["warnings"] = await warnings_json(gateway, view, caller.person)
    return answer(shown, status, Facts(position, shown["version"]))


async def email_page(
    request: Request,
    found: list[Cursor],
    limit: int,
    fields: str | None,
    record: RecordRef | None = None,
) -> Response:
    """Return a page of the e-mails found (one more than ``limit`` means that there is a next).

    With ``record`` each item says why it is linked to it.
    """
    gateway: Gateway = request.app.state.gateway
    person = request.state.caller.person
    ids = [cursor.id for cursor in found[:limit]]
    views = await readable_emails.readable_emails(gateway.pool, ids, person, with_text=False)
    items = await emails_json(gateway, person, views)
    if record is not None:
        for item, view in zip(items, views, strict=True):
            item["link"] = link_json(view.link_to(record), person)
    following = found[limit - 1].text() if len(found) > limit else None
    kept_back = await readable_emails.traces(gateway.pool, ids, person) if record else []
    more = {"traces": [trace_json(trace) for trace in kept_back]} if record else {}
    return page_answer(request, items, following, fields, more=more)


async def _unsent_page(
    request: Request, found: list[Cursor], limit: int, fields: str | None
) -> Response:
    """Return a page of what is written here, as ``email_page`` does."""
    gateway: Gateway = request.app.state.gateway
    person = request.state.caller.person
    ids = [cursor.id for cursor in found[:limit]]
    views = await readable_emails.unsent_emails(gateway.pool, ids, person)
    items = await emails_json(gateway, person, views)
    following = found[limit - 1].text() if len(found) > limit else None
    return page_answer(request, items, following, fields)


def record_ref(parent: str) -> RecordRef:
    """Return the record that a query names as ``type:id``.

    Raises:
        Unfit: it is not written like that.
    """
    kind, _, id_ = parent.partition(":")
    if kind not in RECORD_TYPES or not id_.replace("-", "").replace("_", "").isalnum():
        raise Unfit("a parent is written type:id, as contact:c0ffee…", pointer="?parent")
    return RecordRef(type=kind, id=id_)
