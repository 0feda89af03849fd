"""Words compared without case, accents and ornaments, so that one spelling stands for all.

Read by the modules of `reply_text` only.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "\u2019": "'"}
)
_SPECIAL = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_EDGES = " ,.!?;:*_-~()[]<>|•\"'\u2013\u2014\u201c\u201e\uff0c\u3002\uff01"
BLANKS = frozenset(filter(str.isspace, map(chr, range(0x3001))))
"""All characters that `str.strip` takes off."""
_CHOICE = re.compile(r"\{([^{}]*)\}")


def folded(text: str) -> str:
    """Lower case without accents, blanks collapsed; scripts without accents keep their letters."""
    return " ".join(_folded_letters(text).split())


def _folded_letters(text: str) -> str:
    text = text.casefold()
    if text.isascii():
        return text
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    if text.isascii():
        return text
    if _SPECIAL.search(text) is not None:
        text = text.translate(_LETTERS)
    return unicodedata.normalize("NFC", text)


def first_word(line: str) -> str:
    """The first word of a line that is not blank, folded and without punctuation."""
    return folded_word(line.split(None, 1)[0])


def folded_word(word: str) -> str:
    """A word, folded and without punctuation."""
    return _known_word(word) if len(word) <= _MAX_KNOWN else _folded_word(word)


def _folded_word(word: str) -> str:
    return folded(word.strip(_EDGES))


_MAX_KNOWN = 30
# The same few words are asked for again and again.
_known_word = lru_cache(maxsize=4096)(_folded_word)


def phrases(*templates: str) -> frozenset[str]:
    """All phrases of templates such as `{best|kind} regards`, folded."""
    expanded = {each for template in templates for each in _expanded(folded(template))}
    return frozenset(" ".join(each.split()) for each in expanded)


def _expanded(template: str) -> list[str]:
    pieces = _CHOICE.split(template)
    choices = [[each] if at % 2 == 0 else each.split("|") for at, each in enumerate(pieces)]
    return ["".join(each) for each in product(*choices)]
