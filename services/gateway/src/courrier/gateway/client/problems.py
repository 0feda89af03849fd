"""What can go wrong when the API is asked, as exceptions."""

from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(eq=False)
class ApiProblem(Exception):
    """The API declined (RFC 9457); ``type`` is stable, ``errors`` name the fields at fault."""

    status: int
    type: str
    title: str
    detail: str
    request_id: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    existing_id: str | None = None

    def __str__(self) -> str:
        """Return what happened, the fields at fault, and where to look for more."""
        fields = "".join(f"; {each.get('pointer')}: {each.get('detail')}" for each in self.errors)
        said = "" if self.errors and self.errors[0].get("detail") == self.detail else self.detail
        text = f"{said}{fields}".removeprefix("; ") or self.title
        return f"{text} (request {self.request_id})" if self.status >= 500 else text

    @property
    def slug(self) -> str:
        """The last part of the type, as ``not-found``."""
        return self.type.rpartition("/")[2]


class Unreachable(ConnectionError):
    """Nobody answers under this address, or the connection broke again and again."""


def problem_in(response: httpx.Response) -> ApiProblem:
    """Return the problem that an answer tells; one from a proxy or the like tells less."""
    try:
        told = response.json()
    except ValueError:
        told = {}
    told = told if isinstance(told, dict) else {}
    return ApiProblem(
        status=response.status_code,
        type=str(told.get("type", "about:blank")),
        title=str(told.get("title", response.reason_phrase)),
        detail=str(told.get("detail", "")),
        request_id=str(told.get("request_id", response.headers.get("x-request-id", ""))),
        errors=told.get("errors") or [],
        existing_id=told.get("existing_id"),
    )
