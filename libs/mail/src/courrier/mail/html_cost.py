"""How dear HTML may be to a tree builder, measured before any tree is built from it."""

import re
from collections import Counter

from courrier.mail.limits import (
    MAX_ELEMENTS_UNCHECKED,
    MAX_HTML_DEPTH,
    MAX_HTML_REOPENED,
)

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_EMBEDDED = re.compile(r"data:image/[^\s\"'<>]+")
# These close themselves at the next of their kind, or hold nothing.
_SHALLOW = {
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "br", "hr",
    "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed", "param",
    "track", "html", "body", "head",
}  # fmt: skip
# With these come the elements in between: a table's cell is four deeper, a list's item two.
_STEPS = {"table": 5, "ul": 2, "ol": 2, "dl": 2, "menu": 2, "dir": 2}
# HTML section 13.2.4.3: left open, these are opened again in every block that follows.
_FORMATTING = {
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
}  # fmt: skip


def markup_chars(source: str) -> int:
    """Its length, embedded images not counted, ampersands counted tenfold: they are dear."""
    embeds = "data:image/" in source
    plain = _EMBEDDED.sub("", source) if embeds else source
    return len(plain) + 9 * plain.count("&")


def nests_too_much(source: str) -> bool:
    """Whether elements are so deep or misnested that a tree should not be built from them.

    Reckoned by upper bounds: an end tag counts only if an element of its name is open.
    """
    if source.count("<") <= MAX_ELEMENTS_UNCHECKED:
        return False
    opened: Counter[str] = Counter()
    depth = formatting = reopened = 0
    for match in _TAG.finditer(source):
        name = match.group(2).lower()
        step = -1 if match.group(1) else 1
        reopened += formatting
        if reopened > MAX_HTML_REOPENED or depth > MAX_HTML_DEPTH:
            return True
        if name in _SHALLOW or (step < 0 and not opened[name]):
            continue
        opened[name] += step
        depth += step * _STEPS.get(name, 1)
        if name in _FORMATTING:
            formatting += step
    return False
