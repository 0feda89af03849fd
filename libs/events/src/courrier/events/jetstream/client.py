"""The NATS client, with headers read and written fast enough to keep up with the log.

It also hears every cancellation: nats-py waits with ``asyncio.wait_for``, which on Python 3.11
forgets one that comes in the very turn of the loop in which the answer does (cpython#86296).

nats-py 2.16 checks every character of every header name in Python, which takes 60 % of the time
of reading events with our fifteen headers (profiled: 45 of 75 µs), and writes them one by one,
which takes 25 of 50 µs a publish. Ours reads and writes the same bytes; contract tests compare.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from nats.aio import client as library
from nats.aio.client import DEFAULT_FLUSH_TIMEOUT, Client
from nats.aio.msg import Msg
from nats.protocol.command import hpub_cmd
from typing_extensions import override

_FIELD = re.compile(r"^([A-Za-z0-9_.-]+):[ \t]*([^\r\n]*)\r\n", re.MULTILINE)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNUSUAL = (" \r", "\t\r", "\x0b", "\x0c")
"""White space that the library strips and ``_FIELD`` does not."""

# Where fast-mail-parser is installed, the library hands it the headers, and each becomes a list.
library.parse_email = None  # type: ignore[attr-defined, assignment]  # optional there


class EventClient(Client):
    """``nats.aio.client.Client`` for streams of events."""

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        """Return the headers of a message; anything unusual goes the library's own way."""
        text = raw.decode("utf-8", "replace")
        fields = _FIELD.findall(text)
        all_read = text.endswith("\r\n\r\n") and len(fields) + 1 == text.count("\n")
        if all_read and not any(space in text for space in _UNUSUAL):
            return dict(fields)
        return Client._parse_header_lines(raw)  # noqa: SLF001  the method that this one replaces

    @override
    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,
        old_style: bool = False,
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        """Ask and wait for the answer, or for the caller's own end."""
        asked = _cancellations()
        answer = await super().request(subject, payload, timeout, old_style, headers)
        if _cancellations() > asked:
            raise asyncio.CancelledError
        return answer

    @override
    async def flush(
        self,
        timeout: int = DEFAULT_FLUSH_TIMEOUT,
    ) -> None:
        """Wait until the server has all that was sent, or for the caller's own end."""
        asked = _cancellations()
        await super().flush(timeout)
        if _cancellations() > asked:
            raise asyncio.CancelledError

    async def _send_publish(
        self,
        subject: str,
        reply: str,
        payload: bytes,
        payload_size: int,
        headers: dict[str, str] | None,
    ) -> None:
        """Send a message; without headers, or with unusual ones, the library's own way."""
        block = header_block(headers) if headers and subject else None
        if block is None:
            await super()._send_publish(subject, reply, payload, payload_size, headers)
            return
        self.stats["out_msgs"] += 1
        self.stats["out_bytes"] += payload_size
        await self._send_command(hpub_cmd(subject, reply, block, payload))
        if self._flush_queue is not None and self._flush_queue.empty():
            await self._flush_pending()


def _cancellations() -> int:
    """Return how often the running task was asked to end (a count that never falls on its own)."""
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def header_block(headers: Mapping[str, str]) -> bytes | None:
    """Return headers as they go over the wire; None where the library would change or refuse one.

    A value cannot smuggle in a line: one with a line end, or blanks around it, is not ours to send.
    """
    text = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    count = len(headers)
    tidy = all(value.strip() == value for value in headers.values())
    one_line_each = text.count("\n") == count and text.count("\r") == count
    if tidy and one_line_each and all(map(_is_name, headers)):
        return f"NATS/1.0\r\n{text}\r\n".encode()
    return None


@lru_cache(maxsize=256)
def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
