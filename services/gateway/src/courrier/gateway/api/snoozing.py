"""``:snooze`` and ``:remind``: an e-mail comes back, a person is reminded, at a time in words."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import StringConstraints
from starlette.responses import Response

from courrier.events.commands.linker import Snooze, StateChange
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.moments import moment_of
from courrier.gateway.domain.refusals import Unfit

from .answers import answers
from .caller import CallerDep, GatewayDep
from .email_changes import change_mine
from .email_forms import EmailShown
from .email_shapes import EMAIL
from .emails import email_answer
from .routing import CourrierRoute
from .shapes import example
from .values import Body, Line, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

Words = Annotated[Line, StringConstraints(max_length=60)]


class SnoozeBody(Body):
    """When it comes back: a time, in words or ISO 8601, an answer, or whichever comes first."""

    model_config = example({"until": "tomorrow 9:00", "until_answer": True})

    until: Words | None = None
    until_answer: bool = False


class RemindBody(Body):
    """When to remind me unless a human has answered; null: not at all."""

    model_config = example({"at": "in 3 days"})

    at: Words | None


@router.post("/emails/{email_id}:snooze", responses=answers(EMAIL, 200, 403, 404, shape=EmailShown))
async def snooze_email(
    email_id: PathId, body: SnoozeBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Hide my copy, under `snoozed`, until a time in my time zone, or until a human answers."""
    if body.until is None and not body.until_answer:
        raise Unfit("say until when, or until an answer", pointer="/until")
    until = _moment(caller.person, body.until) if body.until else None
    change = StateChange(snooze=Snooze(until=until, until_answer=body.until_answer))
    done = await change_mine(request, gateway, caller, email_id, change)
    return await email_answer(gateway, caller, email_id, done.position)


@router.post("/emails/{email_id}:remind", responses=answers(EMAIL, 200, 403, 404, shape=EmailShown))
async def remind_of_email(
    email_id: PathId, body: RemindBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Remind me at a time unless a human has answered; an automatic answer does not count."""
    if body.at is None:
        change = StateChange(forget_reminder=True)
    else:
        change = StateChange(remind_at=_moment(caller.person, body.at))
    done = await change_mine(request, gateway, caller, email_id, change)
    return await email_answer(gateway, caller, email_id, done.position)


def _moment(person: Person, words: str) -> datetime:
    return moment_of(words, datetime.now(UTC), ZoneInfo(person.time_zone))
