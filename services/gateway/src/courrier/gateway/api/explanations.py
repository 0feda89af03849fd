"""``/emails/{id}/explanation``: why an e-mail is here, or not at a record; ``/events``: its log.

Told from the log for this caller and in their language: ``Accept-Language``, else their own.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from courrier.events import subjects
from courrier.events.base import Event, Evidence
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported, ThreadsJoined
from courrier.gateway.domain.access import has_part_in, may_read_record, reach
from courrier.gateway.domain.explaining import Step, taken_away
from courrier.gateway.domain.record import display_name
from courrier.gateway.domain.streaming import told
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import evidence, mail_openings
from courrier.gateway.projections.records import RecordRow

from .absences import Absence, absence
from .answers import answer, answers, listed
from .caller import Caller, CallerDep, GatewayDep
from .email_forms import ExplanationShown, LoggedShown
from .email_shapes import readable_email
from .emails import record_ref
from .freshness import Fresh
from .readings import Reading
from .reasons import Teller, Told
from .records import readable_record
from .routing import CourrierRoute
from .values import PathId
from .words import preferred, words_in

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"], dependencies=[Fresh])

MOST_JOINS = 20
"""Conversations that one was joined to in turn, as far as they are told."""
EXPLANATION: dict[str, Any] = {
    "at": "2026-03-02T12:00:00Z",
    "decision": "filed",
    "decision_id": "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11",
    "actor": {"type": "service", "id": "linker", "name": "linker"},
    "rule": {"type": "filter", "id": "f1a2b3c4d5e6f708192a3b4c5d6e7f80", "name": "Invoices"},
    "evidence": {"field": "subject", "value": "Your invoice"},
    "record": None,
    "candidates": [],
    "text": "Filed into Bills. The filter “Invoices” put it here: Subject is “Your invoice”.",
}
LOGGED = {
    "id": "0d5f1c0b-e83f-4c0c-9d6f-0f3f8f0b7c11",
    "type": "courrier.email.EmailMarkedRead.v1",
    "time": "2026-03-02T12:00:00Z",
    "actor": "user:b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "decision_id": "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11",
    "data": {"email_id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80"},
}
AtRecord = Annotated[
    str | None, Query(max_length=100, description="type:id: why it is, or is not, at this record.")
]


@router.get(
    "/emails/{email_id}/explanation",
    responses=answers([EXPLANATION], 200, 400, 404, shape=list[ExplanationShown]),
)
async def explanation(
    email_id: PathId,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    record: AtRecord = None,
) -> Response:
    """Why is this here? Every decision with its evidence, newest last.

    With `record`: what put it there, or why it is not there, with what came first and the scores.
    """
    reading = await _reading(gateway, caller, email_id)
    steps = await reading.steps()
    looks: list[Step] = []
    found: Sequence[Step | Absence] = steps
    if record is None:
        looks = await _looks(reading)
    else:
        row = await readable_record(gateway, caller, record_ref(record))
        found = await _at_record(reading, steps, row)
    every = sorted([*found, *looks], key=lambda each: each.at)
    teller = await _teller(request, reading, every)
    return answer([_shown(teller.told(each)) for each in every])


@router.get("/emails/{email_id}/events", responses=listed(LOGGED, LoggedShown, 404))
async def email_log(email_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """What stands on the log about an e-mail, as far as it is mine to know, oldest first."""
    reading = await _reading(gateway, caller, email_id)
    links = reading.view.links
    open_to = {(e.type, e.id) for e in links if may_read_record(caller.person, e.access)}
    items = [
        {
            "id": each.id,
            "type": each.type,
            "time": each.time,
            "actor": each.actor,
            "decision_id": (each.correlation_id or each.id).replace("-", ""),
            "data": data,
        }
        for each in reading.history
        if (data := told(each.event, reach(caller.person), open_to)) is not None
    ]
    return answer({"items": items, "next": None})


async def _reading(gateway: Gateway, caller: Caller, email_id: str) -> Reading:
    view = await readable_email(gateway, caller.person, email_id)
    history = list(await gateway.store.load(subjects.email(view.id)))
    first = next((r.event for r in history if isinstance(r.event, EmailImported)), None)
    if first is not None:
        history += await _joins(gateway, first.thread_id)
    return Reading(gateway, caller.person, view, history)


async def _joins(gateway: Gateway, thread_id: str) -> list[Recorded[Event]]:
    """Return how the e-mail's conversation became part of others, in turn."""
    found: list[Recorded[Event]] = []
    for _ in range(MOST_JOINS):
        history = await gateway.store.load(subjects.thread(thread_id))
        joined = [each for each in history if isinstance(each.event, ThreadsJoined)]
        if not joined:
            break
        found += joined
        last = joined[-1].event
        thread_id = last.thread_id if isinstance(last, ThreadsJoined) else thread_id
    return found


async def _looks(reading: Reading) -> list[Step]:
    """Return which administrators looked in, for those whose e-mail it is."""
    if not has_part_in(reading.person, reading.view.access):
        return []
    return [
        Step(
            at=look.at,
            decision="opened",
            actor=f"user:{look.user_id}",
            reason=Evidence(rule="administrator", field="reason", value=look.reason),
            decision_id="",
        )
        for look in await mail_openings.openings_of(reading.gateway.pool, reading.view.id)
    ]


async def _at_record(
    reading: Reading, steps: list[Step], row: RecordRow
) -> Sequence[Step | Absence]:
    """Return what is to be said of an e-mail and one record."""
    reading.rows[row.ref] = row
    about = [step for step in steps if step.record == row.ref]
    gone = taken_away(steps, row.ref)
    if gone is not None:
        return [gone]
    return [*about, *await absence(reading, row)]


async def _teller(request: Request, reading: Reading, steps: Sequence[Step | Absence]) -> Teller:
    """Return who tells it in the caller's language, knowing all names that are needed."""
    wanted = request.headers.get("accept-language", "").strip()
    words = words_in(preferred(wanted) if wanted not in {"", "*"} else reading.person.language)
    ids = {part for step in steps for part in step.named}
    names = await evidence.names_of(reading.gateway.pool, ids)
    titles = {ref: display_name(row.fields) for ref, row in reading.rows.items()}
    return Teller(words, names, titles)


def _shown(line: Told) -> dict[str, Any]:
    return {
        "at": line.at,
        "decision": line.decision,
        "decision_id": line.decision_id or None,
        "actor": line.actor,
        "rule": line.rule,
        "evidence": line.evidence,
        "record": line.record,
        "text": line.text,
    } | line.more
