"""Answers: JSON with the log position, the version and the link to the next page as headers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from courrier.gateway.domain.positions import position_text

JSON = "application/json"
PROBLEM_EXAMPLE = {
    "type": "/api/v1/problems/not-found",
    "title": "There is no such thing, or none that you may see",
    "status": 404,
    "detail": "there is no such record",
    "request_id": "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an answer says beside its body: position in the log (``EMAIL:42``) and version."""

    position: str | None = None
    version: str | None = None
    location: str | None = None


def answer(data: object, status: int = 200, facts: Facts | None = None) -> Response:
    """Return data as JSON; times in UTC with ``Z``."""
    return Response(to_json(data), status, headers_of(facts or Facts()), JSON)


def nothing(position: str | None = None) -> Response:
    """Return 204 with the position."""
    return Response(status_code=204, headers=headers_of(Facts(position)))


def headers_of(facts: Facts) -> dict[str, str]:
    """Return these facts as headers."""
    found = {
        "Courrier-Position": position_text(facts.position),
        "ETag": f'"{facts.version}"' if facts.version else None,
        "Location": facts.location,
    }
    return {name: value for name, value in found.items() if value}


def to_json(data: object) -> bytes:
    """Return JSON in UTF-8."""
    text = json.dumps(data, ensure_ascii=False, default=_plain, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def page_answer(
    request: Request, items: Sequence[object], cursor: str | None, fields: str | None = None
) -> Response:
    """Return a page; ``fields`` are the names to choose from each item, comma separated."""
    chosen = [_choose(item, fields) for item in items]
    response = answer({"items": chosen, "next": cursor})
    if cursor:
        query = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
        link = f"{request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response


def answers(example: object, status: int = 200, *problems: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route for OpenAPI: an example and the problems it may give."""
    good: dict[str, Any] = {"description": "Done"}
    if example is not None:
        good["content"] = {JSON: {"example": example}}
    found: dict[int | str, dict[str, Any]] = {status: good}
    return found | {code: _problem(code) for code in (401, 503, *problems) if code != status}


def _problem(status: int) -> dict[str, Any]:
    example = PROBLEM_EXAMPLE | {"status": status}
    return {
        "description": "Problem (RFC 9457)",
        "content": {"application/problem+json": {"example": example}},
    }


def _choose(item: object, fields: str | None) -> object:
    if not fields or not isinstance(item, Mapping):
        return item
    wanted = {name.strip() for name in fields.split(",")} | {"id"}
    return {name: value for name, value in item.items() if name in wanted}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
