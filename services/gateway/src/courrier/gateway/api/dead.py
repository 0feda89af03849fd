"""``/dead``: events that a consumer could not take, and taking them again after a fix."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.events.parked_cases import case_row, replay
from courrier.events.parking import all_cases
from courrier.gateway.domain.refusals import NotThere

from .answers import answer, answers, listed
from .caller import AdminDep, GatewayDep, command_id
from .paging import PagingDep
from .routing import CourrierRoute
from .shapes import Moment, Shown
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["administration"])

CASE: dict[str, Any] = {
    "id": "0d5f1c0b-e83f-4c0c-9d6f-0f3f8f0b7c11",
    "consumer": "gateway.read-models",
    "position": "EMAIL:4711",
    "subject": "email.03.c0ffee00c0ffee00c0ffee00c0ffee00",
    "type": "courrier.email.EmailLinked.v1",
    "reason": "failed",
    "text": "KeyError at links.py:41",
    "since": "2026-03-02T12:00:00Z",
    "waiting": 2,
}
OUTCOME: dict[str, Any] = {"id": CASE["id"], "done": True, "text": "replayed"}


class CaseShown(Shown):
    """A parked event: where, why, since when, and how many of its aggregate wait behind it."""

    id: str
    consumer: str
    position: str
    subject: str
    type: str
    reason: str
    text: str
    since: Moment
    waiting: int


class OutcomeShown(Shown):
    """How taking it again went."""

    id: str
    done: bool
    text: str


@router.get("/dead", responses=listed(CASE, CaseShown, 400, 403, choose=True))
async def list_dead(gateway: GatewayDep, _: AdminDep, paging: PagingDep) -> Response:
    """What is parked, the oldest first; nothing of any event's content."""
    cases = await all_cases(gateway.store)
    rows = [await case_row(gateway.store, case) for case in cases]
    return paging.answer(rows, by=lambda row: str(row["since"]))


@router.post(
    "/dead/{event_id}:replay", responses=answers(OUTCOME, 200, 403, 404, shape=OutcomeShown)
)
async def replay_dead(
    event_id: PathId, request: Request, gateway: GatewayDep, caller: AdminDep
) -> Response:
    """Have its consumer take it again, and what waits behind it; a fix has to be there first."""
    cases = [case for case in await all_cases(gateway.store) if case.event.event_id == event_id]
    if not cases:
        raise NotThere("this event is not parked")
    order = command_id(request, caller)
    outcomes = await replay(gateway.bus, cases, command_id=order, actor=caller.person.actor)
    texts = "; ".join(dict.fromkeys(each.text for each in outcomes))
    done = all(each.done for each in outcomes)
    return answer({"id": event_id, "done": done, "text": texts})
