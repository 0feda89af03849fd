"""Methods that routes do not name: HEAD as GET without its body, OPTIONS, and an honest ``Allow``.

RFC 9110: HEAD is served wherever GET is (9.3.2), and ``Allow`` names every method of the resource
(10.2.1), though here each method is a route of its own.
"""

import re
from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Problem, problem_answer

ENDLESS = ("/events", "/stream")
"""A stream has no end, hence no head that could be told from it."""
_PARAMETER = re.compile(r"\{[^}]*\}")


class Methods:
    """Answers OPTIONS, serves HEAD, and completes ``Allow`` for the routes of these routers."""

    def __init__(self, app: ASGIApp, routers: Sequence[APIRouter], base: str) -> None:
        self._app = app
        self._base = base
        self._routes: list[tuple[re.Pattern[str], int, set[str]]] = [
            (route.path_regex, len(_PARAMETER.sub("", route.path)), set(route.methods or ()))
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute)
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and (allowed := self._allowed(scope["path"])):
            await _answer_options(allowed, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].endswith(ENDLESS):
            scope = {**scope, "method": "GET"}
        if ":" in scope["path"] and not self._does(scope["method"], scope["path"]):
            refusal = Problem(405, headers={"Allow": self._allowed(scope["path"]).decode()})
            await problem_answer(Request(scope), refusal)(scope, receive, send)
            return

        async def send_with_allow(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                message["headers"] = self._corrected(message["headers"], scope["path"])
            await send(message)

        await self._app(scope, receive, send_with_allow)

    def _does(self, method: str, path: str) -> bool:
        """Tell whether an action does this; PATCH of ``/emails/x:reply`` would match another."""
        allowed = self._allowed(path)
        return not allowed or method in allowed.decode().split(", ")

    def _corrected(
        self, headers: list[tuple[bytes, bytes]], path: str
    ) -> list[tuple[bytes, bytes]]:
        allowed = self._allowed(path)
        if not allowed:
            return headers
        return [*((k, v) for k, v in headers if k != b"allow"), (b"allow", allowed)]

    def _allowed(self, path: str) -> bytes:
        """Return the methods of the resource; nothing if there is none.

        ``/emails/x:reply`` would also match ``/emails/{id}``: who says more of the path is meant.
        """
        inner = path.removeprefix(self._base)
        matching = [(said, methods) for form, said, methods in self._routes if form.match(inner)]
        most = max((said for said, _ in matching), default=0)
        found = {method for said, methods in matching if said == most for method in methods}
        if "GET" in found and not path.endswith(ENDLESS):
            found.add("HEAD")
        return ", ".join(sorted({*found, "OPTIONS"})).encode() if found else b""


async def _answer_options(allowed: bytes, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", allowed)]})
    await send({"type": "http.response.body", "body": b""})
