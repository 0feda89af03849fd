"""Files within files: what a `winmail.dat` holds, and what old mail has uuencoded in its text."""

import posixpath
import re
from itertools import repeat

from courrier.mail.content.bodies import Parts, Piece
from courrier.mail.headers.words import raw_text
from courrier.mail.structure.attachments import decoded_bytes, filename
from courrier.mail.structure.mime import Entity
from courrier.mail.structure.tnef import TnefFile, TnefMessage, is_tnef, read_tnef
from courrier.mail.structure.uuencode import find_uuencoded

_TNEF_TYPES = {"application/ms-tnef", "application/vnd.ms-tnef"}
_TNEF_NAMES = {"winmail.dat", "win.dat", "noname"}
_UU_WARNING = "files stood in the text"
_UU_BEGIN = b"\nbegin"
_UU_LINE = re.compile(rb"\nbegin(?:-base64)? [0-7]{3}")
_TYPES = {
    ".pdf": "application/pdf", ".doc": "application/msword", ".xls": "application/vnd.ms-excel",
    ".zip": "application/zip", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".png": "image/png", ".bmp": "image/bmp", ".txt": "text/plain", ".htm": "text/html",
    ".html": "text/html", ".rtf": "application/rtf", ".ics": "text/calendar", ".csv": "text/csv",
}  # fmt: skip


def open_enclosed(raw: bytes, parts: Parts, warnings: list[str]) -> None:
    """Add what is found within parts behind the parts listed, and the body if there is no other.

    A `winmail.dat` stays listed itself, its files follow it; uuencoded files follow all others,
    and leave the text.
    """
    if parts.attachments and any(map(_may_be_tnef, parts.attachments)):
        _open_tnef(raw, parts, warnings)
    for piece in parts.pieces:
        if piece.plain and any(map(_may_hold_files, repeat(raw), piece.plain)):
            piece.plain = [_without_files(raw, part, parts, warnings) for part in piece.plain]


def _may_hold_files(raw: bytes, part: Entity) -> bool:
    source = raw if part.source is None else part.source
    # The line break may be the one that ends the header.
    begin = source.find(_UU_BEGIN, max(part.start - 1, 0), part.end)
    return begin >= 0 and _UU_LINE.search(source, begin, part.end) is not None


def _may_be_tnef(entity: Entity) -> bool:
    if entity.content_type in _TNEF_TYPES:
        return True
    if entity.content_type != "application/octet-stream":
        return False
    return (filename(entity) or "").lower() in _TNEF_NAMES


def _open_tnef(raw: bytes, parts: Parts, warnings: list[str]) -> None:
    opened: list[Entity] = []
    for entity in parts.attachments:
        opened.append(entity)
        if not _may_be_tnef(entity):
            continue
        content = decoded_bytes(raw, entity)
        if not is_tnef(content):
            warnings.append("a winmail.dat cannot be read")
            continue
        message = read_tnef(content)
        opened += [_file_entity(each, warnings) for each in message.files]
        if not _has_body(raw, parts):
            parts.pieces += _body_pieces(message)
    parts.attachments[:] = opened


def _has_body(raw: bytes, parts: Parts) -> bool:
    return any(
        decoded_bytes(raw, part).strip()
        for piece in parts.pieces
        for part in (*piece.plain, *piece.html)
    )


def _body_pieces(message: TnefMessage) -> list[Piece]:
    plain = [_text_entity("text/plain", message.text)] if message.text.strip() else []
    html = [_text_entity("text/html", message.html)] if message.html.strip() else []
    return [Piece(plain, html)] if plain or html else []


def _text_entity(content_type: str, text: str) -> Entity:
    content = text.encode("utf-8")
    return Entity({}, content_type, {"charset": "utf-8"}, 0, len(content), [], content)


def _file_entity(file: TnefFile, warnings: list[str]) -> Entity:
    name = file.name or ""
    guessed = _TYPES.get(posixpath.splitext(name.lower())[1], "application/octet-stream")
    fields = {b"content-id": [file.content_id.encode("utf-8")]} if file.content_id else {}
    told = (file.content_type or "").lower()
    return Entity(
        fields, told if "/" in told else guessed, {"name": name}, 0, len(file.content), [],
        file.content, warnings,
    )  # fmt: skip


def _without_files(raw: bytes, part: Entity, parts: Parts, warnings: list[str]) -> Entity:
    """The text part itself, or one without the files that stood in it."""
    content = decoded_bytes(raw, part)
    found = find_uuencoded(content) if b"begin" in content else []
    if not found:
        return part
    if _UU_WARNING not in warnings:
        warnings.append(_UU_WARNING)
    kept, position = [], 0
    for each in found:
        kept.append(content[position : each.start])
        position = each.end
        file = TnefFile(raw_text(each.name), each.content)
        parts.attachments.append(_file_entity(file, warnings))
    text = b"".join((*kept, content[position:]))
    fields = {
        name: values for name, values in part.fields.items() if name != b"content-transfer-encoding"
    }
    return Entity(fields, part.content_type, part.parameters, 0, len(text), [], text, warnings)
