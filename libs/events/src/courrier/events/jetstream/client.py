"""The NATS client, with a header parser that keeps up with the log.

nats-py 2.16 checks every character of every header name in Python, which takes 60 % of the time
of reading events with our fifteen headers (profiled: 45 of 75 µs). Ours reads the same bytes to
the same result; a contract test compares the two.
"""

import re

from nats.aio.client import Client

_FIELD = re.compile(r"^([A-Za-z0-9_.-]+):[ \t]*([^\r\n]*)\r\n", re.MULTILINE)
_UNUSUAL = (" \r", "\t\r", "\x0b", "\x0c")
"""White space that the library strips and ``_FIELD`` does not."""


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
