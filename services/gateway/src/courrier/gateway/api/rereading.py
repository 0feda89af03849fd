"""``/emails:reparse``: read stored messages again with today's parser, first as a dry run.

The raw bytes are the fact, what is read in them is not. The job shows what differs, field by field,
and changes something only when asked to. It works in orders of 20 messages, one after the other, so
that mail that comes in is not held up, and goes on where it was after a crash.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from courrier.events.base import derived_id
from courrier.events.commands.rereading import (
    MESSAGES_AT_ONCE,
    MessagesReread,
    MessageToReread,
    RereadMessages,
)
from courrier.gateway.adapters.job_runner import JobFailed, RunningJob, Work
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.ports import Gateway, Job, NewJob
from courrier.gateway.projections import received, users

from .answers import answers
from .caller import CallerDep, GatewayDep, command_id
from .jobs import JOB, job_answer
from .orders import reread
from .routing import CourrierRoute
from .shapes import JobShown, example
from .values import Body, IdText

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])

REREAD = "reread-emails"
MOST = 10_000
SHOWN = 100
"""Messages whose differences a job's result shows; all are counted, by field."""

Places = list[tuple[str, int]]


class RereadQuery(Body):
    """Which received e-mails: of one account, from a time on, before a time."""

    account_id: IdText | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class RereadBody(Body):
    """Which e-mails to read again; without `apply` only what would differ is shown."""

    model_config = example({"query": {"since": "2026-01-01T00:00:00Z"}, "apply": False})

    ids: Annotated[tuple[IdText, ...], Field(max_length=MOST)] = ()
    query: RereadQuery | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = MOST
    apply: bool = False


@router.post("/emails:reparse", status_code=202, responses=answers(JOB, 202, 403, shape=JobShown))
async def reparse_emails(
    body: RereadBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Read received e-mails again with today's parser (administrators)."""
    if not caller.person.is_admin:
        raise NotAllowed("only administrators have mail read again")
    if bool(body.ids) == (body.query is not None):
        raise Unfit("name the e-mails by ids or by query, one of them", pointer="/ids")
    new = NewJob(
        id=command_id(request, caller).hex,
        user_id=caller.person.id,
        kind=REREAD,
        order=body.model_dump(mode="json") | {"ids": sorted(set(body.ids))},
        total=len(set(body.ids)) or None,
    )
    return job_answer(await gateway.jobs.add(new))


def rereading(gateway: Gateway) -> Work:
    """Return what does the job."""

    async def work(running: RunningJob) -> Mapping[str, Any]:
        job = running.job
        person = await users.person_by_id(gateway.pool, job.user_id)
        if person is None or not person.is_admin:
            raise JobFailed("only administrators have mail read again")
        note: dict[str, Any] = dict(job.note or _nothing())
        async with aclosing(_pages(gateway, job, note)) as pages:
            async for places in pages:
                told = await reread(gateway, _command(job, places, person.actor))
                _add(note, told, len(places), places[-1][0])
                await running.say(note["done"], note=note)
        return _result(note, job)

    return work


def _nothing() -> dict[str, Any]:
    return {"after": "", "done": 0, "counts": {}, "fields": {}, "shown": []}


def _add(note: dict[str, Any], told: MessagesReread, count: int, after: str) -> None:
    counts = {"read": told.read, "missing": told.missing, "applied": told.applied}
    differing = {"differing": len(told.differences)}
    fields = Counter(each.field for one in told.differences for each in one.fields)
    note["counts"] = dict(Counter(note["counts"]) + Counter(counts | differing))
    note["fields"] = dict(Counter(note["fields"]) + fields)
    shown = [one.model_dump(mode="json") for one in told.differences]
    note["shown"] = [*note["shown"], *shown][:SHOWN]
    note["done"] += count
    note["after"] = after


def _result(note: Mapping[str, Any], job: Job) -> Mapping[str, Any]:
    words = ("read", "missing", "differing", "applied")
    return {word: note["counts"].get(word, 0) for word in words} | {
        "is_dry_run": not job.order["apply"],
        "fields": note["fields"],
        "differences": note["shown"],
    }


def _command(job: Job, places: Places, actor: str) -> RereadMessages:
    return RereadMessages(
        command_id=derived_id(job.id, "reread", places[0][0]),
        messages=tuple(MessageToReread(sequence=seq, email_id=one) for one, seq in places),
        apply=bool(job.order["apply"]),
        actor=actor,
    )


async def _pages(
    gateway: Gateway, job: Job, note: Mapping[str, Any]
) -> AsyncGenerator[Places, None]:
    """Yield the messages to read from where the job was, by e-mail id."""
    asked = job.order
    ids = [one for one in asked["ids"] if one > note["after"]]
    for start in range(0, len(ids), MESSAGES_AT_ONCE):
        found = await received.places_of(gateway.pool, ids[start : start + MESSAGES_AT_ONCE])
        if found:
            yield found
    while asked["query"] is not None and note["done"] < asked["limit"]:
        room = min(MESSAGES_AT_ONCE, asked["limit"] - note["done"])
        wanted = _wanted(asked["query"])
        places = await received.next_places(gateway.pool, wanted, note["after"], room)
        if not places:
            return
        yield places


def _wanted(query: Mapping[str, Any]) -> received.Wanted:
    since, until = query.get("since"), query.get("until")
    return received.Wanted(
        query.get("account_id"),
        datetime.fromisoformat(since) if since else None,
        datetime.fromisoformat(until) if until else None,
    )
