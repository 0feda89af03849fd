"""How attributes change what a person reads: text hidden, kept in its lines, quoted, set close."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# What an element does to the text inside it. Plain numbers: enum.IntFlag takes ten times as long.
PLAIN = 0
HIDDEN = 1
SHRUNK = 2
"""Letters of no size; an element inside may give them one again."""
SIZED = 4
KEPT_LINES = 8
QUOTED = 16
CLOSE = 32
"""A paragraph without a margin, as Word writes all of them."""

_TELLING = ("style", "hidden", "class", "type", "name", "id")
_END = r"\s{0,9}(?:[;\"'!]|$)"
_ZERO = r"0{0,9}\.?0{0,9}(?:px|pt|em|cm|in|%)?"
_HIDING = re.compile(
    r"(?:^|[;\"'\s{])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    rf"|opacity\s*:\s*{_ZERO}{_END}|(?:text-indent|left|top)\s*:\s*-[0-9]{{4}})"
)
_NO_ROOM = re.compile(rf"(?:^|[;\"'\s])(?:max-)?(?:height|width)\s*:\s*{_ZERO}{_END}")
_CUT_OFF = re.compile(r"overflow(?:-[xy])?\s*:\s*hidden")
_FONT_SIZE = re.compile(rf"font-size\s*:\s*({_ZERO}{_END})?")
_KEPT_LINES = re.compile(r"white-space\s*:\s*pre")
_SIDE = r"[\w.%-]{1,12}"
_NO_MARGIN = re.compile(
    rf"margin\s*:\s*{_ZERO}(?:\s{{1,9}}{_SIDE}(?:\s{{1,9}}{_ZERO}(?:\s{{1,9}}{_SIDE})?)?)?{_END}"
    rf"|margin-bottom\s*:\s*{_ZERO}{_END}"
)
_HIDDEN_ATTRIBUTE = re.compile(r"[\s\"']hidden(?:[\s=/]|$)")
_WORD_PARAGRAPH = re.compile(r"class\s*=\s*[\"']?(?:x_)*(?:mso|p[0-9]\b|elementtoproof)")
_QUOTING = re.compile(
    r"type\s*=\s*[\"']?cite|(?:class|id)\s*=\s*[\"']?[^\"'>]{0,100}(?:quote|cite)|border-left"
)
_QUOTING_BLOCK = re.compile(
    r"name\s*=\s*[\"']?quote\b|class\s*=\s*[\"']?[^\"'>]{0,100}\byahoo_quoted"
)


def look_of(attributes: str) -> int:
    """What the attributes say, whatever element they are on."""
    return _look_cached(attributes) if len(attributes) < _CACHED else _look(attributes[:_MAX_CHARS])


_CACHED = 400
_MAX_CHARS = 4_000


def _look(attributes: str) -> int:
    written = attributes.lower()
    if not any(each in written for each in _TELLING):
        return PLAIN
    look = PLAIN
    if "hidden" in written and _HIDDEN_ATTRIBUTE.search(written):
        look |= HIDDEN
    if "style" in written:
        look |= _look_of_style(html.unescape(written) if "&" in written else written)
    if "mso" in written or "class" in written:
        look |= CLOSE if _WORD_PARAGRAPH.search(written) else PLAIN
    if _QUOTING_BLOCK.search(written):
        look |= QUOTED
    return look


_look_cached = lru_cache(maxsize=4096)(_look)


def _look_of_style(written: str) -> int:
    look = PLAIN
    if _HIDING.search(written) or (_NO_ROOM.search(written) and _CUT_OFF.search(written)):
        look |= HIDDEN
    size = _FONT_SIZE.search(written)
    if size:
        look |= SHRUNK if size[1] else SIZED
    if _KEPT_LINES.search(written):
        look |= KEPT_LINES
    if "margin" in written and _NO_MARGIN.search(written):
        look |= CLOSE
    return look


def quotes(attributes: str) -> bool:
    """Whether a `blockquote` with these attributes is an earlier message, not an indented text."""
    return bool(attributes) and _QUOTING.search(attributes[:_MAX_CHARS].lower()) is not None


_BRACE = re.compile(r"([{}])")
_CLASS = re.compile(r"[a-z0-9]{0,20}\.([a-z0-9_-]{1,80})\Z")
_CLASS_NAMES = re.compile(r"class\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_MAX_SHEET = 64 * 1024


class Sheet(NamedTuple):
    """What a style sheet does to the text on every screen; rules for some do not count."""

    hidden: frozenset[str]
    """Classes, in lower case."""
    close: bool
    """Paragraphs have no margin below."""


def read_sheet(sheet: str) -> Sheet:
    """Read the rules for single classes and for paragraphs, up to a bound."""
    hidden: set[str] = set()
    close = False
    for selectors, declarations in rules(sheet[:_MAX_SHEET].lower()):
        if _HIDING.search(declarations):
            named = [_CLASS.match(each) for each in selectors]
            hidden |= {match[1] for match in named if match}
        elif "p" in selectors and _NO_MARGIN.search(declarations):
            close = True
    return Sheet(frozenset(hidden), close)


def rules(written: str) -> Iterator[tuple[list[str], str]]:
    """The selectors and declarations of a sheet's rules; those within others are left out."""
    depth, before, selectors = 0, "", ""
    for piece in _BRACE.split(written):
        if piece == "{":
            depth += 1
            selectors = before
        elif piece == "}":
            if depth == 1:
                yield [each.strip() for each in selectors.split(",")], before
            depth = max(0, depth - 1)
        before = piece


def classes(attributes: str) -> set[str]:
    """The names in a `class` attribute, in lower case."""
    match = _CLASS_NAMES.search(attributes)
    return set(next(filter(None, match.groups()), "").lower().split()) if match else set()
