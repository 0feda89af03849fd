"""A header block, cut into fields (RFC 5322 section 2.2) without decoding any of them.

Damaged blocks are read as far as a person would: mbox `From ` lines, lines that are no field in
the midst of fields, bare CR or LF, and a body that begins without an empty line.
"""

import re
from typing import NamedTuple

from courrier.mail.limits import MAX_FIELD_BYTES, MAX_FIELDS

Fields = dict[bytes, list[bytes]]
"""Lower-case names; the values of each in the order of the block, unfolded, undecoded."""

_EMPTY_LINE = re.compile(rb"\n\r*\n")
_BARE_CR = re.compile(rb"\r+\n?")
_FOLD = re.compile(rb"\n(?=[ \t])")
_FIELD_START = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_LEADING_EMPTY_LINES = re.compile(rb"[ \t\r\n]*\n(?=[!-9;-~]{1,200}[ \t]*:)")


class HeaderBlock(NamedTuple):
    """The fields of one entity, where its body begins in the raw bytes, and what was odd."""

    fields: Fields
    body_start: int
    damage: str | None


def read_header(raw: bytes, start: int, end: int) -> HeaderBlock:
    """Cut the header block of the entity that lies in `raw[start:end]`."""
    leading = _LEADING_EMPTY_LINES.match(raw, start, end)
    if leading is not None:
        start = leading.end()
    elif raw[start : start + 2] in _AT_ONCE_EMPTY or raw[start : start + 1] == b"\n":
        return HeaderBlock({}, raw.index(b"\n", start) + 1, None)
    empty = _EMPTY_LINE.search(raw, start, end)
    block_end, body_start = (end, end) if empty is None else empty.span()
    fields, stray, damage = _split(_unfold(raw[start:block_end]))
    if stray is not None:
        found = raw.find(b"\n" + stray[:_STRAY_BYTES], start, block_end)
        body_start = found + 1 if found >= 0 else body_start
    return HeaderBlock(fields, body_start, damage)


_STRAY_BYTES = 40
_AT_ONCE_EMPTY = {b"\r\n"}


def first(fields: Fields, name: bytes) -> bytes | None:
    """The first value of a field; some senders write a field twice, most readers take the first."""
    values = fields.get(name)
    return values[0] if values else None


def _split(block: bytes) -> tuple[Fields, bytes | None, str | None]:
    """The fields, the line with which the body begins for want of an empty line, the damage."""
    fields: Fields = {}
    damage = None
    lines = block.split(b"\n", MAX_FIELDS)
    for index, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        name = name.rstrip()
        if not colon or not name or b" " in name or b"\t" in name:
            if index == 0 or not line:
                continue
            damage = "a line of the header is not a field"
            if _is_body_start(lines, index):
                return fields, line, damage
            continue
        if len(value) > MAX_FIELD_BYTES:
            value, damage = value[:MAX_FIELD_BYTES], "a header field is too long"
        fields.setdefault(name.lower(), []).append(value.strip())
    return fields, None, "too many header fields" if len(lines) > MAX_FIELDS else damage


def _unfold(block: bytes) -> bytes:
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            block = _BARE_CR.sub(b"\n", block)
    if b"\n " in block or b"\n\t" in block:
        block = _FOLD.sub(b"", block)
    return block


def _is_body_start(lines: list[bytes], index: int) -> bool:
    """A line that is no field begins the body, unless another field follows at once."""
    following = lines[index + 1] if index + 1 < len(lines) else b""
    return _FIELD_START.match(following) is None
