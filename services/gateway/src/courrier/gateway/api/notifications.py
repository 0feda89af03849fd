"""``/notifications``: new mail, mentions, assignments and reminders, as they come."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime
from starlette.responses import Response

from courrier.gateway.domain.access import may_use_mail, reach
from courrier.gateway.domain.configured import PREFERENCES
from courrier.gateway.domain.cursors import PAGE, Cursor, parse_cursor
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured, notifications
from courrier.gateway.projections.notifications import Notification, Wants

from .answers import answers, listed, nothing, page_answer
from .caller import CallerDep, GatewayDep
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import Moment, RefShown, Shown, example
from .values import Body, CursorText, FieldNames, Limit

router = APIRouter(route_class=CourrierRoute, tags=["notifications"])

A_NOTIFICATION = {
    "id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
    "kind": "mail",
    "email_id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
    "thread_id": "71a2b3c4d5e6f708192a3b4c5d6e7f80",
    "subject": "Question",
    "actor": {"type": "address", "id": "ada@example.org", "name": None},
    "at": "2026-03-02T12:00:00Z",
    "is_new": True,
}


class NotificationShown(Shown):
    """One thing to tell: ``kind`` is mail, mention, assignment, reminder or bounce."""

    id: str
    kind: str
    email_id: str | None
    thread_id: str | None
    subject: str | None
    actor: RefShown | None
    at: Moment
    is_new: bool


class SeenBody(Body):
    """Up to when all was seen; left out: now."""

    model_config = example({"until": "2026-03-02T12:00:00Z"})

    until: AwareDatetime | None = None


@router.get(
    "/notifications", dependencies=[Fresh], responses=listed(A_NOTIFICATION, NotificationShown, 403)
)
async def list_notifications(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """What I am told, newest first; none for silent folders, and robots only if I want them."""
    if not may_use_mail(caller.person):
        raise NotAllowed("you have no right to e-mails")
    found = await notifications.notifications_of(
        gateway.pool,
        reach(caller.person),
        await wants_of(gateway, caller.person.id),
        before=parse_cursor(cursor),
        limit=limit + 1,
    )
    last = found[limit - 1] if len(found) > limit else None
    following = Cursor(last.at, last.id).text() if last else None
    return page_answer(request, [_shown(each) for each in found[:limit]], following, fields)


@router.post("/notifications:seen", status_code=204, responses=answers(None, 204))
async def see_notifications(body: SeenBody, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Note that I have seen what I was told; `is_new` is false from then on."""
    until = min(body.until or datetime.now(UTC), datetime.now(UTC))
    await notifications.seen(gateway.pool, caller.person.id, until)
    return nothing()


async def wants_of(gateway: Gateway, person_id: str) -> Wants:
    """Return what a person wants to be told of new mail."""
    row = await configured.item_by_id(gateway.pool, PREFERENCES, person_id)
    return Wants(row.fields.notify_new_mail, row.fields.notify_robots) if row else Wants()


def _shown(each: Notification) -> dict[str, Any]:
    kind, _, name = (each.actor or "").partition(":")
    by = (
        {"type": "address", "id": each.actor}
        if each.kind in {"mail", "bounce"}
        else {"type": kind, "id": name}
    )
    return {
        "id": each.id,
        "kind": each.kind,
        "email_id": each.email_id,
        "thread_id": each.thread_id,
        "subject": each.subject,
        "actor": by | {"name": None} if each.actor else None,
        "at": each.at,
        "is_new": each.is_new,
    }
