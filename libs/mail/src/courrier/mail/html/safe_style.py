"""Style declarations that can only dress what they stand on: they fetch, run and cover nothing.

The grammar is narrower than CSS: no escape, no comment, no function but colours, no rule. Nothing
can leave its place either: no position, no negative margin, no shadow or outline over the page.
"""

import re
from functools import lru_cache

_PLAIN = {
    "background-color", "border", "border-bottom", "border-bottom-color",
    "border-bottom-left-radius", "border-bottom-right-radius", "border-bottom-style",
    "border-bottom-width", "border-collapse", "border-color", "border-left", "border-left-color",
    "border-left-style", "border-left-width", "border-radius", "border-right",
    "border-right-color", "border-right-style", "border-right-width", "border-spacing",
    "border-style", "border-top", "border-top-color", "border-top-left-radius",
    "border-top-right-radius", "border-top-style", "border-top-width", "border-width",
    "box-sizing", "caption-side", "clear", "color", "direction", "display", "empty-cells",
    "float", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight",
    "height", "line-height", "list-style", "list-style-position", "list-style-type", "margin",
    "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height", "max-width",
    "min-height", "min-width", "overflow", "overflow-wrap", "padding", "padding-bottom",
    "padding-left", "padding-right", "padding-top", "table-layout", "text-align",
    "text-decoration", "text-decoration-color", "text-decoration-line", "text-decoration-style",
    "text-transform", "unicode-bidi", "visibility", "white-space", "width", "word-break",
    "word-wrap",
}  # fmt: skip
# Word writes hanging indents; a step of two digits leaves nobody's frame.
_STEPPING = {"letter-spacing", "text-indent", "vertical-align", "word-spacing"}
_COLOUR = r"rgba?\([0-9\s.,%/]{1,60}\)|hsla?\([0-9\s.,%/deg]{1,60}\)"
# Names of fonts are written in all scripts; the wide forms of Latin letters are no script.
_LETTERS = (
    "A-Za-z0-9_\u00c0-\u024f\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff"
    "\uac00-\ud7a3"
)
_VALUE = re.compile(rf"(?:[{_LETTERS} #%.,'\"!+/-]|{_COLOUR})+\Z", re.IGNORECASE)
# Harmless without their brackets, but nothing that anybody needs either.
_TELLTALE = re.compile(r"expression|javascript|vbscript|behaviou?r|\burl\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"(?:^|[\s,/])-\s*[0-9.]")
_STEP = re.compile(r"-[0-9]{1,2}(?:\.[0-9]{1,4})?(?:px|pt)?\Z|-[0-9](?:\.[0-9]{1,4})?[a-z]{1,3}\Z")
_HUGE = re.compile(r"[0-9]{5}|[0-9]e\+?[0-9]", re.IGNORECASE)
_NAMED_COLOUR = (
    "transparent|aqua|azure|beige|black|blue|brown|cyan|crimson|fuchsia|gainsboro|gold|gr[ae]y|green"
    "|indigo|ivory|khaki|lavender|light(?:blue|gr[ae]y|green|yellow)|dark(?:blue|gr[ae]y|green|red)"
    "|lime|linen|magenta|maroon|navy|olive|orange|pink|plum|purple|red|salmon|silver|snow|tan|teal"
    "|tomato|turquoise|violet|wheat|white(?:smoke)?|yellow"
)
_BACKGROUND_COLOUR = re.compile(
    rf"(?:^|\s)(#[0-9a-f]{{3,8}}|{_COLOUR}|{_NAMED_COLOUR})(?=\s|$|!)", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MAX_CHARS = 4_000


@lru_cache(maxsize=4096)
def safe_style(value: str) -> str | None:
    """The harmless declarations of a `style` attribute in one notation; `None` if there are none.

    A second call with the result returns it unchanged.
    """
    value = value[:_MAX_CHARS]
    if "/*" in value:
        value = _COMMENT.sub(" ", value)
    kept = [safe for each in value.split(";") if (safe := _declaration(each)) is not None]
    return ";".join(kept) or None


def _declaration(written: str) -> str | None:
    name, _, content = written.partition(":")
    name, content = name.strip().lower(), " ".join(content.split())
    if name == "background":
        return _background(content)
    if not content or not _VALUE.match(content) or content.count('"') % 2 or content.count("'") % 2:
        return None
    if _TELLTALE.search(content):
        return None
    if name in _STEPPING:
        return f"{name}:{content}" if _steps(content) else None
    if name not in _PLAIN or _NEGATIVE.search(content) or _is_huge(name, content):
        return None
    return f"{name}:{content}"


def _background(content: str) -> str | None:
    """Of a background only its colour is kept: the images are what loads."""
    found = _BACKGROUND_COLOUR.search(content)
    return f"background-color:{found[1]}" if found else None


def _steps(content: str) -> bool:
    return ("-" not in content or _STEP.match(content) is not None) and not _HUGE.search(content)


def _is_huge(name: str, content: str) -> bool:
    return "color" not in name and "#" not in content and _HUGE.search(content) is not None
