"""One request, safely repeated: the same key makes a repeat the same request.

Repeated are a lost connection, 503, 429, and 409 while the first try still runs; what was written
is read back, because each read names the positions that this client's writes were answered with.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from .problems import ApiProblem, Unreachable, problem_in

TIMEOUT_S = 60.0
TRIES = 5
KEYED = ("POST", "PATCH")
LONGEST_PAUSE_S = 10.0
AGAIN = ("still-running", "not-now", "too-many-requests")
_POSITION = re.compile(r"(\d+)\.([A-Z]+):(\d+)\Z")


@dataclass(slots=True)
class Positions:
    """The furthest position of each stream that a write was answered with."""

    furthest: dict[str, tuple[int, int]] = field(default_factory=dict)

    def saw(self, text: str | None) -> None:
        """Remember the position in an answer."""
        match = _POSITION.match(text or "")
        if match:
            epoch, stream, sequence = int(match[1]), match[2], int(match[3])
            known = self.furthest.get(stream, (0, 0))
            self.furthest[stream] = max(known, (epoch, sequence))

    def header(self) -> dict[str, str]:
        """Return the header that makes a read wait for what was written."""
        found = [f"{epoch}.{stream}:{seq}" for stream, (epoch, seq) in self.furthest.items()]
        return {"Courrier-After": ",".join(found)} if found else {}


class Requests:
    """Requests under one address with one token."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            transport=transport,
        )
        self._pause = pause
        self.positions = Positions()

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        """Return a good answer; ``content`` is what httpx takes: json, content, params.

        Raises:
            ApiProblem: the API declines, or cannot now and could not a few times.
            Unreachable: there is no connection, several times.
        """
        given = dict(headers or {})
        if method in KEYED:
            given.setdefault("Idempotency-Key", uuid4().hex)
        for attempt in range(1, TRIES + 1):
            response = self._try(method, path, given, content, is_last=attempt == TRIES)
            if response is not None:
                if response.is_success:
                    self.positions.saw(response.headers.get("courrier-position"))
                    return response
                problem = problem_in(response)
                if attempt > 1 and method == "DELETE" and problem.status == 404:
                    return response
                if attempt == TRIES or not self._is_worth_another(problem):
                    raise problem
            self._pause(_seconds(response, attempt))
        raise AssertionError("the last try returns or raises")

    def _try(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: Mapping[str, Any],
        *,
        is_last: bool,
    ) -> httpx.Response | None:
        after = self.positions.header() if method == "GET" else {}
        try:
            return self.http.request(method, path, headers={**after, **headers}, **content)
        except httpx.TransportError as error:
            if is_last:
                raise Unreachable(f"{self.http.base_url} does not answer: {error}") from error
            return None

    def _is_worth_another(self, problem: ApiProblem) -> bool:
        if problem.slug == "log-restored":
            self.positions.furthest.clear()
            return True
        return problem.status == 503 or problem.slug in AGAIN


def _seconds(response: httpx.Response | None, attempt: int) -> float:
    """Return how long to pause: what the answer says, else twice as long each time."""
    said = response.headers.get("retry-after", "") if response is not None else ""
    wanted = float(said) if said.isdigit() else 0.1 * 2**attempt
    return min(wanted, LONGEST_PAUSE_S)
