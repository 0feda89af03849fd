"""Message ids as Message-ID, In-Reply-To and References carry them (RFC 5322 section 3.6.4)."""

import re

from courrier.mail.headers.words import decode_words, raw_text
from courrier.mail.limits import MAX_IDS

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
_FROM = {"from", "by", "von", "de", "da", "van"}
_LOOKED_BACK = 5
_NO_BRACKETS = dict.fromkeys(map(ord, '<>"'))
_COMMENT = re.compile(r"\([^()]*\)")


def message_ids(value: bytes) -> tuple[str, ...]:
    """The ids of a field in order, without brackets, each once.

    Comments, quoted words and rubbish give nothing. In a field of prose (`Ann <ann@example.org>
    wrote on Monday`) the address of a person is no id: one behind `from`, and one without
    digits behind nothing but names.
    """
    text = _plain(value)
    simple = _SIMPLE.match(text)
    if simple is not None:
        return (simple.group(1),)
    found: dict[str, bool] = {}
    words: list[str] = []
    is_name = False
    for match in _TOKEN.finditer(text):
        bracketed, bare, word = match.groups()
        if word is not None:
            words = [*words[-_LOOKED_BACK:], word]
            continue
        candidate = _id(bracketed) if bracketed is not None else bare
        if candidate is not None:
            found.setdefault(candidate, not _is_person(candidate, words, quoted=is_name))
            words = []
            if len(found) >= MAX_IDS:
                break
        is_name = match.group(0)[0] == '"' and not words and not found
    return tuple(each for each, is_id in found.items() if is_id)


def _is_person(candidate: str, words: list[str], *, quoted: bool) -> bool:
    """Whether the words before it, or a quoted string alone, make it somebody's address."""
    if any(word.lower() in _FROM for word in words):
        return len(words) == 1 or words[-1].lower() in _FROM or not _has_digit(candidate)
    if _has_digit(candidate):
        return False
    return quoted or (bool(words) and all(word[0].isupper() for word in words))


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


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
