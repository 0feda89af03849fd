"""Which parts of a message are its body, in order, and which are attachments (RFC 2046 5.1)."""

import re
from dataclasses import dataclass
from io import IncrementalNewlineDecoder

from courrier.mail.charsets.decoding import declared_in_html, decode
from courrier.mail.content.enriched import enriched_to_text, richtext_to_text
from courrier.mail.content.flowed import unflow
from courrier.mail.content.locations import LocatedImages
from courrier.mail.html.signatures import hide_signatures
from courrier.mail.html.text import html_to_text
from courrier.mail.limits import MAX_HTML_CHARS, MAX_RTF_BYTES
from courrier.mail.structure.attachments import decoded_bytes, disposition, filename
from courrier.mail.structure.mime import Entity
from courrier.mail.structure.rtf import rtf_to_text


@dataclass(slots=True)
class Piece:
    """A stretch of the body, which may exist in two forms.

    In `html` text/plain parts may stand between HTML ones, as Apple Mail writes them.
    """

    plain: list[Entity]
    html: list[Entity]


@dataclass(slots=True)
class Parts:
    """The body's stretches and the attachments, each in the order of the message."""

    pieces: list[Piece]
    attachments: list[Entity]


def sort_parts(root: Entity) -> Parts:
    """Decide for every leaf whether it is body or attachment."""
    sorter = _Sorter()
    pieces = sorter.pieces(root, "")
    if not pieces:
        pieces = sorter.other_text()
    return Parts(pieces, sorter.attachments)


class _Sorter:
    """Walks the tree; what came before decides about a text that has a file's name."""

    __slots__ = ("attachments", "has_body")

    def __init__(self) -> None:
        self.attachments: list[Entity] = []
        self.has_body = False

    def pieces(self, entity: Entity, parent: str) -> list[Piece]:
        if entity.children:
            return self._pieces_of_multipart(entity)
        if not self._is_body(entity, parent):
            self.attachments.append(entity)
            return []
        self.has_body = True
        if entity.content_type == "text/html":
            return [Piece([], [entity])]
        return [Piece([entity], [])]

    def _pieces_of_multipart(self, entity: Entity) -> list[Piece]:
        kind = entity.content_type
        of_children = [self.pieces(child, kind) for child in entity.children]
        if kind == "multipart/alternative" and any(of_children):
            return [_alternative(of_children)]
        return [piece for pieces in of_children for piece in pieces]

    def _is_body(self, entity: Entity, parent: str) -> bool:
        """Text that is not marked as a file, nor named like one behind a body (RFC 8621 4.1.4)."""
        if entity.content_type not in _BODY_TYPES:
            return False
        marked = disposition(entity)
        if marked == "attachment":
            return False
        if not self.has_body or parent == "multipart/alternative":
            return True
        if parent == "multipart/related" and _is_referred_to(entity):
            return False
        if entity.content_type == "text/plain" and marked == "inline":
            return True
        return filename(entity) is None

    def other_text(self) -> list[Piece]:
        """Where there is no other body, a text of an unknown kind is one (RFC 2046 4.1.4)."""
        for entity in self.attachments:
            kind = entity.content_type
            is_text = kind.startswith("text/") and kind not in _FILES_OF_TEXT | _BODY_TYPES
            if is_text and disposition(entity) != "attachment" and filename(entity) is None:
                self.attachments.remove(entity)
                return [Piece([entity], [])]
        return []


_BODY_TYPES = {"text/plain", "text/html"}
_FILES_OF_TEXT = {
    "text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/xml",
    "text/x-amp-html", "text/watch-html", "text/rfc822-headers", "text/css", "text/javascript",
}  # fmt: skip


def _is_referred_to(entity: Entity) -> bool:
    return b"content-id" in entity.fields or b"content-location" in entity.fields


def _alternative(of_children: list[list[Piece]]) -> Piece:
    """One stretch in two forms: all that says it is plain, and the last (the best) of HTML."""
    if len(of_children) == 2 and len(of_children[0]) == 1 == len(of_children[1]):
        first, last = of_children[0][0], of_children[1][0]
        if first.plain and last.html and not (first.html or last.plain):
            # As nearly all are written.
            return Piece(first.plain, last.html)
    plain: list[Piece] = []
    for pieces in of_children:
        if not any(piece.html for piece in pieces) and (not plain or _says_plain(pieces)):
            plain += pieces
    if not plain:
        plain = next((pieces for pieces in of_children if any(each.plain for each in pieces)), [])
    rich = next((each for each in reversed(of_children) if any(piece.html for piece in each)), [])
    return Piece(
        [part for piece in plain for part in piece.plain],
        [part for piece in rich for part in piece.html or piece.plain],
    )


def _says_plain(pieces: list[Piece]) -> bool:
    """Not plain for want of a Content-Type, which a damaged HTML part has lost."""
    return all(b"content-type" in part.fields for piece in pieces for part in piece.plain)


def body_text(raw: bytes, pieces: list[Piece]) -> str:
    """The whole body as text with LF line ends; a stretch without plain form is read from HTML."""
    texts: list[str] = []
    for piece in pieces:
        told = _piece_texts(raw, piece)
        if len(texts) != 1 or piece.plain or not _says_the_same(texts[0], told):
            texts += told
    if len(texts) == 1:
        return texts[0]
    return "".join(
        text if text.endswith("\n") or index == len(texts) - 1 else text + "\n"
        for index, text in enumerate(texts)
    )


def unsigned_text(raw: bytes, pieces: list[Piece]) -> str | None:
    """The text of a body of HTML alone without the signatures that it marks; `None`: as it is."""
    if len(pieces) != 1 or pieces[0].plain or len(pieces[0].html) != 1:
        return None
    part = pieces[0].html[0]
    hidden = hide_signatures(html_source(raw, part)) if _is_html(part) else None
    return None if hidden is None else html_to_text(hidden)


def _piece_texts(raw: bytes, piece: Piece) -> list[str]:
    plain = [plain_text(raw, part) for part in piece.plain]
    if not piece.html or (not all(map(_is_blank, plain)) and not _is_excuse(plain)):
        return plain
    return [
        html_to_text(html_source(raw, part)) if _is_html(part) else plain_text(raw, part)
        for part in piece.html
    ]


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _is_excuse(plain: list[str]) -> bool:
    """Whether the plain form says that there is another: so short a text the other says as well."""
    if len(plain) != 1 or len(plain[0]) > _MAX_EXCUSE or "html" not in plain[0].lower():
        return False
    return _NAMES_HTML.search(plain[0]) is not None


_MAX_EXCUSE = 200
# As a word, and no address of a page.
_NAMES_HTML = re.compile(r"(?<![./\w])(?:html|xhtml)(?![\w./]*[/.]\w)(?!\w)", re.IGNORECASE)


def _says_the_same(text: str, told: list[str]) -> bool:
    """Whether an HTML part repeats the plain one: some senders write `mixed` for `alternative`."""
    return len(told) == 1 and bool(told[0]) and text.split() == told[0].split()


def body_html(raw: bytes, parts: Parts) -> list[tuple[str, bool]] | None:
    """The stretches for display, each with whether it is HTML; `None` if none of them is."""
    if not any(piece.html for piece in parts.pieces):
        return None
    images = LocatedImages(raw, parts.attachments)
    return [
        (images.put_into(html_source(raw, part), part), True)
        if _is_html(part)
        else (plain_text(raw, part), False)
        for piece in parts.pieces
        for part in piece.html or piece.plain
    ]


def _is_html(part: Entity) -> bool:
    return part.content_type == "text/html"


def plain_text(raw: bytes, part: Entity) -> str:
    """The text of a part that is not HTML, with LF line ends; format=flowed undone (RFC 3676)."""
    if part.content_type == "text/rtf":
        return rtf_to_text(decoded_bytes(raw, part)[:MAX_RTF_BYTES])
    text = _text(raw, part)
    if part.content_type == "text/enriched":
        return enriched_to_text(text)
    if part.content_type == "text/richtext":
        return richtext_to_text(text)
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
    # In a third of the time that replacing takes.
    return IncrementalNewlineDecoder(None, True).decode(text, True) if "\r" in text else text
