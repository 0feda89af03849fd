"""The tree of MIME entities in a raw message (RFC 2045, 2046), by offsets and without copies.

Nothing is decoded here. A multipart is cut at its own boundary before its children are looked at,
so a child that never closes cannot swallow its siblings. Every search is linear in the bytes, and
the depth and number of parts are bounded.
"""

import re
from dataclasses import dataclass, field

from courrier.mail.fields import Fields, first, read_header
from courrier.mail.limits import MAX_DEPTH, MAX_PARTS
from courrier.mail.parameters import read_parameters

_GUESSED_BOUNDARY = re.compile(
    rb"(?:\A|[\r\n])--([^\r\n]{1,200}?)[ \t]{0,20}\r?\n(?=[Cc]ontent-|\r?\n)"
)
_NO_PARAMETERS: dict[str, str] = {}
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")


@dataclass(slots=True)
class Entity:
    """One part: its fields, its type, and where its body lies in the raw bytes."""

    fields: Fields
    content_type: str
    parameters: dict[str, str]
    start: int
    end: int
    children: list["Entity"] = field(default_factory=list)


@dataclass(slots=True)
class _Cut:
    """What is shared while one message is cut: its bytes, how many parts, what was odd."""

    raw: bytes
    warnings: list[str]
    parts: int = 0

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def read_entity(raw: bytes, warnings: list[str]) -> Entity:
    """The whole message as a tree; what was damaged is added to `warnings`."""
    return _entity(_Cut(raw, warnings), 0, len(raw), "text/plain", 0)


def _entity(cut: _Cut, start: int, end: int, default: str, depth: int) -> Entity:
    fields, body, damage = read_header(cut.raw, start, end)
    if damage is not None:
        cut.warn(damage)
    body = min(body, end)
    content_type, parameters = default, _NO_PARAMETERS
    value = first(fields, b"content-type")
    if value is not None:
        word, parameters = read_parameters(value)
        content_type = word if _TYPE.match(word) else _repaired(cut, word)
    entity = Entity(fields, content_type, parameters, body, end)
    if content_type.startswith("multipart/"):
        _cut_multipart(cut, entity, depth)
    return entity


def _repaired(cut: _Cut, word: str) -> str:
    """RFC 2045 section 5.2: a type that cannot be read is plain text."""
    cut.warn("a Content-Type cannot be read")
    return {"text": "text/plain", "html": "text/html"}.get(word, "text/plain")


def _cut_multipart(cut: _Cut, entity: Entity, depth: int) -> None:
    if depth >= MAX_DEPTH:
        cut.warn("parts are nested too deeply")
        entity.content_type = "application/octet-stream"
        return
    spans = _spans(cut, entity)
    digest = entity.content_type == "multipart/digest"
    default = "message/rfc822" if digest else "text/plain"
    for start, end in spans:
        cut.parts += 1
        if cut.parts > MAX_PARTS:
            cut.warn("too many parts")
            break
        entity.children.append(_entity(cut, start, end, default, depth + 1))
    if not entity.children:
        cut.warn("a multipart has no parts")
        entity.content_type = "text/plain"


def _spans(cut: _Cut, entity: Entity) -> list[tuple[int, int]]:
    """Where the parts lie: by the boundary named, else by one that looks like it."""
    named = entity.parameters.get("boundary", "").rstrip()
    if named:
        boundary = named.encode("utf-8", "surrogateescape")
        spans = _split_at(cut, boundary, entity.start, entity.end)
        if spans:
            return spans
    guessed = _GUESSED_BOUNDARY.search(cut.raw, entity.start, entity.end)
    cut.warn("a multipart's boundary is missing")
    if guessed is None:
        return []
    return _split_at(cut, guessed.group(1), entity.start, entity.end)


def _split_at(cut: _Cut, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """The parts between the delimiter lines (RFC 2046 section 5.1.1); up to the end if unclosed."""
    raw, delimiter = cut.raw, b"--" + boundary
    line_start = b"\n" + delimiter
    spans: list[tuple[int, int]] = []
    opened = -1
    at = start if raw.startswith(delimiter, start, end) else raw.find(line_start, start, end) + 1
    while at > 0 and len(spans) <= MAX_PARTS:
        after = at + len(delimiter)
        line_end = raw.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        tail = raw[after : min(line_end, after + 80)].strip()
        if not tail or tail.startswith(b"--"):
            if opened >= 0:
                spans.append((opened, _before_line_break(raw, opened, at)))
            if tail == b"--":
                return spans
            opened = line_end + 1
        at = raw.find(line_start, after, end) + 1
    if 0 <= opened < end:
        spans.append((opened, end))
    if spans:
        cut.warn("a multipart is not closed")
    return spans


def _before_line_break(raw: bytes, start: int, at: int) -> int:
    """The line break before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    if at > start and raw[at - 1] == 0x0A:
        at -= 1
    if at > start and raw[at - 1] == 0x0D:
        at -= 1
    return at
