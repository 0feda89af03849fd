"""uuencoded files (POSIX `uuencode`): as a transfer encoding, or within the text of old mail."""

import binascii
import re
from typing import NamedTuple

_BEGIN = re.compile(rb"(?:\A|(?<=\n))begin(?:-base64)? [0-7]{3,4} +([^\r\n]{1,300}?)[ \t]*\r?\n")
_END = re.compile(rb"(?<=\n)(?:end|====)[ \t]*\r?(?:\n|\Z)")
_MAX_FILES = 200


class UuencodedFile(NamedTuple):
    """A file within text: its name as written, its bytes, and where it stood."""

    name: bytes
    content: bytes
    start: int
    end: int


def find_uuencoded(content: bytes) -> list[UuencodedFile]:
    """The uuencoded files within the bytes of a text; one that does not decode is no file."""
    found: list[UuencodedFile] = []
    position, has_end = 0, True
    while len(found) < _MAX_FILES:
        begin = _BEGIN.search(content, position)
        if begin is None:
            break
        position = begin.end()
        is_base64 = begin.group().startswith(b"begin-")
        if not is_base64 and not _is_line(_line(content, position)):
            continue
        # Where one search found no end, a later one need not try.
        end = _END.search(content, position) if has_end else None
        has_end = end is not None
        if is_base64 and end is None:
            continue
        stop = end.start() if end is not None else _end_of_lines(content, position)
        decoded = _decode(content[position:stop], is_base64=is_base64)
        position = end.end() if end is not None else stop
        if decoded:
            found.append(UuencodedFile(begin.group(1), decoded, begin.start(), position))
    return found


def decode_uuencode(content: bytes) -> bytes:
    """The bytes of the first uuencoded file in the content; lines that are none are skipped."""
    begin = _BEGIN.search(content)
    start = begin.end() if begin is not None else 0
    end = _END.search(content, start)
    stop = end.start() if end is not None else len(content)
    is_base64 = begin is not None and begin.group().startswith(b"begin-")
    return _decode(content[start:stop], is_base64=is_base64)


def _line(content: bytes, start: int) -> bytes:
    return content[start : start + 100].partition(b"\n")[0].rstrip(b"\r")


def _end_of_lines(content: bytes, start: int) -> int:
    """Where the lines that have the length they tell end, for a file that was cut off."""
    while start < len(content):
        line_end = content.find(b"\n", start)
        line_end = len(content) if line_end < 0 else line_end
        line = content[start:line_end].rstrip(b"\r")
        if not _is_line(line):
            break
        start = line_end + 1
    return min(start, len(content))


def _is_line(line: bytes) -> bool:
    if not line or not 32 < line[0] <= 96:
        return False
    told = (((line[0] - 32) & 63) + 2) // 3 * 4
    return told - 3 <= len(line) - 1 <= told + 3


def _decode(lines: bytes, *, is_base64: bool) -> bytes:
    if not is_base64:
        return b"".join(_decode_line(line.rstrip(b"\r")) for line in lines.split(b"\n"))
    try:
        return binascii.a2b_base64(lines)
    except binascii.Error:
        return b""


def _decode_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders pad lines with rubbish: the first byte says how much of it counts.
        length = (((line[0] - 32) & 63) + 2) // 3 * 4
        return _decode_prefix(line[: length + 1])


def _decode_prefix(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
