"""Requests to the gateway of this machine: small, cancellable, without another dependency.

HTTP/1.0, so that the answer ends where the connection does and is never chunked (RFC 9112).
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from .ports import HOST

REQUEST_TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` 0 means that there was no answer that could be read."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    def as_object(self) -> dict[str, JsonValue]:
        """Return the JSON object in it; empty where there is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


async def request(
    port: int, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b""
) -> Answer:
    """Send a request to this port of loopback and return the answer.

    Raises:
        OSError: the connection was refused or broke.
        TimeoutError: no whole answer within ``REQUEST_TIMEOUT_S``.
    """
    fields = {**headers, "Host": HOST, "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.0", *(f"{name}: {value}" for name, value in fields.items())]
    async with asyncio.timeout(REQUEST_TIMEOUT_S):
        reader, writer = await asyncio.open_connection(HOST, port, limit=MAX_ANSWER_BYTES)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            return _parsed(await _all(reader))
        finally:
            writer.close()


async def _all(reader: asyncio.StreamReader) -> bytes:
    """Read to the end, or as much as any answer of ours can have."""
    read = b""
    while len(read) < MAX_ANSWER_BYTES and (chunk := await reader.read(MAX_ANSWER_BYTES)):
        read += chunk
    return read


def _parsed(text: bytes) -> Answer:
    head, _, body = text.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    return Answer(status, body)
