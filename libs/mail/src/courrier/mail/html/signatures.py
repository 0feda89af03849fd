"""Signatures that mail programs mark in HTML, by class or id, where no delimiter tells."""

import re

_SIGNING = re.compile(
    r"<[a-z][a-z0-9]{0,10}\s[^<>]{0,400}?\b(?:class|id|name|data-marker)\s?=\s?[\"']?(?:[^\"'<>]{0,80}[\s_-])?"
    r"(?:apple|applemail|outlook|mail|message|composer|email|yahoo|yahoomail|k9mail|ydp[0-9a-z]{1,16})?"
    r"signature(?:_?block|_?section|_container|_?text|container)?(?:[\s\"'>]|\Z)",
    re.IGNORECASE,
)  # fmt: skip
_MOST = 20
_TAG_CHARS = 500
_NAME_CHARS = 20


def hide_signatures(source: str) -> str | None:
    """The HTML with each marked signature hidden; `None` if it marks none."""
    pieces: list[str] = []
    done = at = 0
    for _ in range(_MOST):
        at = source.find("ignature", at + 1)
        if at < 0:
            break
        tag = source.rfind("<", max(done, at - _TAG_CHARS), at)
        if tag < 0 or _SIGNING.match(source, tag, at + 40) is None:
            continue
        end = tag + len(source[tag : tag + _NAME_CHARS].split(None, 1)[0])
        pieces += (source[done:end], " hidden")
        done = end
    if not pieces:
        return None
    return "".join([*pieces, source[done:]])
