"""Answers: JSON with the log position, the version and the link to the next page as headers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from .log_position import position_text
from .shapes import Page, Shown, partly

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an answer says beside its body: position in the log (``EMAIL:42``) and version.

    An answer that ``is_secret`` is kept nowhere, neither by browsers nor for repeats.
    """

    position: str | None = None
    version: str | None = None
    location: str | None = None
    is_secret: bool = False


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
        "Cache-Control": "no-store" if facts.is_secret else None,
    }
    return {name: value for name, value in found.items() if value}


def to_json(data: object) -> bytes:
    """Return JSON in UTF-8."""
    text = json.dumps(data, ensure_ascii=False, default=_plain, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def version_of(shown: object) -> str:
    """Return an opaque version of what the caller sees: another one whenever that changes."""
    return blake2b(to_json(shown), digest_size=8).hexdigest()


def page_answer(
    request: Request,
    items: Sequence[object],
    cursor: str | None,
    fields: str | None = None,
    *,
    more: Mapping[str, object] | None = None,
) -> Response:
    """Return a page; ``fields`` are the names to choose from each item, comma separated.

    ``more`` stands beside the items.
    """
    chosen = [_choose(item, fields) for item in items]
    response = answer({"items": chosen, "next": cursor, **(more or {})})
    if cursor:
        query = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
        link = f"{request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response


def answers(
    example: object, status: int = 200, *problems: int, shape: Any = None
) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route for OpenAPI: form, example, and the problems it may give.

    ``shape`` is a model of the answer; 401, 422 and 503 need not be named.
    """
    good: dict[str, Any] = {"description": "Done"}
    if shape is not None:
        good["model"] = shape
    if example is not None:
        good["content"] = {JSON: {"example": example}}
    found: dict[int | str, dict[str, Any]] = {status: good}
    return found | {code: PROBLEM for code in problems if code != status}


def listed(
    example: object, shape: type[Shown], *problems: int, choose: bool = False
) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a list of such items; ``choose`` if it has ``fields=``."""
    items: Any = partly(shape) if choose else shape
    return answers({"items": [example], "next": None}, 200, *problems, shape=Page[items])


def file_answers(media_type: str, example: str) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that answers with a page, a file or a stream."""
    media = {"schema": {"type": "string"}, "example": example}
    good = {"description": "Done", "content": {media_type: media}}
    return {200: good, 404: PROBLEM}


PROBLEM: dict[str, Any] = {"description": "Problem"}
"""Completed in the OpenAPI document, the same for all operations."""


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
