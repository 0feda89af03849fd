"""A header block, cut into fields (RFC 5322 section 2.2) without decoding any of them.

Damaged blocks are read as far as a person would: mbox `From ` lines, lines that are no field in
the midst of fields, bare CR or LF, NULs, and a body that begins without an empty line.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from courrier.mail.charsets.decoding import decode
from courrier.mail.charsets.labels import codec_for
from courrier.mail.limits import MAX_FIELD_BYTES, MAX_FIELDS

Fields = dict[bytes, list[bytes]]
"""Lower-case names; the values of each in the order of the block, unfolded, undecoded."""

_EMPTY_LINE = re.compile(rb"\n\r*\n")
_BARE_CR = re.compile(rb"\r+\n?")
# A field; or a line that is none, without a name. A colon that two strokes follow belongs to an
# address of the web, with which a body may begin.
_FIELD = re.compile(rb"([!-9;-~]{1,40}+)[ \t]*+:(?!//)(.*+)\n|.*+\n")
# Bytes within bytes are looked for by `find` or as numbers here and wherever it is done for each
# message: CPython makes and drops an exception for each `b"x" in b"..."`.
_CR, _NUL = 0x0D, 0x00
_END_OF_CLEAN = re.compile(rb"\n\r?\n")
_FIELD_START = re.compile(rb"[!-9;-~]{1,200}[ \t]*:(?!//)")
_LEADING_EMPTY_LINES = re.compile(rb"[ \t\r\n]*\n(?=[!-9;-~]{1,200}[ \t]*:)")
_LEADING_EMPTY_LINES_OF_PART = re.compile(
    rb"[ \t\r\n]*\n(?=content-[a-z]{2,40}[ \t]*:)", re.IGNORECASE
)
_UTF8_MARK = b"\xef\xbb\xbf"
_MBOX_LINES = (b"From ", b">From ")
_STRAY_BYTES = 40
_BLANK_START = {b" ", b"\t", b"\r", b"\n"}
_GUESSED_BYTES = 4_096


_cached_field_name = lru_cache(maxsize=1024)(bytes.lower)


class HeaderBlock(NamedTuple):
    """The fields of one entity, where its body begins in the raw bytes, and what was odd."""

    fields: Fields
    body_start: int
    damage: str | None
    is_ascii: bool


def read_header(raw: bytes, start: int, end: int, *, is_part: bool = False) -> HeaderBlock:
    """Cut the header block of the entity that lies in `raw[start:end]`.

    Args:
        raw: the whole message.
        start: where the entity begins.
        end: where it ends.
        is_part: an empty first line says that a part has no header, but for a message no such
            thing is sent: there the header is yet to come.
    """
    if not is_part and raw.startswith(_UTF8_MARK, start):
        start += 3
    if raw[start : start + 1] in _BLANK_START:
        leading = (_LEADING_EMPTY_LINES_OF_PART if is_part else _LEADING_EMPTY_LINES).match(
            raw, start, end
        )
        if leading is not None:
            start = leading.end()
        elif raw.startswith((b"\n", b"\r\n"), start):
            return HeaderBlock({}, raw.index(b"\n", start) + 1, None, is_ascii=True)
    return _read_clean(raw, start, end) or _read_damaged(raw, start, end)


def _read_clean(raw: bytes, start: int, end: int) -> HeaderBlock | None:
    """A block in which every line is a field or folded, as nearly all are; `None` if it is not."""
    empty = _END_OF_CLEAN.search(raw, start, end)
    if empty is None:
        return None
    block = raw[start : empty.start() + 1]
    if len(block) <= _CACHED_BYTES and block.isascii():
        fields = _known_fields(block)
        return None if fields is None else HeaderBlock(fields, empty.end(), None, True)
    fields = _clean_fields(block)
    return None if fields is None else HeaderBlock(fields, empty.end(), None, block.isascii())


def _clean_fields(block: bytes) -> Fields | None:
    block = block.replace(b"\r\n", b"\n")
    if _CR in block or _NUL in block or len(block) > MAX_FIELD_BYTES:
        return None
    found = _FIELD.findall(block.replace(b"\n ", b" ").replace(b"\n\t", b"\t"))
    fields = {_cached_field_name(name): [value.strip()] for name, value in found}
    if len(fields) < len(found):
        fields = {}
        for name, value in found:
            fields.setdefault(_cached_field_name(name), []).append(value.strip())
    return None if b"" in fields else fields


_CACHED_BYTES = 160
# Parts are headed alike again and again. Nobody writes to the fields of a header in ASCII.
_known_fields = lru_cache(maxsize=1024)(_clean_fields)


def _read_damaged(raw: bytes, start: int, end: int) -> HeaderBlock:
    empty = _EMPTY_LINE.search(raw, start, end)
    block_end, body_start = (end, end) if empty is None else empty.span()
    block = raw[start:block_end]
    fields, stray, damage = _split(_unfold(block))
    if stray is not None:
        body_start = _find_line(raw, stray[:_STRAY_BYTES], start, block_end, body_start)
    return HeaderBlock(fields, body_start, damage, block.isascii())


def _find_line(raw: bytes, line: bytes, start: int, end: int, otherwise: int) -> int:
    """Where a line of the unfolded header began in the raw bytes."""
    if raw.startswith(line, start):
        return start
    for line_break in (b"\n", b"\r"):
        found = raw.find(line_break + line, start, end)
        if found >= 0:
            return found + 1
    return otherwise


def first(fields: Fields, name: bytes) -> bytes | None:
    """The first value of a field that says something, else an empty one, else `None`.

    Some senders write a field twice, and most readers take the first.
    """
    values = fields.get(name)
    if not values:
        return None
    if values[0] or len(values) == 1:
        return values[0]
    return next(filter(None, values), b"")


def to_utf8(fields: Fields, hint: str | None) -> None:
    """Rewrite values in raw 8-bit text as UTF-8 (RFC 6532), all of them read in one charset.

    Args:
        fields: changed in place.
        hint: a charset label that the message uses elsewhere.
    """
    foreign = [value for values in fields.values() for value in values if not _is_utf8(value)]
    if not foreign:
        return
    # The tables of the guess are needed by few messages.
    from courrier.mail.charsets.guess import guess_codec  # noqa: PLC0415

    sample = b"\n".join(value[:_GUESSED_BYTES] for value in foreign[:100])
    codec = guess_codec(sample, codec_for(hint) if hint else None)
    for values in fields.values():
        for index, value in enumerate(values):
            if not _is_utf8(value):
                values[index] = decode(value, None, codec).encode("utf-8")


def _is_utf8(value: bytes) -> bool:
    if value.isascii():
        return True
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split(block: bytes) -> tuple[Fields, bytes | None, str | None]:
    """The fields, the line with which the body begins for want of an empty line, the damage."""
    fields: Fields = {}
    damage = None
    lines = block.split(b"\n", MAX_FIELDS)
    for index, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        key = _field_name(name) if colon else None
        if key is None or value.startswith(b"//"):
            if not line or line.startswith(_MBOX_LINES):
                continue
            damage = "a line of the header is not a field"
            if _is_body_start(lines, index):
                return fields, line, damage
            continue
        if len(value) > MAX_FIELD_BYTES:
            value, damage = value[:MAX_FIELD_BYTES], "a header field is too long"
        values = fields.get(key)
        if values is None:
            fields[key] = [value.strip()]
        else:
            values.append(value.strip())
    return fields, None, "too many header fields" if len(lines) > MAX_FIELDS else damage


def _field_name(name: bytes) -> bytes | None:
    """The name in lower case, `None` if it can be none."""
    name = name.rstrip()
    return None if not name or b" " in name or b"\t" in name else name.lower()


def _unfold(block: bytes) -> bytes:
    if b"\x00" in block:
        block = block.replace(b"\x00", b"")
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
        if b"\r" in block:
            block = _BARE_CR.sub(b"\n", block)
    return block.replace(b"\n ", b" ").replace(b"\n\t", b"\t")


def _is_body_start(lines: list[bytes], index: int) -> bool:
    """A line that is no field begins the body, unless another field follows at once."""
    following = lines[index + 1] if index + 1 < len(lines) else b""
    return _FIELD_START.match(following) is None
