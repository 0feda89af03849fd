"""``/sessions``: where I am logged in; an administrator ends those of others."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from courrier.gateway.domain.access import may_administer
from courrier.gateway.domain.refusals import NotAllowed, NotThere
from courrier.gateway.entrance import Session

from .answers import answers, listed, nothing
from .caller import Caller, CallerDep, GatewayDep
from .paging import PagingDep
from .routing import CourrierRoute
from .shapes import Moment, Shown
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["session"])

SESSION: dict[str, Any] = {
    "id": "7a0d5c3f1e2b4a6980716253443526af",
    "is_current": True,
    "agent": "Mozilla/5.0",
    "address": "192.0.2.7",
    "opened_at": "2026-03-02T12:00:00Z",
    "last_seen_at": "2026-03-02T12:30:00Z",
    "expires_at": "2026-03-16T12:00:00Z",
}
Whose = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="A user's id.")]


class SessionShown(Shown):
    """A browser that is logged in."""

    id: str
    is_current: bool
    agent: str
    address: str
    opened_at: Moment
    last_seen_at: Moment | None
    expires_at: Moment


@router.get("/sessions", responses=listed(SESSION, SessionShown, 400, 403, choose=True))
async def list_sessions(
    gateway: GatewayDep, caller: CallerDep, paging: PagingDep, user: Whose = None
) -> Response:
    """My sessions, or as an administrator those of ``user``, the one opened last first."""
    found = await gateway.sessions.of_user(_whose(caller, user))
    items = [_json(each, caller) for each in found]
    return paging.answer(items, by=lambda item: item["opened_at"].isoformat(), newest_first=True)


@router.delete("/sessions", status_code=204, responses=answers(None, 204, 403))
async def end_sessions(gateway: GatewayDep, caller: CallerDep, user: Whose = None) -> Response:
    """End all my sessions but this one, or as an administrator all of ``user``; at once."""
    current = caller.session.digest if caller.session else None
    await gateway.sessions.end_all(_whose(caller, user), current)
    return nothing()


@router.delete("/sessions/{session_id}", status_code=204, responses=answers(None, 204, 403, 404))
async def end_one_session(
    session_id: PathId, gateway: GatewayDep, caller: CallerDep, user: Whose = None
) -> Response:
    """End one of my sessions, or as an administrator one of ``user``; at once."""
    if not await gateway.sessions.end_one(_whose(caller, user), session_id):
        raise NotThere("there is no such session")
    return nothing()


def _whose(caller: Caller, user: str | None) -> str:
    if user in {None, caller.person.id}:
        return caller.person.id
    if not may_administer(caller.person):
        raise NotAllowed("only an administrator sees the sessions of others", pointer="?user")
    return str(user)


def _json(session: Session, caller: Caller) -> dict[str, Any]:
    current = caller.session.id if caller.session else None
    return {
        "id": session.id,
        "is_current": session.id == current,
        "agent": session.agent,
        "address": session.address,
        "opened_at": session.opened_at,
        "last_seen_at": session.last_seen_at,
        "expires_at": session.expires_at,
    }
