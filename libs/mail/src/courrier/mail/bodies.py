"""Which parts of a message are its body, in order, and which are attachments (RFC 2046 5.1)."""

from dataclasses import dataclass

from courrier.mail.attachments import decoded_bytes, disposition
from courrier.mail.charsets import declared_in_html, decode
from courrier.mail.flowed import unflow
from courrier.mail.html_text import html_to_text
from courrier.mail.limits import MAX_HTML_CHARS
from courrier.mail.mime import Entity


@dataclass(slots=True)
class Piece:
    """A stretch of the body, which may exist in two forms."""

    plain: list[Entity]
    html: list[Entity]


@dataclass(slots=True)
class Parts:
    """The body's stretches and the attachments, each in the order of the message."""

    pieces: list[Piece]
    attachments: list[Entity]


def sort_parts(root: Entity) -> Parts:
    """Decide for every leaf whether it is body or attachment."""
    parts = Parts([], [])
    parts.pieces = _pieces(root, parts.attachments, follower=False)
    return parts


def _pieces(entity: Entity, attachments: list[Entity], *, follower: bool) -> list[Piece]:
    if entity.children:
        return _pieces_of_multipart(entity, attachments)
    if not _is_body(entity, follower=follower):
        attachments.append(entity)
        return []
    if entity.content_type == "text/html":
        return [Piece([], [entity])]
    return [Piece([entity], [])]


def _pieces_of_multipart(entity: Entity, attachments: list[Entity]) -> list[Piece]:
    related = entity.content_type == "multipart/related"
    pieces = [
        piece
        for index, child in enumerate(entity.children)
        for piece in _pieces(child, attachments, follower=related and index > 0)
    ]
    if entity.content_type != "multipart/alternative" or not pieces:
        return pieces
    plain = [part for piece in pieces for part in piece.plain]
    return [Piece(plain, [part for piece in pieces for part in piece.html])]


def _is_body(entity: Entity, *, follower: bool) -> bool:
    """Text not marked as attachment; in a multipart/related, what others refer to is none."""
    if entity.content_type not in _BODY_TYPES:
        return False
    if follower and (b"content-id" in entity.fields or b"content-location" in entity.fields):
        return False
    return disposition(entity) != "attachment"


_BODY_TYPES = {"text/plain", "text/html"}


def body_text(raw: bytes, pieces: list[Piece]) -> str:
    """The whole body as text with LF line ends; a stretch without plain form is read from HTML."""
    texts: list[str] = []
    for piece in pieces:
        plain = [plain_text(raw, part) for part in piece.plain]
        if piece.html and not any(text.strip() for text in plain):
            plain = [html_to_text(html_source(raw, part)) for part in piece.html]
        texts += plain
    if len(texts) == 1:
        return texts[0]
    return "".join(
        text if text.endswith("\n") or index == len(texts) - 1 else text + "\n"
        for index, text in enumerate(texts)
    )


def body_html(raw: bytes, pieces: list[Piece]) -> list[tuple[str, bool]] | None:
    """The stretches for display, each with whether it is HTML; `None` if none of them is."""
    if not any(piece.html for piece in pieces):
        return None
    shown: list[tuple[str, bool]] = []
    for piece in pieces:
        if piece.html:
            shown += [(html_source(raw, part), True) for part in piece.html]
        else:
            shown += [(plain_text(raw, part), False) for part in piece.plain]
    return shown


def plain_text(raw: bytes, part: Entity) -> str:
    """The text of a text/plain part, format=flowed undone (RFC 3676), with LF line ends."""
    text = _text(raw, part)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def html_source(raw: bytes, part: Entity) -> str:
    """The source of a text/html part, as sent, up to the limit."""
    return _text(raw, part)[:MAX_HTML_CHARS]


_NO_LABEL = {None, "us-ascii", "US-ASCII"}


def _text(raw: bytes, part: Entity) -> str:
    content = decoded_bytes(raw, part)
    label = part.parameters.get("charset")
    if part.content_type == "text/html" and label in _NO_LABEL and not content.isascii():
        label = declared_in_html(content) or label
    text = decode(content, label)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text
