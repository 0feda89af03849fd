"""Message ids as Message-ID, In-Reply-To and References carry them (RFC 5322 section 3.6.4)."""

import re

from courrier.mail.limits import MAX_IDS
from courrier.mail.words import decode_words, raw_text

# In this order at each place: a bracketed id, a comment, a quoted string, a bare id, other words.
_TOKEN = re.compile(
    r"<([^<>]*)>"
    r"|\((?:[^()\\]|\\.|\([^()]{0,100}\)){0,100}\)"
    r'|"(?:[^"\\]|\\.){0,100}"'
    r'|([^\s<>()",;@]+@[^\s<>()",;@]+)'
    r'|([^\s<>()",;]+)',
    re.DOTALL,
)
_BARE_ID = re.compile(r"[^\s@]+@[^\s@]+\Z")
_LONG_WORD_WITH_DIGIT = re.compile(r"(?=.*\d)\S{8,}\Z")
_SIMPLE = re.compile(r"<([!-;=?-~]+@[!-;=?-~]+)>\Z")
_NO_BRACKETS = dict.fromkeys(map(ord, '<>"'))
_COMMENT = re.compile(r"\([^()]*\)")


def message_ids(value: bytes) -> tuple[str, ...]:
    """The ids of a field in order, without brackets, each once.

    Comments, quoted words and rubbish give nothing. In a field of prose (`your message of ...
    from Ann <ann@example.org>`) a bracketed address without digits is a person, no id.
    """
    text = _plain(value)
    simple = _SIMPLE.match(text)
    if simple is not None:
        return (simple.group(1),)
    found: dict[str, bool] = {}
    prose = False
    for match in _TOKEN.finditer(text):
        bracketed, bare, word = match.groups()
        prose = prose or word is not None
        candidate = _id(bracketed) if bracketed is not None else bare
        if candidate is not None:
            found.setdefault(candidate, any(map(str.isdigit, candidate)))
        if len(found) >= MAX_IDS:
            break
    return tuple(each for each, has_digit in found.items() if has_digit or not prose)


def message_id(value: bytes) -> str | None:
    """The id of a Message-ID field; a value without brackets is taken as it stands."""
    text = _plain(value)
    simple = _SIMPLE.match(text)
    if simple is not None:
        return simple.group(1)
    for match in _TOKEN.finditer(text):
        if match.group(1) is not None:
            return "".join(match.group(1).split()) or None
    return "".join(_COMMENT.sub("", text).translate(_NO_BRACKETS).split()) or None


def _plain(value: bytes) -> str:
    """The field without what some gateways do to its brackets."""
    text = raw_text(value)
    if "=?" in text:
        text = decode_words(text)
    return text.replace("&lt;", "<").replace("&gt;", ">") if "&" in text else text


def _id(content: str) -> str | None:
    """What stands in brackets, if it can be an id; folding may have put blanks into it."""
    words = content.split()
    if len(words) > 2:
        return None
    joined = "".join(words)
    if _BARE_ID.match(joined) or (len(words) == 1 and _LONG_WORD_WITH_DIGIT.match(joined)):
        return joined
    return None
