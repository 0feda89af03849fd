"""``/records/{type}:upsert``: many records at once, one JSON object a line."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field, ValidationError
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.gateway.adapters.job_runner import JobFailed, RunningJob, Work
from courrier.gateway.domain.access import Person, may_create
from courrier.gateway.domain.record import record_id_of
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.upserting import AT_ONCE, Line, Outcome, Rules, Upserting
from courrier.gateway.ports import Gateway, NewJob
from courrier.gateway.projections import users

from .answers import Facts, headers_of, to_json
from .caller import CallerDep, GatewayDep, cause_of, command_id
from .jobs import JOB, job_answer
from .problems import Problem, fault_of
from .record_shapes import RecordBody, RecordType
from .records import assigned, log_of, touchable
from .routing import CourrierRoute
from .shapes import JobShown, Shown
from .values import Line as LineText

router = APIRouter(route_class=CourrierRoute, tags=["records"])

UPSERT = "upsert-records"
NDJSON = "application/x-ndjson"
LONGEST_LINE = 256 * 1024
MOST_LINES = 100_000
OUTCOMES = ("created", "updated", "unchanged", "refused")

SENT = (
    '{"external_id": "crm-17", "first_name": "Ada", "last_name": "Lovelace"}\n'
    '{"external_id": "crm-18", "name": "Grace", "email_addresses": ["nobody"]}\n'
)
ANSWERED = (
    '{"line":1,"outcome":"created","id":"c0ffee00c0ffee00c0ffee00c0ffee00"}\n'
    '{"line":2,"outcome":"refused","pointer":"/email_addresses/0",'
    '"detail":"this is no e-mail address (RFC 5322 section 3.4.1)"}\n'
)
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {NDJSON: {"schema": {"type": "string"}, "example": SENT}},
    }
}


class OutcomeShown(Shown):
    """What became of one line; all that is null is left out."""

    line: int
    outcome: Literal["created", "updated", "unchanged", "refused"]
    id: str | None = None
    pointer: str | None = Field(default=None, description="The field at fault.")
    detail: str | None = None


class UpsertBody(RecordBody):
    """A record by the id that another system gives it."""

    external_id: LineText


@router.post(
    "/records/{record_type}:upsert",
    openapi_extra=BODY,
    response_class=Response,
    responses={
        200: {
            "description": "What became of each line; counts in `Courrier-Outcome`",
            "content": {NDJSON: {"schema": {"type": "string"}, "example": ANSWERED}},
        },
        202: {
            "description": "Under way",
            "model": JobShown,
            "content": {"application/json": {"example": JOB | {"kind": UPSERT}}},
        },
        400: {"description": "Problem"},
        403: {"description": "Problem"},
        404: {"description": "Problem"},
        413: {"description": "Problem"},
    },
)
async def upsert_records(
    record_type: RecordType,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    background: Annotated[bool, Query()] = False,  # noqa: FBT002  a query parameter
) -> Response:
    """Create or change records by external id, one JSON object a line; each line by itself.

    With ``background`` the answer is a job, whose ``errors`` are the lines that were refused.
    """
    if not may_create(caller.person, record_type):
        raise NotAllowed("you may not create records of this type")
    if background:
        new = NewJob(
            id=command_id(request, caller).hex,
            user_id=caller.person.id,
            kind=UPSERT,
            order={"type": record_type},
            body=await request.body(),
        )
        return job_answer(await gateway.jobs.add(new))
    work = Upserting(log_of(gateway), cause_of(request, caller), rules(caller.person, record_type))
    shown: list[bytes] = []
    counts: Counter[str] = Counter()
    async for some in _in_chunks(_lines(request.stream())):
        outcomes = await take_lines(work, record_type, some)
        counts.update(each.outcome for each in outcomes)
        shown += [to_json(outcome_json(each)) for each in outcomes]
    position = f"CRM:{await gateway.store.end('CRM')}"
    headers = headers_of(Facts(position)) | {"Courrier-Outcome": _told(counts)}
    return Response(b"".join(line + b"\n" for line in shown), 200, headers, NDJSON)


def upserting(gateway: Gateway) -> Work:
    """Return what does the job of a long upsert, for the one who asked for it."""

    async def work(running: RunningJob) -> Mapping[str, Any]:
        job = running.job
        person = await users.person_by_id(gateway.pool, job.user_id)
        record_type = str(job.order["type"])
        if person is None or not may_create(person, record_type):
            raise JobFailed("you may not create records of this type")
        cause = Cause(UUID(job.id), person.actor, job.created_at)
        upsert = Upserting(log_of(gateway), cause, rules(person, record_type))
        lines = [line async for line in _lines(_whole(await running.body()))]
        counts: Counter[str] = Counter()
        for start in range(0, len(lines), AT_ONCE):
            outcomes = await take_lines(upsert, record_type, lines[start : start + AT_ONCE])
            counts.update(each.outcome for each in outcomes)
            faults = [outcome_json(each) for each in outcomes if each.outcome == "refused"]
            await running.say(start + len(outcomes), total=len(lines), errors=faults)
        return {name: counts[name] for name in OUTCOMES}

    return work


async def take_lines(
    work: Upserting, record_type: str, lines: Sequence[tuple[int, bytes]]
) -> list[Outcome]:
    """Return what became of numbered lines of JSON."""
    found: dict[int, Outcome] = {}
    good: list[Line] = []
    for number, text in lines:
        try:
            body = UpsertBody.model_validate_json(text)
        except ValidationError as error:
            pointer, detail = fault_of(error.errors(include_input=False, include_url=False)[0])
            found[number] = Outcome(number, "refused", None, pointer, detail)
            continue
        ref = RecordRef(type=record_type, id=record_id_of(record_type, body.external_id))
        good.append(Line(number, ref, body.given()))
    found |= {each.line: each for each in await work.take(good)}
    return [found[number] for number, _ in lines]


def rules(person: Person, record_type: str) -> Rules:
    """Return what the person may do with the records that lines name."""
    return Rules(lambda fields: assigned(fields, person), touchable(person, record_type, "edit"))


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return what became of a line, without what is null."""
    shown = {
        "line": outcome.line,
        "outcome": outcome.outcome,
        "id": outcome.id,
        "pointer": outcome.pointer,
        "detail": outcome.detail,
    }
    return {name: value for name, value in shown.items() if value is not None}


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """Yield the lines that say something, numbered from 1."""
    number, rest = 0, b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield _bounded(number, line)
        _bounded(number + 1, rest)
    if rest.strip():
        yield _bounded(number + 1, rest)


def _bounded(number: int, line: bytes) -> tuple[int, bytes]:
    if len(line) > LONGEST_LINE:
        raise Problem(413, f"line {number} has more than {LONGEST_LINE} bytes")
    if number > MOST_LINES:
        raise Problem(413, f"over {MOST_LINES} lines: send them in parts")
    return number, line


async def _in_chunks(
    lines: AsyncIterator[tuple[int, bytes]],
) -> AsyncIterator[list[tuple[int, bytes]]]:
    some: list[tuple[int, bytes]] = []
    async for line in lines:
        some.append(line)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


async def _whole(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={counts[name]}" for name in OUTCOMES)
