"""HTML as the text that a person would read: blocks, lists and tables laid out, hidden text gone.

One pass over the tags, linear for any input; no tree is built.
"""

import html
import re
from collections.abc import Iterator

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|(?:font-size|max-height|opacity)\s*:\s*0(?:\.0+)?(?:px|pt|em|%)?\s*(?:[;\"'!]|$)",
    re.IGNORECASE,
)
_HIDDEN_ATTRIBUTE = re.compile(r"[\s\"']hidden(?:[\s=/>]|$)", re.IGNORECASE)
_ALT = re.compile(r"\salt\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_CITES = re.compile(
    r"type\s*=\s*[\"']?cite|gmail_quote|protonmail_quote|yahoo_quoted|yahoo-quoted", re.IGNORECASE
)
_MAX_QUOTES = 10
# A single space is left alone: nearly all are, and each match costs a microsecond.
_BLANKS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
_EDGE = " \t"
_EMPTY_LINES = re.compile(r"\n{3,}")
# Preheaders are padded with these, so that no client shows what follows.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]+"
)

_PARAGRAPHS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table",
    "hr", "fieldset", "figure",
}  # fmt: skip
_LINES = {
    "div", "tr", "dt", "dd", "address", "article", "aside", "caption", "center", "footer", "form",
    "header", "li", "main", "nav", "option", "section", "tbody", "thead", "tfoot", "title",
}  # fmt: skip
_UNSHOWN = {
    "head", "style", "script", "template", "title", "noframes", "object", "iframe", "select",
    "textarea", "svg", "math", "audio", "video", "canvas", "xml",
}  # fmt: skip
_RAW_TEXT = {"style", "script", "textarea", "title", "noframes", "iframe", "xmp"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "source"}


def html_to_text(source: str) -> str:
    """The readable text, with LF line ends and without blanks at its ends."""
    reader = _Reader()
    for text, closing, name, attributes in _pieces(source):
        if text:
            reader.take_text(text)
        if name:
            reader.take_tag(name, attributes, closing=closing)
    return reader.finish()


def _pieces(source: str) -> Iterator[tuple[str, bool, str, str]]:
    """Text, then the tag that ends it (closing, lower-case name, attributes; no name: none)."""
    position, length, last_close = 0, len(source), source.rfind(">")
    while position < length:
        at = source.find("<", position)
        if at < 0 or at > last_close:
            break
        match = _TAG.match(source, at)
        if match is None:
            after = _after_markup(source, at)
            yield source[position : at + (after == at + 1)], False, "", ""
            position = after
            continue
        end = _tag_end(source, match.end())
        name = match.group(2).lower()
        yield source[position:at], match.group(1) == "/", name, source[match.end() : end - 1]
        position = end
        if name in _RAW_TEXT and not match.group(1):
            position = _raw_text_end(source, name, end)
    yield source[position:], False, "", ""


def _after_markup(source: str, at: int) -> int:
    """Behind a comment, declaration or processing instruction; one character on if it is none."""
    if source.startswith("<!--", at):
        end = source.find("-->", at + 2)
        return end + 3 if end >= 0 else len(source)
    if source[at + 1 : at + 2] in {"!", "?", "/"}:
        end = source.find(">", at)
        return end + 1 if end >= 0 else len(source)
    return at + 1


def _tag_end(source: str, start: int) -> int:
    """Behind the tag's `>`; a `>` inside a quoted value does not end it."""
    end = source.find(">", start)
    attributes = source[start:end]
    for quote in ('"', "'"):
        if quote in attributes and attributes.count(quote) % 2:
            closing = source.find(quote, end, end + _MAX_QUOTED)
            after = source.find(">", closing, closing + _MAX_QUOTED) if closing >= 0 else -1
            return after + 1 if after >= 0 else end + 1
    return end + 1


_MAX_QUOTED = 4_000


def _raw_text_end(source: str, name: str, start: int) -> int:
    match = _RAW_TEXT_END[name].search(source, start)
    return match.start() if match is not None else len(source)


_RAW_TEXT_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _RAW_TEXT}


class _Reader:
    """The text so far, and which element hides what comes until it closes."""

    __slots__ = ("counters", "hidden_by", "hidden_depth", "out", "preformatted", "quotes")

    def __init__(self) -> None:
        self.out: list[str] = []
        self.hidden_by = ""
        self.hidden_depth = 0
        self.preformatted = 0
        self.counters: list[int | None] = []
        self.quotes: list[int] = []

    def take_text(self, text: str) -> None:
        if self.hidden_by:
            return
        if "&" in text:
            text = html.unescape(text)
        if not text.isascii():
            text = _INVISIBLE.sub("", text).replace("\xa0", " ")
        if self.preformatted:
            text = text.replace(" ", _KEPT_BLANK)
        else:
            text = _BLANKS.sub(" ", text)
            if text[:1] == " " and (not self.out or self.out[-1][-1:] in _BREAKS):
                text = text[1:]
        if text:
            self.out.append(text)

    def take_tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if self.hidden_by:
            self._take_hidden(name, closing=closing)
        elif not closing and self._hides(name, attributes):
            self.hidden_by, self.hidden_depth = name, 1
        elif name == "br":
            self.out.append("\n")
        elif name == "blockquote":
            self._take_blockquote(attributes, closing=closing)
        elif name in _PARAGRAPHS:
            self._take_paragraph(name, closing=closing)
        elif name in _LINES:
            self._take_line(name, closing=closing)
        elif name in {"td", "th"} and not closing and self.out and self.out[-1][-1:] not in _BREAKS:
            self.out.append("\t")
        elif name == "img" and attributes:
            self._take_image(attributes)

    def _take_hidden(self, name: str, *, closing: bool) -> None:
        if name == self.hidden_by:
            self.hidden_depth += -1 if closing else 1
            if not self.hidden_depth:
                self.hidden_by = ""

    def _hides(self, name: str, attributes: str) -> bool:
        if name in _UNSHOWN:
            return True
        if not attributes or name in _VOID or name in {"body", "html"}:
            return False
        if _HIDDEN_ATTRIBUTE.search(attributes) is not None:
            return True
        return ":" in attributes and _HIDING.search(attributes) is not None

    def _take_paragraph(self, name: str, *, closing: bool) -> None:
        nested = name in {"ul", "ol"} and (len(self.counters) > (1 if closing else 0))
        self._break("\n" if nested or name == "table" else "\n\n")
        if name == "pre":
            self.preformatted = max(0, self.preformatted + (-1 if closing else 1))
        elif name in {"ul", "ol"}:
            if not closing:
                self.counters.append(0 if name == "ol" else None)
            elif self.counters:
                self.counters.pop()

    def _take_blockquote(self, attributes: str, *, closing: bool) -> None:
        self._break("\n\n")
        if not closing:
            cites = _CITES.search(attributes) is not None and len(self.quotes) < _MAX_QUOTES
            self.quotes.append(len(self.out) if cites else -1)
        elif self.quotes:
            self._end_quote(self.quotes.pop())

    def _end_quote(self, start: int) -> None:
        """Mark the lines since `start` as quoted, as a plain text client would."""
        if start < 0:
            return
        content = _without_line_edges("".join(self.out[start:])).strip("\n")
        del self.out[start:]
        if content:
            content = _EMPTY_LINES.sub("\n\n", content)
            self.out.append("> " + content.replace("\n", "\n> ") + "\n\n")

    def finish(self) -> str:
        """The text, with quotations closed that the source leaves open."""
        while self.quotes:
            self._end_quote(self.quotes.pop())
        joined = _without_line_edges("".join(self.out)).replace(_KEPT_BLANK, " ")
        return _EMPTY_LINES.sub("\n\n", joined).strip()

    def _take_line(self, name: str, *, closing: bool) -> None:
        self._break("\n")
        if name == "li" and not closing:
            self.out.append(self._marker())

    def _marker(self) -> str:
        if not self.counters or self.counters[-1] is None:
            return "- "
        self.counters[-1] += 1
        return f"{self.counters[-1]}. "

    def _take_image(self, attributes: str) -> None:
        match = _ALT.search(attributes)
        if match is not None:
            self.take_text(next(filter(None, match.groups()), ""))

    def _break(self, lines: str) -> None:
        """End the line (or paragraph) unless it has just ended."""
        if self.out and not self.out[-1].endswith(lines):
            self.out.append(lines[1:] if self.out[-1].endswith("\n") and len(lines) > 1 else lines)


# A blank of preformatted text until the lines are trimmed; decoded text holds no U+0000.
_KEPT_BLANK = "\x00"
_BREAKS = {" ", "\n", "\t"}


def _without_line_edges(text: str) -> str:
    """Return the text without the blanks on either side of each line end."""
    first, *others = text.split("\n")
    if not others:
        return text
    *middle, last = others
    lines = [first.rstrip(_EDGE), *[line.strip(_EDGE) for line in middle], last.lstrip(_EDGE)]
    return "\n".join(lines)
