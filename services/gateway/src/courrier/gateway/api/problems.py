"""Every error as ``application/problem+json`` (RFC 9457), with a stable type and the request id.

Refusals are mapped to a status here and nowhere else. Nothing of what the client sent is repeated
in an answer: it may be hostile, or a secret.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import Response

from courrier.events.bus import NoAnswer
from courrier.events.envelope import UnreadableHistory
from courrier.events.postgres.projector import TRANSIENT
from courrier.events.store import StoreUnavailable
from courrier.gateway.domain.cursors import BadCursor
from courrier.gateway.domain.duplicates import PossibleDuplicates
from courrier.gateway.domain.positions import BadPosition, OtherLog
from courrier.gateway.domain.record import RecordMerged
from courrier.gateway.domain.refusals import (
    InTheWay,
    NotAllowed,
    NotThere,
    Refusal,
    Unfit,
    VersionChanged,
)
from courrier.gateway.entrance import TooManyTries
from courrier.gateway.handlers.facts import Contended
from courrier.gateway.handlers.log_in import CodeNeeded, WrongCode, WrongLogIn

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

TITLES: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "The request cannot be read"),
    401: ("log-in-needed", "Who are you?"),
    403: ("not-allowed", "You may not do this"),
    404: ("not-found", "There is no such thing, or none that you may see"),
    405: ("method-not-allowed", "This resource does not do that"),
    409: ("conflict", "What stands there contradicts the request"),
    410: ("merged", "Another stands for it now"),
    412: ("version-changed", "Somebody changed it since you read it"),
    413: ("too-large", "The body is too large"),
    414: ("address-too-long", "The address has too many characters"),
    415: ("wrong-content-type", "The body is of a type that is not read here"),
    422: ("unfit-value", "A value cannot be used"),
    429: ("too-many-requests", "Too many requests"),
    500: ("broken", "We made a mistake"),
    503: ("not-now", "A part of the system does not answer; the request may be repeated"),
}
REFUSALS: Sequence[tuple[type[Refusal], int]] = (
    (RecordMerged, 410),
    (NotThere, 404),
    (NotAllowed, 403),
    (InTheWay, 409),
    (VersionChanged, 412),
    (Unfit, 422),
)
NOT_NOW = (StoreUnavailable, NoAnswer, Contended, UnreadableHistory, *TRANSIENT)


@dataclass(eq=False)
class Problem(Exception):
    """An error answer; ``errors`` name the fields at fault by pointer (RFC 6901)."""

    status: int
    detail: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    existing_id: str | None = None
    slug: str | None = None
    candidates: list[dict[str, object]] = field(default_factory=list)
    more: dict[str, object] = field(default_factory=dict)


def problem_answer(request: Request, problem: Problem) -> Response:
    """Return the answer that says what is wrong."""
    slug, title = TITLES.get(problem.status, ("error", "Error"))
    body: dict[str, object] = {
        "type": f"/api/v1/problems/{problem.slug or slug}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail or title,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if problem.errors:
        body["errors"] = problem.errors
    if problem.existing_id:
        body["existing_id"] = problem.existing_id
    if problem.candidates:
        body["candidates"] = problem.candidates
    body |= problem.more
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, problem.status, problem.headers, MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:  # noqa: C901, PLR0911  one an error
    """Return what to answer to an error of ours; anything unknown is our mistake."""
    match error:
        case Problem():
            return error
        case Refusal():
            return _of_refusal(error)
        case RequestValidationError():
            return _of_validation(error)
        case BadCursor() | BadPosition():
            return Problem(400, str(error))
        case OtherLog():
            return Problem(409, str(error), slug="log-restored")
        case WrongLogIn():
            return Problem(401, "wrong login or password", slug="wrong-log-in")
        case CodeNeeded():
            text = "send the same again with the one-time code as code"
            return Problem(401, text, slug="code-needed")
        case WrongCode():
            return Problem(401, "wrong code, or one that was used before", slug="wrong-code")
        case TooManyTries():
            return Problem(429, str(error), headers={"Retry-After": str(int(error.wait_s) + 1)})
        case HTTPException():
            return Problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))
        case _ if isinstance(error, NOT_NOW):
            log.warning("request.postponed", error=repr(error))
            return Problem(503, headers={"Retry-After": str(RETRY_AFTER_S)})
        case _:
            return Problem(500, "the error is logged under the request id")


def install(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""

    async def handle(request: Request, error: Exception) -> Response:
        return problem_answer(request, problem_of(error))

    known = (
        Problem,
        Refusal,
        RequestValidationError,
        HTTPException,
        BadCursor,
        BadPosition,
        OtherLog,
    )
    for kind in (*known, WrongLogIn, CodeNeeded, WrongCode, TooManyTries, *NOT_NOW, Exception):
        app.add_exception_handler(kind, handle)


def _of_refusal(refusal: Refusal) -> Problem:
    if isinstance(refusal, PossibleDuplicates):
        found = [asdict(candidate) for candidate in refusal.candidates]
        return Problem(409, refusal.text, slug="possible-duplicates", candidates=found)
    status = next((status for kind, status in REFUSALS if isinstance(refusal, kind)), 409)
    errors = [{"pointer": refusal.pointer, "detail": refusal.text}] if refusal.pointer else []
    return Problem(status, refusal.text, errors, existing_id=refusal.existing_id)


def _of_validation(error: RequestValidationError) -> Problem:
    found = error.errors()
    if any(each["loc"] and each["loc"][0] == "path" for each in found):
        return Problem(404)
    if any(each["type"] == "json_invalid" for each in found):
        return Problem(400, "the body is no JSON")
    errors = [{"pointer": _pointer(each["loc"]), "detail": _words(each)} for each in found]
    return Problem(422, errors[0]["detail"] if errors else "", errors[:100])


def fault_of(error: ErrorDetails) -> tuple[str | None, str]:
    """Return where in a JSON text a fault is, and what is wrong there; None for all of it."""
    return _pointer(("body", *error["loc"])) or None, _words(error)


def _pointer(location: Sequence[int | str]) -> str:
    """Return where the fault is: in the body by JSON pointer, else ``?name`` or the header."""
    place, *path = location
    escaped = [_scrubbed(str(part)).replace("~", "~0").replace("/", "~1") for part in path]
    if place == "body":
        return "".join(f"/{part}" for part in escaped)
    return f"{'?' if place == 'query' else ''}{'/'.join(escaped)}"


PLAIN_WORDS: Mapping[str, str] = {
    "missing": "this is needed",
    "extra_forbidden": "there is no such field here",
    "tuple_type": "give a list",
    "list_type": "give a list",
    "dict_type": "give an object",
    "model_attributes_type": "give an object",
    "model_type": "give an object",
    "string_type": "give a text",
    "bool_type": "give true or false",
    "bool_parsing": "give true or false",
    "int_type": "give a whole number",
    "int_parsing": "give a whole number",
    "string_pattern_mismatch": "this is not written as it has to be",
}
"""What the validator says of Python, said of JSON, by its kind of fault."""


def _words(error: Mapping[str, Any]) -> str:
    plain = PLAIN_WORDS.get(str(error.get("type")))
    return plain or _scrubbed(str(error["msg"]).removeprefix("Value error, "))


def _scrubbed(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:300]
