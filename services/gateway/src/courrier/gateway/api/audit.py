"""``/audit``: who did what to people, rights and settings, from the log itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from courrier.gateway.domain.cursors import PAGE, Place, parse_cursor
from courrier.gateway.projections import audit

from .answers import listed, page_answer
from .caller import AdminDep, GatewayDep
from .freshness import Fresh
from .routing import CourrierRoute
from .shapes import Moment, Shown
from .values import CursorText, FieldNames, Limit

router = APIRouter(route_class=CourrierRoute, tags=["audit"])

ENTRY: dict[str, Any] = {
    "id": "6f1f7f4c-54a4-5c0b-9a44-0d6f2a8f3c11",
    "at": "2026-03-02T12:00:00Z",
    "actor": "user:b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "kind": "UserChanged",
    "object": "user.7a0d5c3f1e2b4a6980716253443526af",
    "changed": ["role_ids"],
    "reason": None,
}
Who = Annotated[
    str | None, Query(pattern=r"^[a-z]{1,20}:[A-Za-z0-9_-]{1,80}$", description="As `user:b3f0…`.")
]
What = Annotated[
    str | None,
    Query(pattern=r"^[a-z_]{1,20}\.[A-Za-z0-9_-]{1,80}$", description="As `user.7a0d…`."),
]


class EntryShown(Shown):
    """One thing that somebody did; `changed` names the fields, the log has their values."""

    id: str
    at: Moment
    actor: str
    kind: str
    object: str
    changed: list[str]
    reason: str | None


@router.get(
    "/audit", dependencies=[Fresh], responses=listed(ENTRY, EntryShown, 400, 403, choose=True)
)
async def list_audit(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    _: AdminDep,
    actor: Who = None,
    about: What = None,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """Who did what, newest first: people, teams, roles, tokens, settings, looks into mail."""
    place = Place(parse_cursor(cursor), limit + 1)
    found = await audit.entries(gateway.pool, place, actor=actor, about=about)
    following = found[limit - 1].cursor.text() if len(found) > limit else None
    items = [
        {
            "id": each.id,
            "at": each.at,
            "actor": each.actor,
            "kind": each.kind,
            "object": each.object,
            "changed": each.changed,
            "reason": each.reason,
        }
        for each in found[:limit]
    ]
    return page_answer(request, items, following, fields)
