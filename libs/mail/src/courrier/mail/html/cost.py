"""How dear HTML may be to a tree builder, measured before any tree is built from it."""

import re
from collections import Counter
from collections.abc import Iterator

from courrier.mail.html.tokens import tokens
from courrier.mail.limits import (
    MAX_ELEMENTS_UNCHECKED,
    MAX_HTML_DEPTH,
    MAX_HTML_MARKUP_CHARS,
    MAX_HTML_REFERENCES,
    MAX_HTML_REOPENED,
    MAX_HTML_TAG_CHARS,
    MAX_HTML_TAGS,
)

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_HIDDEN_END = re.compile(r"[\"'][^\"'<>]*+</")

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
    """Its length, embedded images not counted; more than the limit where it is dear.

    html5ever takes quadratic time for the references within one text, and for the attributes
    within one tag.
    """
    plain = _EMBEDDED.sub("", source) if "data:image/" in source else source
    if plain.count("&") > MAX_HTML_REFERENCES or len(plain) > MAX_HTML_TAG_CHARS:
        for run in plain.split("<"):
            tag_chars = run.find(">") if len(run) > MAX_HTML_TAG_CHARS else 0
            in_text = run.count("&") <= MAX_HTML_REFERENCES
            if not in_text or tag_chars < 0 or tag_chars > MAX_HTML_TAG_CHARS:
                return MAX_HTML_MARKUP_CHARS + 1
    return len(plain)


def nests_too_much(source: str) -> bool:
    """Whether elements are so many, deep or misnested that a tree should not be built from them.

    Reckoned by upper bounds: an end tag counts only if an element of its name is open, and none in
    a comment or a quoted value does. In a drawing nothing closes itself.
    """
    tags = source.count("<")
    if tags <= MAX_ELEMENTS_UNCHECKED or tags > MAX_HTML_TAGS:
        return tags > MAX_HTML_TAGS
    opened: Counter[str] = Counter()
    depth = formatting = reopened = 0
    for closing, name in _tags(source):
        step = -1 if closing else 1
        reopened += formatting
        if reopened > MAX_HTML_REOPENED or depth > MAX_HTML_DEPTH:
            return True
        closes_itself = name in _SHALLOW and not (opened["svg"] or opened["math"])
        if closes_itself or (closing and not opened[name]):
            continue
        opened[name] += step
        depth += step * _STEPS.get(name, 1)
        if name in _FORMATTING:
            formatting += step
    return False


def _tags(source: str) -> Iterator[tuple[bool, str]]:
    """Whether each tag closes, and its name; an end tag in a comment or a value is none."""
    if "<!--" in source or _HIDDEN_END.search(source) is not None:
        for _, closing, name, _ in tokens(source):
            if name:
                yield closing, name
        return
    for match in _TAG.finditer(source):
        yield match[1] == "/", match[2].lower()
