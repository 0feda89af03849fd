"""An end to bodies that are too large."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from courrier.gateway.ports import Limits

DRAIN_BYTES = 256 * 1024 * 1024
DRAIN_S = 20.0
"""A client that is still sending hears 'too large' only if somebody listens to the end."""

LARGE = ("/emails/parse", "/emails/thread", "/emails/import", ":upsert", "/imports", "/attachments")


class BodyLimit:
    """Ends a request with 413 whose body is over the limit of its path."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            receive = _bounded(receive, self._limit_of(scope["path"]))
        await self._app(scope, receive, send)

    def _limit_of(self, path: str) -> int:
        is_large = path.endswith(LARGE) or "/attachments/" in path
        return self._limits.message_bytes if is_large else self._limits.body_bytes


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            await _drain(receive, message)
            raise HTTPException(413, f"the body has more than {limit} bytes")
        return message

    return bounded


async def _drain(receive: Receive, message: Message) -> None:
    drained = 0
    try:
        async with asyncio.timeout(DRAIN_S):
            while message.get("more_body") and drained < DRAIN_BYTES:
                message = await receive()
                drained += len(message.get("body", b""))
    except TimeoutError:
        return
