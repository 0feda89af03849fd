"""HTML as the text that a person would read: blocks, lists and tables laid out, hidden text gone.

A link is its visible text: its address is in the HTML. Earlier messages (`blockquote type=cite` and
its kin) become lines that begin with `> `. One pass over the tags, linear for any input.
"""

import html
import re

from courrier.mail.html.elements import (
    BLOCKS,
    CELLS,
    FORMATTING,
    KEEPING_LINES,
    LINES,
    LISTS,
    PARAGRAPHS,
    ROWS,
    UNSHOWN,
    VOID,
)
from courrier.mail.html.looks import (
    CLOSE,
    HIDDEN,
    KEPT_LINES,
    PLAIN,
    QUOTED,
    SHRUNK,
    SIZED,
    classes,
    look_of,
    quotes,
    read_sheet,
)
from courrier.mail.html.page import KEPT_BLANK, Page
from courrier.mail.html.stack import implied_ends, outermost, position_to_close
from courrier.mail.html.tokens import tokens

_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_PIXEL = re.compile(r"\b(?:width|height)\s*=\s*[\"']?[01](?:px)?(?![0-9.%])", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S{1,200}\.(?:png|gif|jpe?g|bmp|webp|svg)\Z", re.IGNORECASE)
_NUMBER = re.compile(r"\b(?:start|value)\s*=\s*[\"']?(-?[0-9]{1,6})", re.IGNORECASE)
# The white space of HTML; that of other scripts is text. A single space is left alone.
_BLANKS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
# Preheaders are padded with these, so that no client shows what follows.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]+"
    "|\u200c(?=[\\s\u034f\u200b\u200c\ufeff]|\\Z)"
)

_ENTERED_UNSHRUNK = HIDDEN | SHRUNK | KEPT_LINES | QUOTED
_ENTERED = _ENTERED_UNSHRUNK | SIZED
# Outside a table their tags are passed over (HTML 13.2.6.4.7).
_INSIDE_TABLES = {"tr", "td", "th", "tbody", "thead", "tfoot", "caption"}
_TAB = 4 * KEPT_BLANK
_MAX_QUOTES = 10
_MAX_LISTS = 8


def html_to_text(source: str) -> str:
    """The readable text, with LF line ends and without blanks at its ends."""
    reader = _Reader()
    for text, closing, name, attributes in tokens(source):
        if text:
            reader.take_text(text)
        if not name:
            continue
        if not closing:
            reader.open(name, attributes)
        elif name == "style" and text:
            reader.take_sheet(text)
        else:
            reader.close(name)
    return reader.page.finish()


class _Reader:
    """The elements that stand open, and what they do to the text."""

    __slots__ = (
        "after_image", "all_close", "close_paragraph", "hidden", "hiding", "keeping", "lists",
        "page", "regions", "rows", "shrunk", "stack",
    )  # fmt: skip

    def __init__(self) -> None:
        self.page = Page()
        self.stack: list[str] = []
        self.regions: list[tuple[int, int, bool]] = []
        self.hidden = 0
        self.keeping = 0
        self.shrunk = False
        self.hiding: set[str] = set()
        self.lists: list[int | None] = []
        self.rows: list[int] = []
        self.close_paragraph = False
        self.all_close = False
        self.after_image = False

    def take_text(self, text: str) -> None:
        if self.hidden or self.shrunk:
            return
        if "&" in text:
            text = html.unescape(text)
        if not text.isascii():
            text = _INVISIBLE.sub("", text)
        if self.keeping:
            self._take_lines(text)
            return
        text = _BLANKS.sub(" ", text)
        if self.after_image and text:
            self.after_image = False
            if text[0].isalnum() and self.page.ends_in_word():
                text = " " + text
        self.page.write(text)

    def take_sheet(self, text: str) -> None:
        sheet = read_sheet(text)
        self.hiding |= sheet.hidden
        self.all_close = self.all_close or sheet.close
        self.close("style")

    def _take_lines(self, text: str) -> None:
        for index, line in enumerate(text.split("\n")):
            if index:
                self.page.new_line()
            if line:
                self.page.write(line.replace("\t", _TAB).replace(" ", KEPT_BLANK))

    def open(self, name: str, attributes: str) -> None:
        if name in VOID:
            if not self.hidden:
                self._take_void(name, attributes)
            return
        if not self.rows and name in _INSIDE_TABLES:
            self.page.break_(1)
            return
        if self.stack and (name in BLOCKS or name == "a"):
            for ended, bounds in implied_ends(name):
                self._pop_to(outermost(self.stack, ended, bounds))
        look = look_of(attributes) if attributes else PLAIN
        if name in UNSHOWN or (self.hiding and self._is_hidden_by_class(attributes)):
            look |= HIDDEN
        self.stack.append(name)
        if not self.hidden and name in BLOCKS:
            look = self._lay_out(name, attributes, look)
        if look & (_ENTERED if self.shrunk else _ENTERED_UNSHRUNK):
            self._enter(name, look)

    def _is_hidden_by_class(self, attributes: str) -> bool:
        return "class" in attributes and not self.hiding.isdisjoint(classes(attributes))

    def _lay_out(self, name: str, attributes: str, look: int) -> int:
        page = self.page
        if name in LINES:
            # Outlook's line above an earlier message.
            page.break_(2 if "border-top" in attributes else 1)
        elif name in PARAGRAPHS:
            self.close_paragraph = name == "p" and (self.all_close or bool(look & CLOSE))
            page.break_(1 if self.close_paragraph else 2)
            if name == "blockquote" and self._quotes(attributes):
                look |= QUOTED
            elif name in KEEPING_LINES:
                look |= KEPT_LINES
        elif name in CELLS:
            page.new_cell(beside=bool(self.rows) and self.rows[-1] == len(page.lines))
        elif name in ROWS:
            self._open_row(name)
        elif name == "li":
            page.flush()
            page.marker = self._marker(attributes)
        else:
            self._open_list(name, attributes)
        return look

    def _quotes(self, attributes: str) -> bool:
        """An earlier message: it says so, is in another, or follows an introduction."""
        if self.page.depth or quotes(attributes):
            return True
        self.page.flush()
        return bool(self.page.lines) and self.page.lines[-1].endswith((":", "\uff1a"))

    def _open_row(self, name: str) -> None:
        if name == "table":
            self.page.break_(1)
            self.rows.append(-1)
        else:
            self.page.new_row()
            if self.rows:
                self.rows[-1] = len(self.page.lines)

    def _open_list(self, name: str, attributes: str) -> None:
        self.page.break_(1 if self.lists else 2)
        match = _NUMBER.search(attributes)
        start = int(match[1]) - 1 if match else 0
        self.lists.append(start if name == "ol" else None)

    def _marker(self, attributes: str) -> str:
        indent = "  " * min(len(self.lists) - 1, _MAX_LISTS) if self.lists else ""
        number = self.lists[-1] if self.lists else None
        if number is None:
            return indent + "- "
        match = _NUMBER.search(attributes) if attributes else None
        self.lists[-1] = int(match[1]) if match else number + 1
        return f"{indent}{self.lists[-1]}. "

    def _take_void(self, name: str, attributes: str) -> None:
        if name == "br":
            self.page.new_line()
        elif name == "hr":
            self.page.break_(2)
        elif name in {"img", "image"} and attributes:
            self._take_image(attributes)

    def _take_image(self, attributes: str) -> None:
        match = _ALT.search(attributes)
        if match is None or _PIXEL.search(attributes) or look_of(attributes) & HIDDEN:
            return
        words = html.unescape(next(filter(None, match.groups()), "")).strip()
        if not words or _FILE_NAME.match(words):
            return
        if words[0].isalnum() and self.page.ends_in_word():
            words = " " + words
        self.page.write(_BLANKS.sub(" ", words))
        self.after_image = True

    def close(self, name: str) -> None:
        if self.stack and self.stack[-1] == name:
            self._pop_to(len(self.stack) - 1)
            return
        if name in {"br", "p"} and not self.hidden:
            # HTML 13.2.6.4.7: the end of what was never begun is shown, for these two.
            self.page.new_line() if name == "br" else self.page.break_(2)
        if name not in FORMATTING:
            self._pop_to(position_to_close(self.stack, name))

    def _pop_to(self, size: int) -> None:
        """Close elements until so many stand open."""
        while len(self.stack) > size:
            name = self.stack.pop()
            if not self.hidden and name in BLOCKS:
                self._lay_out_end(name)
            while self.regions and self.regions[-1][0] > len(self.stack):
                self._leave()

    def _lay_out_end(self, name: str) -> None:
        page = self.page
        if name in PARAGRAPHS:
            page.break_(1 if name == "p" and self.close_paragraph else 2)
        elif name in CELLS:
            return
        elif name in LISTS:
            page.flush()
            page.marker = ""
            if self.lists:
                self.lists.pop()
            page.break_(1 if self.lists else 2)
        elif name == "table":
            page.break_(1)
            if self.rows:
                self.rows.pop()
        else:
            page.break_(1)

    def _enter(self, name: str, look: int) -> None:
        """From here on, until this element is closed, the text is seen in another way."""
        if name in {"body", "html"}:
            look &= ~HIDDEN
        if self.page.depth >= _MAX_QUOTES:
            look &= ~QUOTED
        self.regions.append((len(self.stack), look, self.shrunk))
        self.hidden += look & HIDDEN
        self.keeping += look & KEPT_LINES
        if look & (SHRUNK | SIZED):
            self.shrunk = bool(look & SHRUNK)
        if look & QUOTED and not self.hidden:
            self.page.flush()
            self.page.depth += 1

    def _leave(self) -> None:
        _, look, self.shrunk = self.regions.pop()
        if look & QUOTED and not self.hidden:
            self.page.flush()
            self.page.depth -= 1
        self.hidden -= look & HIDDEN
        self.keeping -= look & KEPT_LINES
