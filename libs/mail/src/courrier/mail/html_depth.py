"""How deep HTML can nest, measured before any tree is built from it."""

import re
from collections import Counter

from courrier.mail.limits import MAX_ELEMENTS_UNCHECKED, MAX_HTML_DEPTH

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
# These close themselves at the next of their kind, or hold nothing.
_SHALLOW = {
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "br", "hr",
    "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed", "param",
    "track", "html", "body", "head",
}  # fmt: skip


def is_too_deep(source: str) -> bool:
    """Whether the elements open at some place may be more than a tree builder can bear.

    An upper bound: an end tag counts only if an element of its name is open.
    """
    if source.count("<") <= MAX_ELEMENTS_UNCHECKED:
        return False
    opened: Counter[str] = Counter()
    depth = 0
    for match in _TAG.finditer(source):
        name = match.group(2).lower()
        if name in _SHALLOW:
            continue
        if not match.group(1):
            opened[name] += 1
            depth += 1
            if depth > MAX_HTML_DEPTH:
                return True
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return False
