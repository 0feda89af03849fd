"""A style sheet's rules written to the elements they are for, as mail programs want them.

Gmail drops sheets that it does not like, Outlook on Windows knows few selectors, and an answer
quotes without any sheet. What cannot stand at an element (media queries, `:hover`, `@font-face`)
stays in `<style>`. By the Rust library css-inline, which loads nothing here; its tree builder dies
of deep nesting and some selectors take it long, hence the limits, which no real template meets.
"""

import re

import css_inline

from courrier.mail.html.cost import nests_too_much
from courrier.mail.writing.outgoing import Unwritable

MAX_HTML_CHARS = 512 * 1024
"""Gmail cuts a message off at 102 KB of HTML."""
MAX_TAGS = 5_000
"""Start tags, and so the depth of the tree: it was seen to crash at 20,000, never at 5,000."""
MAX_CSS_CHARS = 256 * 1024
MAX_MATCHES = 3_000_000
"""Selectors times tags: some 60 ns each."""
MAX_WRITTEN_CHARS = 300_000_000
"""Characters of style sheets times tags: what a sheet whose rules are for all could write."""

_TAG = re.compile(r"<[a-zA-Z]")
_STYLE = re.compile(r"<style\b(.*?)(?:</style|\Z)", re.IGNORECASE | re.DOTALL)
# Compared with each element's whole subtree; escapes could hide the name.
_HAS = re.compile(r":(?:has\s*\(|[a-z]{0,3}\\)", re.IGNORECASE)

_INLINER = css_inline.CSSInliner(
    load_remote_stylesheets=False,
    keep_style_tags=True,
    remove_inlined_selectors=True,
    keep_at_rules=True,
)


class Uninlinable(Unwritable):
    """The HTML is too large, too deep or its style sheet too dear; the text says which."""


def inline_css(html: str) -> str:
    """The document with its style sheets inlined; without any sheet, the same text.

    A fragment becomes a document. Linked sheets are neither loaded nor kept.

    Raises:
        Uninlinable: see there.
    """
    sheets = _STYLE.findall(html)
    if not sheets:
        return html
    _check(html, sheets)
    try:
        return _INLINER.inline(html).replace("<style></style>", "")
    except css_inline.InlineError as error:
        raise Uninlinable(f"the style sheet cannot be read: {str(error)[:200]}") from error


def _check(html: str, sheets: list[str]) -> None:
    css = sum(map(len, sheets))
    tags = sum(1 for _ in _TAG.finditer(html))
    selectors = sum(each.count("{") + each.count(",") for each in sheets)
    if len(html) > MAX_HTML_CHARS or tags > MAX_TAGS:
        text = f"{MAX_HTML_CHARS} characters and {MAX_TAGS} tags at most"
        raise Uninlinable(f"the HTML has {len(html)} characters and {tags} tags; {text}")
    if nests_too_much(html):
        raise Uninlinable("the HTML is nested too deeply")
    if css > MAX_CSS_CHARS or css * tags > MAX_WRITTEN_CHARS or selectors * tags > MAX_MATCHES:
        text = f"too many for {tags} tags"
        raise Uninlinable(f"the style sheet has {css} characters, {selectors} selectors: {text}")
    if any(_HAS.search(each) for each in sheets):
        raise Uninlinable("the style sheet uses :has() or an escaped pseudo-class")
