"""A message's HTML, safe to insert into a page and fetching nothing when it is shown.

The tree is built and filtered by nh3 (html5ever); here stand the lists. The result is cleaned again
until it no longer changes, so that it parses to the same tree once more.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache

import nh3

from courrier.mail.html_cost import markup_chars, nests_too_much
from courrier.mail.html_text import html_to_text
from courrier.mail.limits import MAX_HTML_MARKUP_CHARS

_TAGS = {
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote",
    "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
    "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p",
    "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var",
    "wbr",
}  # fmt: skip
_EMPTIED = {
    "script", "style", "title", "template", "noscript", "noembed", "noframes", "iframe", "object",
    "embed", "applet", "svg", "math", "select", "option", "textarea", "button", "xmp", "plaintext",
    "audio", "video", "canvas",
}  # fmt: skip
_EVERYWHERE = {"style", "title", "dir", "lang", "align", "valign", "width", "height", "bgcolor"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href", "name"},
    "img": {"src", "alt", "border", "data-remote-src", "hspace", "vspace"},
    "table": {"border", "cellpadding", "cellspacing", "summary"},
    "td": {"colspan", "rowspan", "nowrap", "abbr"},
    "th": {"colspan", "rowspan", "nowrap", "abbr", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value", "type"},
    "font": {"color", "face", "size"},
    "blockquote": {"type"},
    "time": {"datetime"},
    "details": {"open"},
}
_SCHEMES = {"http", "https", "mailto", "cid", "data"}
_LINK = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f]", re.IGNORECASE)
_CID = re.compile(r"cid:[^\s\"'<>\x00-\x1f]+\Z", re.IGNORECASE)
_RASTER = re.compile(
    r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]*\Z", re.IGNORECASE
)
_REMOTE = re.compile(r"(?:https?:)?//[^\s\x00-\x1f]+\Z", re.IGNORECASE)
_PROPERTIES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color",
    "border-left", "border-radius", "border-right", "border-spacing", "border-style",
    "border-top", "border-width", "caption-side", "color", "direction", "display", "empty-cells",
    "float", "clear", "font", "font-family", "font-size", "font-style", "font-variant",
    "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin",
    "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height", "max-width",
    "min-height", "min-width", "overflow", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "table-layout", "text-align", "text-decoration",
    "text-indent", "text-transform", "unicode-bidi", "vertical-align", "visibility",
    "white-space", "width", "word-break", "word-spacing", "word-wrap", "overflow-wrap",
}  # fmt: skip
# No backslash (CSS escapes), no function but colours, no at-rule, no bracket of any other kind.
_VALUE = re.compile(
    r"(?:[\w\s#%.,'\"!+/-]|rgba?\([\d\s.,%/]{1,60}\)|hsla?\([\d\s.,%/deg]{1,60}\))+\Z", re.ASCII
)
_PASSES = 4
# html5ever takes quadratic time for runs of these.
_STRAY_AMPERSAND = re.compile(r"&(?![a-zA-Z#])")
# In what nh3 writes, an attribute's value holds no quotation mark. A match gone astray
# inside a value leaves a remote `src` where it was, and the later pass removes that.
_REMOTE_SRC = re.compile(r"(<img(?: (?!src=)[a-z-]+=\"[^\"]*\")*) src=\"(?=h|/)", re.IGNORECASE)


def safe_html(stretches: list[tuple[str, bool]]) -> str:
    """The body's stretches as one safe fragment; those that are plain text keep their lines.

    Args:
        stretches: a source each, and whether it is HTML.
    """
    shown: list[str] = []
    room = MAX_HTML_MARKUP_CHARS
    for source, is_html in stretches:
        if not is_html:
            shown.append(_escaped_lines(source))
            continue
        room -= markup_chars(source)
        shown.append(_clean(source) if room >= 0 else _as_text(source))
    return "\n".join(shown)


def _clean(source: str) -> str:
    if nests_too_much(source):
        return _as_text(source)
    cleaned = _REMOTE_SRC.sub(
        r'\1 data-remote-src="', _FIRST_PASS.clean(_STRAY_AMPERSAND.sub("&amp;", source))
    )
    for _ in range(_PASSES):
        again = _LATER_PASS.clean(cleaned)
        if again == cleaned:
            return cleaned
        cleaned = again
    # A tree that never settles is shown as its text.
    return _as_text(cleaned)


def _as_text(source: str) -> str:
    return _escaped_lines(html_to_text(source))


def _escaped_lines(text: str) -> str:
    escaped = html.escape(text, quote=False).replace("\xa0", "&nbsp;")
    lines = escaped.strip("\n").split("\n")
    return "<div>" + "<br>".join(lines) + "</div>"


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if _CID.match(value) or _RASTER.match(value) else None
    if name == "style":
        return _style(value)
    if name == "href":
        return value if _LINK.match(value) else None
    if name == "data-remote-src":
        return value if tag == "img" and _REMOTE.match(value) else None
    return value


def _attribute_before_move(tag: str, name: str, value: str) -> str | None:
    """The same, but a remote image's source stays until it is moved to `data-remote-src`."""
    if name == "src" and _REMOTE.match(value):
        return value
    return _attribute(tag, name, value)


@lru_cache(maxsize=4096)
def _style(value: str) -> str | None:
    kept: list[str] = []
    for declaration in value[:_MAX_STYLE].split(";"):
        name, _, content = declaration.partition(":")
        name, content = name.strip().lower(), " ".join(content.split())
        if name in _PROPERTIES and content and _VALUE.match(content):
            kept.append(f"{name}:{content}")
    return ";".join(kept) or None


_MAX_STYLE = 2_000


def _cleaner(attribute_filter: Callable[[str, str, str], str | None]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_EMPTIED,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        strip_comments=True,
    )


_FIRST_PASS = _cleaner(_attribute_before_move)
_LATER_PASS = _cleaner(_attribute)
