"""A message's style sheets written to the elements they are for, before these are sanitised.

Style elements are not shown: a sheet could dress the page around the message. Rules for an element,
a class, both, or an id go to the elements themselves, which is what Word's paragraphs and most
newsletters need; rules for some screens, states or descendants are left out. Linear in the source.
"""

import html
import re
from collections.abc import Iterator

from courrier.mail.html.looks import rules
from courrier.mail.html.safe_style import safe_style

_STYLE = re.compile(r"<style\b[^<>]{0,500}>", re.IGNORECASE)
_STYLE_END = re.compile(r"</style", re.IGNORECASE)
_ALL_MEDIA = re.compile(r"media\s*=\s*[\"']?\s*(?:all|screen)\s*[\"'>]", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_SELECTOR = re.compile(r"[a-z][a-z0-9]{0,20}(?:\.[\w-]{1,80})?\Z|[.#][\w-]{1,80}\Z")
_TAG = re.compile(
    r"<([a-zA-Z][a-zA-Z0-9]{0,20}+)((?=[\s/>])[^<>\"']*+"
    r"(?:\"[^\"<>]*+\"[^<>\"']*+|'[^'<>]*+'[^<>\"']*+)*+)>"
)
_NAMES = re.compile(
    r"\b(class|id)\s{0,9}=\s{0,9}(?:\"([^\"]{0,500})\"|'([^']{0,500})'|([^\s\"'>]{1,200}))",
    re.IGNORECASE,
)
_OWN_STYLE = re.compile(r"(\bstyle\s{0,9}=\s{0,9})(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_MAX_SHEET = 64 * 1024
_MAX_RULES = 500
_MAX_CLASSES = 8
_MAX_ADDED = 256 * 1024


def with_sheets(source: str) -> str:
    """The source with the simple rules of its sheets at the elements; the same if it has none."""
    if "<style" not in source and "<STYLE" not in source:
        return source
    found = _rules_by_selector(source)
    return _TAG.sub(_Dresser(found).dress, source) if found else source


def _rules_by_selector(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    sheets = _COMMENT.sub(" ", "}".join(_sheets(source))[:_MAX_SHEET]).lower()
    for selectors, declarations in rules(sheets):
        style = safe_style(declarations)
        if style is None:
            continue
        for selector in selectors:
            if _SELECTOR.match(selector) and len(found) < _MAX_RULES:
                found[selector] = f"{found[selector]};{style}" if selector in found else style
    return found


def _sheets(source: str) -> Iterator[str]:
    shown = _without_conditions(source) if "<!--[if" in source else source
    for start in _STYLE.finditer(shown):
        if "media" in start[0] and _ALL_MEDIA.search(start[0]) is None:
            continue
        end = _STYLE_END.search(shown, start.end(), start.end() + _MAX_SHEET)
        if end is not None:
            yield shown[start.end() : end.start()]


def _without_conditions(source: str) -> str:
    """The source without what is for Outlook only."""
    kept: list[str] = []
    position = 0
    while True:
        start = source.find("<!--[if", position)
        end = source.find("<![endif]-->", start) if start >= 0 else -1
        if end < 0:
            return "".join((*kept, source[position:]))
        kept.append(source[position:start])
        opened = source.find("]>", start, end) + 2
        if source.startswith("<!", opened):
            # `<!--[if !mso]><!-->`: shown to all others.
            kept.append(source[opened:end])
        position = end


class _Dresser:
    """Adds what the rules say to a start tag; its own style comes last, and so wins."""

    __slots__ = ("known", "named", "room", "rules")

    def __init__(self, found: dict[str, str]) -> None:
        self.rules = found
        self.named = any(each[0] in ".#" or "." in each for each in found)
        """Whether some rule asks for a class or an id."""
        self.room = _MAX_ADDED
        self.known: dict[str, tuple[str, int]] = {}
        """Tags met so far, mostly the same again and again: dressed, and by how much longer."""

    def dress(self, tag: re.Match[str]) -> str:
        whole = tag[0]
        if not self.named and tag[1].lower() not in self.rules:
            return whole
        known = self.known.get(whole)
        if known is None:
            style = ";".join(self._styles(tag[1].lower(), tag[2]))
            known = (_dressed(tag, html.escape(style)) if style else whole, len(style))
            if len(self.known) < _MAX_RULES and len(whole) <= _MAX_KNOWN:
                self.known[whole] = known
        dressed, added = known
        if added and self.room <= 0:
            return whole
        self.room -= added
        return dressed

    def _styles(self, name: str, attributes: str) -> Iterator[str]:
        """From the least to the most specific."""
        if name in self.rules:
            yield self.rules[name]
        if not self.named:
            return
        ids: list[str] = []
        for match in _NAMES.finditer(attributes):
            words = (match[2] or match[3] or match[4] or "").lower().split()[:_MAX_CLASSES]
            if match[1].lower() == "id":
                ids += [f"#{word}" for word in words]
                continue
            for selector in (
                *(f".{word}" for word in words),
                *(f"{name}.{word}" for word in words),
            ):
                if selector in self.rules:
                    yield self.rules[selector]
        yield from (self.rules[each] for each in ids[:1] if each in self.rules)


_MAX_KNOWN = 500


def _dressed(tag: re.Match[str], style: str) -> str:
    name, attributes = tag[1].lower(), tag[2]
    own = _OWN_STYLE.search(attributes)
    if own is None:
        return f'<{name} style="{style}"{attributes}>'
    value = own[2] if own[2] is not None else own[3].replace('"', "&quot;")
    return f'<{name}{attributes[: own.start()]}{own[1]}"{style};{value}"{attributes[own.end() :]}>'
