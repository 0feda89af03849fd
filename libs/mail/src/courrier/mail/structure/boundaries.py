"""Where the parts of a multipart lie, by its delimiter lines (RFC 2046 section 5.1.1)."""

import re
from typing import NamedTuple

from courrier.mail.limits import MAX_PARTS

_GUESSED = re.compile(
    rb"(?:\A|[\r\n])--([^\r\n]{1,200}?)[ \t]{0,20}\r?\n(?=content-|\r?\n)", re.IGNORECASE
)
_TAIL_BYTES = 80
_MAX_TAILS = 20


class Span(NamedTuple):
    """One part in the raw bytes; `closes` if the delimiter behind it is the closing one."""

    start: int
    end: int
    closes: bool = False


def guessed_boundary(raw: bytes, start: int, end: int) -> bytes | None:
    """What looks like a boundary: a line of two dashes and more before a header or none."""
    # From the line break in front of the body, as a delimiter begins its line.
    found = _GUESSED.search(raw, max(start - 1, 0), end)
    return found.group(1) if found is not None else None


def cut_at(raw: bytes, boundary: bytes, *, start: int, end: int) -> list[Span]:
    """The parts between the delimiter lines, the last one up to the end if it is not closed.

    What stands between a closing delimiter and a further delimiter is left out.
    """
    delimiter = b"--" + boundary
    line_start = b"\n" + delimiter
    spans: list[Span] = []
    opened = -1
    kinds: dict[bytes, bool | None] = {b"": False, b"--": True}
    starts = raw.startswith(delimiter, start, end)
    found = start - 1 if starts else raw.find(line_start, start, end)
    while (found >= 0 or starts) and len(spans) <= MAX_PARTS:
        at, starts = found + 1, False
        after = at + len(delimiter)
        line_end = raw.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        tail = raw[after : min(line_end, after + _TAIL_BYTES)].strip()
        if tail not in kinds:
            kinds[tail] = _kind(raw, boundary, tail) if len(kinds) < _MAX_TAILS else None
        kind = kinds[tail]
        if kind is not None:
            if opened >= 0:
                spans.append(Span(opened, _before_line_break(raw, opened, at), kind))
            opened = -1 if kind else line_end + 1
        found = raw.find(line_start, after, end)
    if 0 <= opened < end:
        spans.append(Span(opened, end))
    return spans


def _kind(raw: bytes, boundary: bytes, tail: bytes) -> bool | None:
    """Whether the line closes, or `None` if it is the delimiter of another, longer boundary."""
    if not tail.startswith(b"--"):
        return None
    # Text behind the closing dashes; unless the whole line is a boundary that the message names.
    other = boundary + tail.removesuffix(b"--")
    named = b'"' + other in raw or b"=" + other in raw
    return None if named else True


def _before_line_break(raw: bytes, start: int, at: int) -> int:
    """The line break before a delimiter belongs to the delimiter."""
    if at > start and raw[at - 1] == 0x0A:
        at -= 1
    if at > start and raw[at - 1] == 0x0D:
        at -= 1
    return at
