"""Closing formulas near the end of a text, with or without a name, and what they cut."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re

from courrier.mail.replies import closings
from courrier.mail.replies.contacts import Author, is_name, is_tail_line
from courrier.mail.replies.endings import Ending, without_blank_end
from courrier.mail.replies.footers import is_disclaimer, may_disclaim
from courrier.mail.replies.openings import CLOSES
from courrier.mail.replies.words import first_word, folded, folded_word

_GREETING_WORDS = 4
_POSTSCRIPT = re.compile(
    r"\s*(?:P\.?\s?P?\.?S\.?|N\.?B\.?|PD|EDIT)\b\s?[:.,\-–—]?\s?\S", re.IGNORECASE
)


def without_farewell(ending: Ending, author: Author) -> list[str]:
    """Cut a closing formula and the name below it; what goes on after that stays."""
    lines = ending.lines
    closing = [(at, opening[1]) for at, opening in ending.marked if opening[0] & CLOSES and at]
    for at, first in reversed(closing):
        bare = lines[at].strip()
        if _may_close(bare, first) and is_farewell(bare, first, author):
            return (_cut_below if _answers_by_it(lines, at) else _cut_at_farewell)(lines, at)
    return lines


def _may_close(bare: str, first: str) -> bool:
    """Whether the second word can make a formula of a first that is none by itself."""
    return first in _CLOSING_ALONE or _goes_on_closing(bare, first)


_CLOSING_ALONE = closings.SINGLE_WORDS | closings.THANKS | closings.FORMULA_WORDS


def _goes_on_closing(bare: str, first: str) -> bool:
    words = bare.split(None, 2)
    if len(words) == 1:
        return False
    second = folded_word(words[1])
    return second.startswith(closings.FOLLOWERS.get(first, ()))


def _answers_by_it(lines: list[str], index: int) -> bool:
    """`Hi Bob,` and `Thanks!` or `See you.`: below a mere greeting that is what is said."""
    above = [line.strip() for line in lines[:index] if line.strip()]
    if len(above) != 1:
        return False
    said = (
        first_word(lines[index]) in closings.THANKS
        or _OUTER.sub("", folded(lines[index])) in closings.SAID
    )
    return said and len(above[0].split()) <= _GREETING_WORDS and above[0].endswith((",", "!", "，"))


def _cut_below(lines: list[str], index: int) -> list[str]:
    """Cut the name below what only looks like a closing formula."""
    below = lines[index + 1 :]
    return lines[: index + 1] if below and _goes_on(below) is None else lines


def _cut_at_farewell(lines: list[str], index: int) -> list[str]:
    if not any(line.strip() for line in lines[:index]):
        return lines
    below = lines[index + 1 :]
    alone = not any(line.strip() for line in below)
    parted = not alone and not lines[index - 1].strip()
    if not parted and folded(lines[index]) in closings.AMBIGUOUS:
        return lines
    if alone:
        return lines[:index]
    goes_on = _goes_on(below)
    if goes_on is None:
        return lines[:index]
    if goes_on == 0:
        return lines
    return [*without_blank_end(lines[:index]), "", *below[goes_on:]]


def _goes_on(below: list[str]) -> int | None:
    """The first line below a closing formula that signs nothing; 0: none of them signs."""
    said = [at for at, line in enumerate(below) if line.strip()]
    for at in said:
        if _POSTSCRIPT.match(below[at]):
            return at
        disclaims = may_disclaim(first_word(below[at])) and is_disclaimer(below, at)
        if not is_tail_line(below[at], first=at == said[0]) and not disclaims:
            return 0 if at == said[0] else at
        if at != said[0] and disclaims:
            return None
    return None


def is_farewell(bare: str, first: str, author: Author) -> bool:
    """A closing formula, alone or with a name behind it.

    Args:
        bare: a line without blanks around it.
        first: its first word, one of `closings.FIRST_WORDS`.
        author: who wrote it.
    """
    if len(bare) > _MAX_FAREWELL or bare[0] == "<":
        return False
    words = folded(bare)
    if not (words[:1].isalnum() and words[-1].isalnum()):
        words = _OUTER.sub("", words)
    if words in closings.FAREWELLS or words.replace(",", "") in closings.FAREWELLS:
        thanking = first in closings.THANKING
        return not bare.endswith("?") and not (thanking and bare.endswith(":"))
    if first in closings.FORMULA_WORDS and closings.FORMULA.match(words) is not None:
        return True
    if len(bare) > _MAX_NAMED:
        return False
    thanks = first in closings.THANKS and bare.endswith(",")
    return thanks or _two_farewells(words) or _named_farewell(bare, first, author)


def _two_farewells(words: str) -> bool:
    """`Mit freundlichen Grüßen / Kind regards`."""
    if _PARTS.isdisjoint(words):
        return False
    parts = [part.strip(_FORMULA_EDGES) for part in _PARTING.split(words)]
    return len(parts) > 1 and all(part in closings.FAREWELLS for part in parts)


_MAX_FAREWELL = 150
_MAX_NAMED = 70
_OUTER = re.compile(r"\A\W+|[\W_]+\Z")
_PARTING = re.compile(r"\s?(?:[/|]|\s[-–]\s|, |\. )\s?")
_PARTS = frozenset("/|-–,.")
_FORMULA_EDGES = " ,.!;:-–—*_~。，!、…()\"'/|"


_FROM_WHERE = frozenset(
    ["aus", "from", "von", "uit", "fra", "från", "vom", "dal", "desde", "iz", "z", "de"]
)


def _named_farewell(bare: str, first: str, author: Author) -> bool:
    """`Best regards, Ann`; what may as well be said to the reader needs the author's name."""
    words = bare.split()
    most = min(len(words) - 1, closings.MOST_WORDS.get(first, 0))
    if most > 1 and not _goes_on_closing(bare, first):
        most = 1
    said = folded(" ".join(words[:most])).split(" ")
    if len(said) != most:
        # A word is nothing but marks.
        said = [folded(word) for word in words[:most]]
    for size in range(most, 0, -1):
        if " ".join(filter(None, said[:size])).strip(_FORMULA_EDGES) not in closings.FAREWELLS:
            continue
        head = " ".join(words[:size])
        name = " ".join(words[size:]).strip(" -–—,~/")
        if author.signs(name):
            return True
        if name.split(" ", 1)[0] in _FROM_WHERE:
            name = name.partition(" ")[2]
        if said[0].strip(_FORMULA_EDGES) in closings.THANKING:
            return head.endswith(",") and not bare.endswith("!") and is_name(name)
        return is_name(name) and not bare.endswith(("!", "?"))
    return False
