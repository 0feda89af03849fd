"""A message's HTML, safe to insert into a page and fetching nothing when it is shown.

The tree is built and filtered by nh3 (html5ever); here stand the lists. The result is cleaned again
until it no longer changes, so that it parses to the same tree once more.
"""

import html
import re
from collections.abc import Callable

import nh3

from courrier.mail.html.cost import markup_chars, nests_too_much
from courrier.mail.html.safe_attributes import VALUES, Judge, enclosed_image, remote_image
from courrier.mail.html.safe_style import safe_style
from courrier.mail.html.sheet_reading import with_sheets
from courrier.mail.html.text import html_to_text
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
    "embed", "applet", "svg", "math", "select", "option", "textarea", "audio", "video", "canvas",
    "xml",
}  # fmt: skip
_EVERYWHERE = {"style", "title", "dir", "lang", "align", "valign", "width", "height", "bgcolor"}
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href"},
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
_LINK_REL = "noopener noreferrer"
_SCHEMES = {"http", "https", "mailto", "cid", "data"}
_PASSES = 4
# html5ever takes quadratic time for runs of these.
_STRAY_AMPERSAND = re.compile(r"&(?![a-zA-Z#])")
# In what nh3 writes, no value holds a quotation mark or an angle bracket.
_REMOTE_SRC = re.compile(r"(<img(?: (?!src=)[a-z-]+=\"[^\"]*\")*) src=\"(?=h|/)", re.IGNORECASE)
# An image that nobody can see only tells that somebody looks.
_PIXEL = re.compile(
    r"<img (?=[^<>]*\bwidth=\"[01](?:px)?\")(?=[^<>]*\bheight=\"[01](?:px)?\")"
    r"(?=[^<>]*\bdata-remote-src=)[^<>]*>"
)
# No reader shows these, and XML has no place for them.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])
# As nh3 writes them: no value holds a quotation mark.
_WRITTEN = re.compile(r' ([a-z0-9-]+)="([^"]*)"')
_PRE_START = re.compile(r"(<pre(?: [^>]*)?>)\n+")


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
    dressed = with_sheets(source)
    cleaned = _FIRST_PASS.clean(_STRAY_AMPERSAND.sub("&amp;", dressed))
    cleaned = _REMOTE_SRC.sub(r'\1 data-remote-src="', cleaned)
    if 'th="1"' in cleaned or 'th="0"' in cleaned:
        cleaned = _PIXEL.sub("", cleaned)
    if _has_controls(cleaned):
        cleaned = _CONTROLS.sub(" ", cleaned)
    if "<pre" in cleaned:
        # A parser drops the first line break in it, each time.
        cleaned = _PRE_START.sub(r"\1", cleaned)
    if _SHAPE_PASS.clean(cleaned) == cleaned and _is_judged(cleaned):
        return cleaned
    for _ in range(_PASSES):
        again = _LATER_PASS.clean(cleaned)
        if again == cleaned:
            return cleaned
        cleaned = again
    # A tree that never settles is shown as its text.
    return _as_text(cleaned)


def _has_controls(cleaned: str) -> bool:
    """To leave out bytes and compare is four times as fast as to search."""
    content = cleaned.encode("utf-8", "surrogatepass")
    return (
        len(content.translate(None, _CONTROL_BYTES)) != len(content)
        or "\ufffe" in cleaned
        or "\uffff" in cleaned
    )


def _is_judged(written: str) -> bool:
    """Whether each attribute written is one that our judgement leaves as it is.

    A tree that nh3 writes as this text has no other attributes than stand in it, so the pass that
    asks us for each of them would write the same: it need not be made. A quotation mark in words
    for people can make this false, but never true: what it hides of a tag holds a `<`, and no
    judgement leaves that.
    """
    for name, value in set(_WRITTEN.findall(written)):
        said = html.unescape(value) if "&" in value else value
        judge = _JUDGES.get(name)
        if judge is None or judge(said) != said:
            return False
    return True


def _as_text(source: str) -> str:
    return _escaped_lines(html_to_text(source))


def _escaped_lines(text: str) -> str:
    escaped = html.escape(_CONTROLS.sub(" ", text), quote=False).replace("\xa0", "&nbsp;")
    lines = escaped.strip("\n").split("\n")
    return '<div style="white-space:pre-wrap">' + "<br>".join(lines) + "</div>"


def _link_rel(_value: str) -> str | None:
    return _LINK_REL


def _any_image(value: str) -> str | None:
    """A remote image's source stays until it is moved to `data-remote-src`."""
    return remote_image(value) or enclosed_image(value)


_JUDGES: dict[str, Judge] = {
    **VALUES,
    "style": safe_style,
    "src": enclosed_image,
    "data-remote-src": remote_image,
    "rel": _link_rel,
}
_JUDGES_BEFORE_MOVE = {**_JUDGES, "src": _any_image}


def _filter(judges: dict[str, Judge]) -> Callable[[str, str, str], str | None]:
    def judged(tag: str, name: str, value: str) -> str | None:  # noqa: ARG001  # asked by nh3
        judge = judges.get(name)
        return None if judge is None else judge(value)

    return judged


def _cleaner(attribute_filter: Callable[[str, str, str], str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_EMPTIED,
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        url_schemes=_SCHEMES,
        link_rel=_LINK_REL,
        strip_comments=True,
    )


_FIRST_PASS = _cleaner(_filter(_JUDGES_BEFORE_MOVE))
_LATER_PASS = _cleaner(_filter(_JUDGES))
_SHAPE_PASS = _cleaner(None)
"""Settles what the tree is; says nothing of what values say."""
