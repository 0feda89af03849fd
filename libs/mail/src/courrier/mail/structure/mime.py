"""The tree of MIME entities in a raw message (RFC 2045, 2046), by offsets and without copies.

Nothing is decoded here but a multipart that was wrongly encoded as a whole. A multipart is cut at
its own boundary before its children are looked at, so a child that never closes cannot swallow its
siblings. Every search is linear in the bytes, and the depth and number of parts are bounded.
"""

import re
from dataclasses import dataclass, field

from courrier.mail.limits import MAX_DEPTH, MAX_PARTS
from courrier.mail.structure.boundaries import Span, cut_at, guessed_boundary
from courrier.mail.structure.fields import Fields, first, read_header, to_utf8
from courrier.mail.structure.parameters import read_parameters
from courrier.mail.structure.transfer import decode_transfer

_NO_PARAMETERS: dict[str, str] = {}
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_COMMON_TYPES = {
    "text/plain", "text/html", "multipart/mixed", "multipart/alternative", "multipart/related",
    "application/octet-stream", "application/pdf", "image/png", "image/jpeg", "image/gif",
}  # fmt: skip
_NOT_OF_TYPE = re.compile(r"[^a-z0-9!#$&^_.+/-]+")
_MULTIPART_AT_ONCE = re.compile(rb"(?:\r?\n)*--[^\r\n]{1,200}\r?\ncontent-type:", re.IGNORECASE)
_ENCODED = {"base64", "quoted-printable"}


@dataclass(slots=True)
class Entity:
    """One part: its fields, its type, and where its body lies.

    `source` holds the body at `start:end`; `None` means the raw message. `warnings` is the
    message's own list, for what is found when the body is decoded.
    """

    fields: Fields
    content_type: str
    parameters: dict[str, str]
    start: int
    end: int
    children: list["Entity"] = field(default_factory=list)
    source: bytes | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Cut:
    """What is shared while one message is cut: its bytes, how many parts, what was odd."""

    raw: bytes
    warnings: list[str]
    parts: list[Entity]
    foreign: list[Entity]
    source: bytes | None = None

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def read_entity(raw: bytes, warnings: list[str]) -> Entity:
    """The whole message as a tree; what was damaged is added to `warnings`.

    Header fields in raw 8-bit text are UTF-8 afterwards, whatever they were before.
    """
    cut = _Cut(raw, warnings, [], [])
    root = _entity(cut, Span(0, len(raw)), "text/plain", None, 0)
    if cut.foreign:
        _read_foreign_headers(cut)
    return root


def _read_foreign_headers(cut: _Cut) -> None:
    """Raw 8-bit header text is most likely in the charset that the message names for its text."""
    named = (part.parameters.get("charset") for part in cut.parts)
    hint = next((label for label in named if label and label.lower() not in _NO_HINT), None)
    for part in cut.foreign:
        to_utf8(part.fields, hint)
        value = first(part.fields, b"content-type")
        if value is not None:
            part.parameters = read_parameters(value).parameters


_NO_HINT = {"us-ascii", "ascii", "utf-8", "utf8"}


def leaves_of(root: Entity) -> list[Entity]:
    """The parts without parts, in the order of the message."""
    if not root.children:
        return [root]
    found: list[Entity] = []
    waiting = [root]
    while waiting:
        entity = waiting.pop()
        waiting.extend(reversed(entity.children))
        if not entity.children:
            found.append(entity)
    return found


def _entity(cut: _Cut, span: Span, default: str, outer: str | None, depth: int) -> Entity:
    fields, body, damage, is_ascii = read_header(cut.raw, span.start, span.end, is_part=depth > 0)
    if damage is not None:
        cut.warn(damage)
    content_type, parameters = default, _NO_PARAMETERS
    value = first(fields, b"content-type")
    if value:
        word, parameters = read_parameters(value)
        is_type = word in _COMMON_TYPES or _TYPE.fullmatch(word) is not None
        content_type = word if is_type else _repaired(cut, word, parameters)
    start = min(span.end, body)
    entity = Entity(fields, content_type, parameters, start, span.end, [], cut.source, cut.warnings)
    cut.parts.append(entity)
    if not is_ascii:
        cut.foreign.append(entity)
    if content_type.startswith("multipart/"):
        if parameters.get("boundary") != outer or outer is None:
            _cut_multipart(cut, entity, depth)
    elif depth == 0 and value is None and cut.raw.startswith((b"--", b"\n", b"\r"), start):
        _find_lost_multipart(cut, entity)
    return entity


def _repaired(cut: _Cut, word: str, parameters: dict[str, str]) -> str:
    """RFC 2045 section 5.2: a type that cannot be read is plain text; a file is still a file."""
    cut.warn("a Content-Type cannot be read")
    plain = _NOT_OF_TYPE.sub("", word)
    if _TYPE.fullmatch(plain) and plain.partition("/")[0] in _MAIN_TYPES:
        return plain
    readable = _TYPE.search(word)
    if readable is not None:
        return readable.group()
    main = word.partition("/")[0].strip("\"'")
    if main == "multipart" or ("/" not in word and "boundary" in parameters):
        return "multipart/mixed"
    if main in _MAIN_TYPES:
        return _MAIN_TYPES[main]
    return "application/octet-stream" if "name" in parameters else "text/plain"


_MAIN_TYPES = {
    "text": "text/plain", "html": "text/html", "message": "message/rfc822",
    "image": "application/octet-stream", "audio": "application/octet-stream",
    "video": "application/octet-stream", "application": "application/octet-stream",
    "multipart": "multipart/mixed",
}  # fmt: skip


def _find_lost_multipart(cut: _Cut, entity: Entity) -> None:
    """A body that begins with a delimiter and a part's header has lost its own Content-Type."""
    if _MULTIPART_AT_ONCE.match(cut.raw, entity.start, entity.end) is None:
        return
    boundary = guessed_boundary(cut.raw, entity.start, entity.end)
    if boundary is None or b"--" + boundary + b"--" not in cut.raw:
        return
    entity.content_type = "multipart/mixed"
    _cut_multipart(cut, entity, 0)


def _cut_multipart(cut: _Cut, entity: Entity, depth: int) -> None:
    if depth >= MAX_DEPTH:
        cut.warn("parts are nested too deeply")
        entity.content_type = "application/octet-stream"
        return
    spans = _spans(cut, entity)
    if not spans:
        _decode_multipart(cut, entity, depth)
    _read_children(cut, entity, spans, depth)
    if not entity.children:
        cut.warn("a multipart has no parts")
        entity.content_type = "text/plain"


def _read_children(cut: _Cut, entity: Entity, spans: list[Span], depth: int) -> None:
    boundary = entity.parameters.get("boundary")
    default = "message/rfc822" if entity.content_type == "multipart/digest" else "text/plain"
    parent = entity
    for span in spans:
        if len(cut.parts) > MAX_PARTS:
            cut.warn("too many parts")
            break
        child = _entity(cut, span, default, boundary, depth + 1)
        parent.children.append(child)
        if span.closes:
            parent = entity
        elif child.content_type.startswith("multipart/") and not child.children:
            # It shares its parent's boundary, so what follows up to its end belongs to it.
            cut.warn("two multiparts have one boundary")
            parent = child if parent is entity else parent
    for child in entity.children:
        if child.content_type.startswith("multipart/") and not child.children:
            child.content_type = "text/plain"


def _spans(cut: _Cut, entity: Entity) -> list[Span]:
    """Where the parts lie: by the boundary named, else by one that looks like it."""
    named = entity.parameters.get("boundary", "").rstrip()
    if named:
        boundary = named.encode("utf-8", "surrogateescape")
        spans = cut_at(cut.raw, boundary, start=entity.start, end=entity.end)
        if spans:
            if not spans[-1].closes:
                cut.warn("a multipart is not closed")
            return spans
    guessed = guessed_boundary(cut.raw, entity.start, entity.end)
    cut.warn("a multipart's boundary is missing")
    if guessed is None:
        return []
    return cut_at(cut.raw, guessed, start=entity.start, end=entity.end)


def _decode_multipart(cut: _Cut, entity: Entity, depth: int) -> None:
    """RFC 2045 section 6.4 forbids to encode a multipart; some senders do it all the same."""
    value = first(entity.fields, b"content-transfer-encoding")
    encoding = read_parameters(value).word if value else ""
    if encoding not in _ENCODED:
        return
    content = decode_transfer(cut.raw[entity.start : entity.end], encoding)
    inner = _Cut(content, cut.warnings, cut.parts, cut.foreign, content)
    whole = Entity(
        entity.fields, entity.content_type, entity.parameters, 0, len(content), [], content
    )
    spans = _spans(inner, whole)
    if spans:
        cut.warn("a multipart is encoded")
        _read_children(inner, entity, spans, depth)
