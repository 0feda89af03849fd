"""Where in HTML a value would stand: between tags, in an attribute, or where none may stand.

Not a parser: it only has to agree with browsers on where text, tags and quoted values end. Every
character is looked at once or twice.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal

Context = Literal["text", "value", "bare"]
"""Between tags; in quotes behind an attribute's name; elsewhere within a tag."""

_OPENING = re.compile(r"<(?:!--|[A-Za-z/!?])")
_TAG_NAME = re.compile(r"<([A-Za-z][^\s/>]*)")
_GAP = re.compile(r"[\s/]*")
_NAME = re.compile(r"[^\s/>=][^\s/>=]*|=")
_EQUALS = re.compile(r"\s*=\s*")
_UNQUOTED = re.compile(r"[^\s>]*")
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("style", "script")}


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of HTML in which values may stand; ``attribute`` in lower case."""

    context: Context
    start: int
    end: int
    attribute: str = ""


def places(html: str) -> Iterator[Place]:
    """Yield the stretches in order; comments, declarations, scripts and styles are in none."""
    at = 0
    while opening := _OPENING.search(html, at):
        start = opening.start()
        if at < start:
            yield Place("text", at, start)
        tag = _TAG_NAME.match(html, start)
        if tag is None:
            at = _end(html, start, "-->" if opening[0] == "<!--" else ">")
            continue
        at = yield from _within_tag(html, tag.end())
        if raw := _RAW.get(tag[1].lower()):
            closing = raw.search(html, at)
            at = closing.start() if closing else len(html)
    if at < len(html):
        yield Place("text", at, len(html))


def _within_tag(html: str, at: int) -> Generator[Place, None, int]:
    """Yield the places of a tag's attributes; return where the tag ends."""
    size = len(html)
    while True:
        at = _past(_GAP, html, at)
        if at >= size:
            return size
        if html[at] == ">":
            return at + 1
        name = _NAME.match(html, at)
        if name is None:
            raise AssertionError("a gap, a name or the end of the tag stands here")
        equals = _EQUALS.match(html, name.end())
        if equals is None:
            yield Place("bare", at, name.end())
            at = name.end()
            continue
        at = yield from _value(html, equals.end(), name[0].lower())


def _value(html: str, at: int, attribute: str) -> Generator[Place, None, int]:
    if at < len(html) and html[at] in "\"'":
        end = html.find(html[at], at + 1)
        end = len(html) if end < 0 else end
        if attribute != "style":
            yield Place("value", at + 1, end, attribute)
        return end + 1
    end = _past(_UNQUOTED, html, at)
    if attribute != "style":
        yield Place("bare", at, end, attribute)
    return end


def _past(pattern: re.Pattern[str], html: str, at: int) -> int:
    found = pattern.match(html, at)
    return found.end() if found else at


def _end(html: str, start: int, mark: str) -> int:
    found = html.find(mark, start + 2)
    return len(html) if found < 0 else found + len(mark)
