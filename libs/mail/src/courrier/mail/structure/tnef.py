"""`winmail.dat`: Microsoft's Transport Neutral Encapsulation Format (MS-OXTNEF).

Outlook puts a whole message into this one attachment when it thinks that the reader has Outlook
too. Read here are its files and its body. Damage ends the reading; what was read before counts.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from courrier.mail.charsets.decoding import decode
from courrier.mail.structure.rtf import decompress_rtf, rtf_to_text

_SIGNATURE = b"\x78\x9f\x3e\x22"
_MAX_FILES = 200
_MAX_PROPERTIES = 5_000
_MAX_DEPTH = 3

_ATTACH_RENDER, _ATTACH_DATA, _ATTACH_TITLE = 0x69002, 0x6800F, 0x18010
_ATTACH_PROPERTIES, _MESSAGE_PROPERTIES, _BODY, _CODE_PAGE = 0x69005, 0x69003, 0x2800C, 0x69007

_PR_BODY, _PR_RTF, _PR_HTML, _PR_INTERNET_CPID = 0x1000, 0x1009, 0x1013, 0x3FDE
_PR_LONG_NAME, _PR_NAME, _PR_DISPLAY_NAME, _PR_DATA = 0x3707, 0x3704, 0x3001, 0x3701
_PR_MIME_TAG, _PR_CONTENT_ID = 0x370E, 0x3712

_STRING8, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_FIXED = {
    0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8,
    0x48: 16, 0x01: 4, 0x00: 4,
}  # fmt: skip
_MULTIPLE = 0x1000


class _Property(NamedTuple):
    kind: int
    value: bytes


@dataclass(slots=True)
class TnefFile:
    """A file inside: `content_type` and `content_id` as Outlook knew them, or `None`."""

    name: str | None = None
    content: bytes = b""
    content_type: str | None = None
    content_id: str | None = None


@dataclass(slots=True)
class TnefMessage:
    """What was inside: the body in the one or two forms that were found, and the files."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


def is_tnef(content: bytes) -> bool:
    """Whether the bytes begin as the format does; the type and name of the part are not needed."""
    return content.startswith(_SIGNATURE)


def read_tnef(content: bytes, depth: int = 0) -> TnefMessage:
    """The message inside; empty if the bytes are none."""
    message = TnefMessage()
    if not is_tnef(content):
        return message
    code_page = "cp1252"
    for name, value in _attributes(content):
        if name == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{int.from_bytes(value[:4], 'little')}"
        elif name == _BODY:
            message.text = message.text or decode(value.rstrip(b"\x00"), code_page)
        elif name == _MESSAGE_PROPERTIES:
            _take_body(message, dict(_properties(value)), code_page)
        elif name == _ATTACH_RENDER:
            if len(message.files) >= _MAX_FILES:
                break
            message.files.append(TnefFile())
        elif message.files:
            _take_file(message.files[-1], name, value, code_page)
    message.files = [each for each in message.files if each.content or each.name]
    for each in message.files:
        _open_message(each, depth)
    return message


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Level, name, length, value, checksum, again and again."""
    position, end = 6, len(content)
    while position + 9 <= end:
        name, length = struct.unpack_from("<II", content, position + 1)
        start = position + 9
        yield name, content[start : start + length]
        position = start + length + 2


def _properties(value: bytes) -> Iterator[tuple[int, _Property]]:
    """The MAPI properties of one attribute, by their numbers; named ones are passed over."""
    try:
        yield from _read_properties(value)
    except struct.error:
        return


def _read_properties(value: bytes) -> Iterator[tuple[int, _Property]]:
    (count,) = struct.unpack_from("<I", value, 0)
    position = 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        kind, name = struct.unpack_from("<HH", value, position)
        position += 4
        if name >= 0x8000:
            position = _skip_name(value, position)
        base = kind & ~_MULTIPLE
        values = 1
        if kind & _MULTIPLE or base not in _FIXED:
            (values,) = struct.unpack_from("<I", value, position)
            position += 4
        for each in range(min(values, _MAX_PROPERTIES)):
            length = _FIXED.get(base)
            if length is None:
                (length,) = struct.unpack_from("<I", value, position)
                position += 4
            if position > len(value):
                return
            if each == 0 and name < 0x8000:
                yield name, _Property(base, value[position : position + length])
            position += (length + 3) // 4 * 4


def _skip_name(value: bytes, position: int) -> int:
    if value[position + 16 : position + 20] == b"\0\0\0\0":
        return position + 24
    length = int.from_bytes(value[position + 20 : position + 24], "little")
    return position + 24 + (length + 3) // 4 * 4


def _text(found: _Property | None, code_page: str) -> str:
    if found is None:
        return ""
    if found.kind == _UNICODE:
        return found.value.decode("utf-16-le", "replace").rstrip("\x00")
    return decode(found.value.rstrip(b"\x00"), code_page)


def _take_body(message: TnefMessage, found: dict[int, _Property], code_page: str) -> None:
    told = found.get(_PR_INTERNET_CPID)
    if told is not None:
        code_page = f"cp{int.from_bytes(told.value[:4], 'little')}"
    message.text = _text(found.get(_PR_BODY), code_page) or message.text
    message.html = _text(found.get(_PR_HTML), code_page)
    rtf = found.get(_PR_RTF)
    if rtf is not None and not message.text and not message.html:
        message.text = rtf_to_text(decompress_rtf(rtf.value))


def _take_file(each: TnefFile, name: int, value: bytes, code_page: str) -> None:
    if name == _ATTACH_DATA:
        each.content = value
    elif name == _ATTACH_TITLE:
        each.name = each.name or decode(value.rstrip(b"\x00"), code_page)
    elif name == _ATTACH_PROPERTIES:
        found = dict(_properties(value))
        for key in (_PR_LONG_NAME, _PR_NAME, _PR_DISPLAY_NAME):
            told = _text(found.get(key), code_page)
            if told:
                each.name = told
                break
        each.content_type = _text(found.get(_PR_MIME_TAG), code_page) or None
        each.content_id = _text(found.get(_PR_CONTENT_ID), code_page).strip("<> ") or None
        data = found.get(_PR_DATA)
        if data is not None and not each.content:
            # An object begins with the identifier of its interface.
            each.content = data.value[16:] if data.kind == _OBJECT else data.value


def _open_message(each: TnefFile, depth: int) -> None:
    """A message inside a message is shown as the text that it holds."""
    if depth >= _MAX_DEPTH or not is_tnef(each.content):
        return
    inner = read_tnef(each.content, depth + 1)
    body = inner.html or inner.text
    if body and not inner.files:
        each.content = body.encode("utf-8")
        each.content_type = "text/html" if inner.html else "text/plain"
