"""Which messages belong together, told of headers that a program brings; nothing is stored."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from courrier.gateway.ports import ReadingTookTooLong

from .answers import answer, answers
from .caller import CallerDep, GatewayDep
from .problems import Problem
from .routing import CourrierRoute
from .shapes import Shown

router = APIRouter(route_class=CourrierRoute)

ANSWER = {"threads": [["1", "2"], ["3"]]}
_TEXT = {"type": ["string", "null"]}
_SENDER = {
    "type": ["object", "null"],
    "properties": {"name": _TEXT, "address": {"type": "string"}},
}
_MESSAGE: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "message_id": _TEXT,
        "in_reply_to": _TEXT,
        "references": {"type": ["array", "null"], "items": {"type": "string"}},
        "subject": _TEXT,
        "date": _TEXT,
        "from": _SENDER,
    },
}
_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["messages"],
    "properties": {"messages": {"type": "array", "items": _MESSAGE, "maxItems": 100_000}},
}
_EXAMPLE = {
    "messages": [
        {"id": "1", "message_id": "q1@example.org", "subject": "Question"},
        {"id": "2", "in_reply_to": "q1@example.org", "subject": "Re: Question"},
        {"id": "3", "message_id": "n7@example.org", "subject": "Another matter"},
    ]
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _REQUEST, "example": _EXAMPLE}},
    }
}


class ThreadsShown(Shown):
    """The ids of the messages, by thread."""

    threads: list[list[str]]


@router.post(
    "/emails/thread",
    tags=["e-mails"],
    openapi_extra=BODY,
    responses=answers(ANSWER, 200, 413, 415, shape=ThreadsShown),
)
async def thread_messages(request: Request, gateway: GatewayDep, _: CallerDep) -> Response:
    """Tell which messages belong together: every id once, as ``docs/linking.md`` says."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(415, "send the body as application/json")
    try:
        return answer({"threads": await gateway.reader.threads(await request.body())})
    except ReadingTookTooLong:
        raise Problem(503, "so many messages take too long now; send fewer at once") from None
