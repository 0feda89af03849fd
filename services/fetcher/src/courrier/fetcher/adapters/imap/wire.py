"""Bytes from an IMAP server become responses, in time linear in their number.

A response is one line and the literals within it (RFC 9051 section 2.2.2): ``parts`` alternate
between text and literal and begin and end with text. This reader takes the place of aioimaplib's,
which calls itself once a line, searches all earlier lines after each literal and deletes ``* ``
wherever it stands.
"""

import re
from dataclasses import dataclass

from courrier.events.blobs import BLOB_LIMIT

LINE_LIMIT = 16 * 1024 * 1024
"""Bytes of one line: a SEARCH answer of 1.5 million UIDs."""
LITERAL_LIMIT = BLOB_LIMIT + 1024 * 1024

_LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\}\Z")
_FREE_TEXT = re.compile(rb"(?:\*|[A-Za-z0-9]+) (?:OK|NO|BAD|BYE|PREAUTH)\b|\+", re.IGNORECASE)


class Hostile(Exception):
    """The server sends what no server should: lines or literals without measure."""


@dataclass(frozen=True, slots=True)
class Response:
    """``parts``: text, literal, text, …, text. Line ends and literal counts are left out."""

    parts: tuple[bytes, ...]

    @property
    def head(self) -> bytes:
        """The text before the first literal."""
        return self.parts[0]

    @property
    def size(self) -> int:
        """Bytes held by this response."""
        return sum(len(part) for part in self.parts)


class ResponseReader:
    """Feed it what arrives; get whole responses."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._parts: list[bytes] = []
        self._literal: list[bytes] = []
        self._missing = 0

    @property
    def is_between_responses(self) -> bool:
        """Whether nothing of a response has arrived yet."""
        return not (self._line or self._parts or self._missing)

    def feed(self, data: bytes) -> list[Response]:
        """Return the responses that are complete now.

        Raises:
            Hostile: a line or a literal is over its limit.
        """
        done: list[Response] = []
        position, end = 0, len(data)
        while position < end:
            if self._missing:
                position = self._take_literal(data, position)
                continue
            stop = data.find(b"\n", position)
            self._line += data[position : stop + 1] if stop >= 0 else data[position:]
            if len(self._line) > LINE_LIMIT:
                raise Hostile(f"a line of over {LINE_LIMIT} bytes")
            if stop < 0:
                break
            position = stop + 1
            if response := self._end_line():
                done.append(response)
        return done

    def _take_literal(self, data: bytes, position: int) -> int:
        piece = data[position : position + self._missing]
        self._literal.append(piece)
        self._missing -= len(piece)
        if not self._missing:
            self._parts.append(b"".join(self._literal))
            self._literal = []
        return position + len(piece)

    def _end_line(self) -> Response | None:
        text = bytes(self._line).rstrip(b"\r\n")
        self._line.clear()
        if text.endswith(b"}") and self._begin_literal(text):
            return None
        if not text and not self._parts:
            return None  # an empty line means nothing
        response = Response((*self._parts, text))
        self._parts = []
        return response

    def _begin_literal(self, text: bytes) -> bool:
        """Note the text and the literal that follows; free text for people has no literals."""
        announced = _LITERAL.search(text)
        if announced is None or (not self._parts and _FREE_TEXT.match(text)):
            return False
        size = int(announced[1])
        if size > LITERAL_LIMIT:
            raise Hostile(f"a literal of {size} bytes")
        self._parts.append(text[: announced.start()])
        if size:
            self._missing = size
        else:
            self._parts.append(b"")
        return True
