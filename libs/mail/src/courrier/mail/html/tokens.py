"""HTML cut into text and tags in one pass, linear for any input; no tree is built (HTML 13.2.5)."""

import re
from collections.abc import Iterator

from courrier.mail.limits import MAX_HTML_TAGS

Token = tuple[str, bool, str, str]
"""Text, then the tag that ends it: whether it closes, its lower-case name (or ""), attributes."""

_MARKUP = re.compile(r"<(?=[a-zA-Z/!?])")
# A whole tag without oddities; possessive, so that it fails at once, at the next `>` at the latest.
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]*+)([^>\"']*+(?:\"[^\"<>]*+\"[^>\"']*+|'[^'<>]*+'[^>\"']*+)*+)>"
)
_TAG_START = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_RAW_TEXT = {
    "style", "script", "textarea", "title", "noframes", "noembed", "iframe", "xmp", "plaintext",
}  # fmt: skip
_RAW_TEXT_END = {name: re.compile(f"</{name}(?=[\\s/>]|\\Z)", re.IGNORECASE) for name in _RAW_TEXT}
_ANY_TAG = re.compile(r"<[^<>]*+>")
_COMMENT_END = re.compile(r"--!?>")
_MAX_QUOTED = 4_000


def tokens(source: str) -> Iterator[Token]:
    """Cut a source, comments and declarations left out; what is beyond the limit is plain text."""
    position, last_close = 0, source.rfind(">")
    search, match_tag = _MARKUP.search, _TAG.match
    for _ in range(MAX_HTML_TAGS):
        found = search(source, position, last_close)
        if found is None:
            yield source[position:], False, "", ""
            return
        at = found.start()
        match = match_tag(source, at)
        if match is not None:
            (closing, name, attributes), end = match.groups(), match.end()
        else:
            closing, name, attributes, end = _odd_tag(source, at)
        name = name.lower()
        yield source[position:at], bool(closing), name, attributes
        position = end
        if name in _RAW_TEXT and not closing:
            position = _raw_text_end(source, name, end)
            yield source[end:position], True, name, ""
    yield _ANY_TAG.sub(" ", source[position:]), False, "", ""


def _odd_tag(source: str, at: int) -> tuple[str, str, str, int]:
    """A tag with a `>` in a value or a quote too many, or no tag (no name), and where it ends."""
    match = _TAG_START.match(source, at)
    if match is None:
        return "", "", "", _after_markup(source, at)
    end = _tag_end(source, match.end())
    return match[1], match[2], source[match.end() : end - 1], end


def _after_markup(source: str, at: int) -> int:
    """Behind a comment, a declaration, a processing instruction or an end tag without a name."""
    if source.startswith("<!--", at) and not source.startswith((">", "->"), at + 4):
        end = _COMMENT_END.search(source, at + 4)
        return end.end() if end else len(source)
    return source.find(">", at) + 1


def _tag_end(source: str, start: int) -> int:
    """Behind the tag's `>`; a `>` inside a quoted value does not end it."""
    end = source.find(">", start)
    attributes = source[start:end]
    for quote in ('"', "'"):
        if quote in attributes and attributes.count(quote) % 2 and "=" in attributes:
            closing = source.find(quote, end, end + _MAX_QUOTED)
            after = source.find(">", closing, closing + _MAX_QUOTED) if closing >= 0 else -1
            return after + 1 if after >= 0 else end + 1
    return end + 1


def _raw_text_end(source: str, name: str, start: int) -> int:
    match = _RAW_TEXT_END[name].search(source, start) if name != "plaintext" else None
    return match.start() if match is not None else len(source)
