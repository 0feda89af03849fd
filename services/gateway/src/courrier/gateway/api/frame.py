"""Around every request: its ids, the epoch of the log, safe headers, and one line in the log.

A W3C ``traceparent`` is taken over, so that the lines of a request can be found by the caller's own
trace; the request's id is in its answer, its problem, its log lines, and in the correlation of the
events it causes. Paths are logged, queries and bodies are not: they hold words and addresses.
"""

import re
import time
from collections.abc import Iterable
from uuid import uuid4

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from courrier.gateway.ports import Gateway

from .log_position import EPOCH
from .problems import Problem, problem_answer
from .quota import Left

LONGEST_TARGET = 8 * 1024
"""Bytes of path and query; a cursor, a few filters and a search fit many times over."""
QUIET = ("/healthz", "/readyz")
SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
SAFE_FOR_DATA: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"private, no-cache"),
)
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")

_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

log = structlog.get_logger(__name__)


class Frame:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        EPOCH.set(self._gateway.epoch.number)
        trace_id = _trace_of(scope) or request_id
        status = 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._headers(scope, message["headers"], request_id)
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id, trace_id=trace_id):
            try:
                await self._answer(scope, receive, send_framed)
            finally:
                _note(scope, status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_TARGET:
            problem = Problem(414, f"path and query have more than {LONGEST_TARGET} bytes")
            await problem_answer(Request(scope), problem)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _headers(
        self, scope: Scope, given: Iterable[tuple[bytes, bytes]], request_id: str
    ) -> list[tuple[bytes, bytes]]:
        """Return an answer's headers completed; what a route says itself stands."""
        left: Left | None = scope["state"].get("quota_left")
        headers = [
            *given,
            (b"x-request-id", request_id.encode()),
            *(left.headers() if left else ()),
        ]
        known = {name for name, _ in headers}
        further = [*SAFE, *(SAFE_FOR_DATA if scope["path"].startswith("/api/") else ())]
        if self._gateway.secure_cookies:
            further.append(HTTPS_ONLY)
        return headers + [each for each in further if each[0] not in known]


def _trace_of(scope: Scope) -> str | None:
    given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
    match = _TRACEPARENT.match(given)
    return match[1].decode() if match else None


def _note(scope: Scope, status: int, seconds: float) -> None:
    if scope["path"] in QUIET:
        return
    state = scope["state"]
    caller = state.get("caller")
    command = state.get("command_id")
    log.info(
        "request.answered",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        person=caller.person.id if caller else None,
        **({"command": str(command)} if command else {}),
    )
