"""Words compared without case, accents and ornaments, so that one spelling stands for all.

Read by the modules of `reply_text` only.
"""

import re
import unicodedata
from itertools import product

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "\u2019": "'"}
)
_SPECIAL = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u0652\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_EDGES = " ,.!?;:*_-~()[]<>|•\"'\u2013\u2014\u201c\u201e\uff0c\u3002\uff01"
_CHOICE = re.compile(r"\{([^{}]*)\}")


def folded(text: str) -> str:
    """Lower case without accents, blanks collapsed; scripts without accents keep their letters."""
    text = text.casefold()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        if _SPECIAL.search(text) is not None:
            text = text.translate(_LETTERS)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def first_word(bare: str) -> str:
    """The first word of a line that is not blank, folded and without punctuation."""
    word = bare.split(None, 1)[0].strip(_EDGES)
    return word.lower() if word.isascii() else folded(word)


class FirstWords(dict[str, str]):
    """The first word of each line of a text, found once for all the rules that ask for it."""

    def __missing__(self, line: str) -> str:
        word = self[line] = first_word(line)
        return word


def phrases(*templates: str) -> frozenset[str]:
    """All phrases of templates such as `{best|kind} regards`, folded."""
    expanded = {each for template in templates for each in _expanded(folded(template))}
    return frozenset(" ".join(each.split()) for each in expanded)


def _expanded(template: str) -> list[str]:
    pieces = _CHOICE.split(template)
    choices = [[each] if at % 2 == 0 else each.split("|") for at, each in enumerate(pieces)]
    return ["".join(each) for each in product(*choices)]
