"""Messages handed in by people and programs: read one, archive one, follow the job."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from courrier.events import subjects
from courrier.events.blobs import ref_of
from courrier.events.commands.fetcher import ImportMessage
from courrier.gateway.adapters.job_runner import JobFailed, NotYet, RunningJob, Work
from courrier.gateway.domain.access import may_import_for
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.ports import Gateway, NewJob, ReadingTookTooLong
from courrier.gateway.projections import blob_references, configured, email_views, users

from .answers import JSON, Facts, answer, answers
from .caller import Caller, CallerDep, GatewayDep, command_id
from .email_forms import EmailShown, ParsedShown
from .email_shapes import EMAIL
from .emails import email_answer
from .jobs import JOB, job_answer
from .orders import order
from .problems import Problem
from .routing import CourrierRoute
from .shapes import JobShown

router = APIRouter(route_class=CourrierRoute)

VISIBLE_WITHIN_S = 5.0
LOOKED_FOR_EVERY_S = 1.0
GIVEN_UP_AFTER = timedelta(hours=24)
IMPORT = "import-message"
ERASED = "erased"
"""Why the fetcher refuses a copy of what was erased."""
PARSED: dict[str, Any] = {
    "message_id": "1@example.org",
    "in_reply_to": None,
    "references": [],
    "date": "2026-01-12T10:11:12Z",
    "from": {"name": "Ada", "address": "ada@example.org"},
    "sender": None,
    "reply_to": [],
    "to": [{"name": None, "address": "grace@example.org"}],
    "cc": [],
    "bcc": [],
    "subject": "Question",
    "text": "Hello\n",
    "html": None,
    "reply_text": "Hello",
    "attachments": [],
    "auto_reply": False,
    "auto_reply_kind": None,
    "bounce": None,
    "list_id": None,
    "list_unsubscribe": None,
    "authentication_results": None,
    "warnings": [],
}
UNREAD: dict[str, Any] = {
    name: [] if isinstance(value, list) else None for name, value in PARSED.items()
} | {"text": "", "reply_text": "", "auto_reply": False}
MESSAGE = {
    "requestBody": {
        "required": True,
        "content": {
            "message/rfc822": {
                "schema": {"type": "string", "format": "binary"},
                "example": "From: ada@example.org\r\nSubject: Question\r\n\r\nHello\r\n",
            }
        },
    }
}
Holder = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Folder = Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


@router.post(
    "/emails/parse",
    tags=["e-mails"],
    openapi_extra=MESSAGE,
    responses=answers(PARSED, 200, 400, 413, shape=ParsedShown),
)
async def parse_message(request: Request, gateway: GatewayDep, _: CallerDep) -> Response:
    """Read a raw message, however broken; nothing is stored."""
    raw = await _message(request)
    try:
        return Response(await gateway.reader.parse(raw), media_type=JSON)
    except ReadingTookTooLong as error:
        return answer(UNREAD | {"warnings": [str(error)]})


@router.post(
    "/emails/import",
    status_code=201,
    tags=["e-mails"],
    openapi_extra=MESSAGE,
    responses=answers(EMAIL, 201, 400, 403, 413, shape=EmailShown)
    | {
        200: {
            "description": "Held already",
            "model": EmailShown,
            "content": {JSON: {"example": EMAIL}},
        },
        202: {"description": "Under way", "model": JobShown, "content": {JSON: {"example": JOB}}},
    },
)
async def import_message(
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    folder: Folder = "inbox",
    holder: Holder = None,
) -> Response:
    """Archive a raw message for me, or as an administrator for ``holder``."""
    raw = await _message(request)
    most = (await configured.system_settings(gateway.pool)).max_message_bytes
    if len(raw) > most:
        raise Problem(413, f"this system takes messages of up to {most} bytes")
    holder_id = holder or caller.person.id
    await _check_holder(gateway, caller, holder_id)
    expected = await _email_id(gateway, raw)
    before = await email_views.holding_of(gateway.pool, holder_id, expected, None)
    (blob,) = await gateway.blobs.put([raw])
    command = ImportMessage(
        command_id=command_id(request, caller),
        raw=blob,
        holder_id=holder_id,
        folder=folder,
        actor=caller.person.actor,
    )
    try:
        done = await order(gateway, command)
    except Problem as problem:
        await _forget_erased(gateway, blob.digest, problem)
        raise
    source_id = await _source(gateway, holder_id, blob.digest)
    wanted = _Wanted(holder_id, expected, source_id)
    email_id = before or await _wait(gateway, wanted)
    job_id = command_id(request, caller).hex
    outcome = _Outcome(job_id, wanted, email_id, done.position, bool(before))
    return await _imported(gateway, caller, outcome)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An e-mail that ``holder_id`` will have: by its id, or from this source event."""

    holder_id: str
    email_id: str
    source_id: str | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    job_id: str
    wanted: _Wanted
    email_id: str | None
    position: str | None
    was_held: bool


async def _imported(gateway: Gateway, caller: Caller, outcome: _Outcome) -> Response:
    email_id = outcome.email_id
    if email_id is None:
        new = NewJob(
            id=outcome.job_id,
            user_id=caller.person.id,
            kind=IMPORT,
            order=asdict(outcome.wanted),
            total=1,
        )
        return job_answer(await gateway.jobs.add(new), outcome.position)
    status = 200 if outcome.was_held else 201
    if outcome.wanted.holder_id == caller.person.id:
        return await email_answer(gateway, caller, email_id, outcome.position, status)
    return answer({"id": email_id}, status, Facts(outcome.position))


def importing(gateway: Gateway) -> Work:
    """Return the job that is done once the e-mail is there."""

    async def work(running: RunningJob) -> dict[str, str]:
        wanted = _Wanted(**running.job.order)
        email_id = await _held(gateway, wanted)
        if email_id is None and datetime.now(UTC) - running.job.created_at > GIVEN_UP_AFTER:
            raise JobFailed("the message was taken over, but no e-mail has come of it so far")
        if email_id is None:
            raise NotYet(LOOKED_FOR_EVERY_S)
        await running.say(1)
        return {"email_id": email_id}

    return work


async def _held(gateway: Gateway, wanted: _Wanted) -> str | None:
    return await email_views.holding_of(
        gateway.pool, wanted.holder_id, wanted.email_id, wanted.source_id
    )


async def _message(request: Request) -> bytes:
    raw = await request.body()
    if not raw:
        raise Problem(400, "send the raw message as the body")
    return raw


async def _check_holder(gateway: Gateway, caller: Caller, holder_id: str) -> None:
    if not may_import_for(caller.person, holder_id):
        raise NotAllowed("only an administrator hands in mail for others", pointer="?holder")
    if holder_id != caller.person.id and not await users.person_by_id(gateway.pool, holder_id):
        raise Unfit("there is no such user", pointer="?holder")


async def _forget_erased(gateway: Gateway, digest: str, problem: Problem) -> None:
    """Take away the bytes of a message that was refused because it was erased before."""
    is_free = not await blob_references.referred(gateway.pool, [digest])
    if problem.slug == ERASED and is_free:
        await gateway.shelf.erase([digest])


async def _email_id(gateway: Gateway, raw: bytes) -> str:
    """Return the id that the linker gives this message unless another message has it already."""
    try:
        message_id = json.loads(await gateway.reader.parse(raw)).get("message_id")
    except ReadingTookTooLong:
        message_id = None
    if message_id:
        return gateway.identity.email_of(message_id)
    return gateway.identity.email_of_bytes(ref_of(raw).digest)


async def _source(gateway: Gateway, holder_id: str, digest: str) -> str | None:
    """Return the id of the fact that the message was handed in, which the e-mail refers to."""
    subject = subjects.imported_message(holder_id, digest)
    found = (await gateway.store.last([subject])).get(subject)
    return found.id if found else None


async def _wait(gateway: Gateway, wanted: _Wanted) -> str | None:
    """Return the e-mail's id as soon as the holder has it; None after the time limit."""
    try:
        async with asyncio.timeout(VISIBLE_WITHIN_S), aclosing(gateway.changes.listen()) as rings:
            async for _ in rings:
                if found := await _held(gateway, wanted):
                    return found
    except TimeoutError:
        return None
    return None
