"""What the lines of a signature look like: names, telephones, addresses; and whose they are."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re
from functools import lru_cache
from typing import NamedTuple

from courrier.mail.message import Mailbox
from courrier.mail.replies.words import folded

_PHONE = re.compile(r"(?:\+|\(|\b0)?\d[\d\s().\-/]{6,20}\d")
_YEARS = re.compile(r"(?:19|20)\d\d\s?[-/,]\s?(?:19|20)?\d\d")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{2,80}\.[A-Za-z]{2,}")
_LINK = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)
_CONTACTING = re.compile(r"[\d@]|(?i:www|http)")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PARTICLE_WORDS = (
    "de|von|van|der|den|la|le|du|da|dos|di|del|ter|zu",
    "bin|al|el|y|e|and|und|et|&",
)
_PARTICLES = frozenset("|".join(_PARTICLE_WORDS).split("|"))
_COLUMNS = re.compile(r"\s{2,}|\t|\s?[|,(<~/]")
_BEFORE_ADDRESS = " <([|*_-:\t"
_ADDRESS_LABELS = {"", "e-mail", "email", "mail", "internet", "mailto"}
ORNAMENTS = " *_|-=~#\t"
_MAX_NAMES = 200
_MAX_NAME = 45
_MAX_NAME_WORDS = 5
_MAX_TAIL = 110
_SENTENCE_WORDS = 6
_QUOTES = "\"“„«'‘*~|`"


class _Names(NamedTuple):
    """The words of a name, as prefixes to ask for, and their first two letters."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    initials: frozenset[str]


@lru_cache(maxsize=2048)
def _names(text: str) -> _Names:
    """Most mail of a mailbox is from few people."""
    words = frozenset(_WORD.findall(folded(text)))
    return _Names(words, tuple(words), frozenset(word[:2] for word in words))


_NOBODY = _Names(frozenset(), (), frozenset())


class Author:
    """The names by which a sender may sign, from the mailbox of From."""

    __slots__ = ("address", "beginnings", "initials", "mark", "words")

    def __init__(self, mailbox: Mailbox | None) -> None:
        names = _NOBODY
        self.address = ""
        if mailbox is not None:
            self.address = mailbox.address.lower()
            if mailbox.name:
                names = _names(mailbox.name[:_MAX_NAMES])
            if not names.words:
                names = _names(mailbox.address.partition("@")[0][:_MAX_NAMES])
        self.words, self.beginnings, self.initials = names
        self.mark = "@" if "@" in self.address else ""

    def signs(self, line: str) -> bool:
        """Whether a line is the author's name or a part of it and nothing else."""
        if not self.words or not line or len(line) > _MAX_NAME:
            return False
        said = [word.strip(" ,.!-–—~*_()") for word in folded(line).split(" ")]
        names = [word for word in said if len(word) > 1]
        if not 0 < len(names) <= _MAX_NAME_WORDS or line.rstrip().endswith(("?", ":", "!")):
            return False
        return all(word in self.words for word in names)

    def opens(self, line: str, first: str) -> bool:
        """Whether a line begins a signature of several columns or has the author's address.

        Args:
            line: not a blank one.
            first: its first word.
        """
        if not self.words or len(line) > _MAX_TAIL:
            return False
        if self.address and self.mark in line and self._opens_by_address(line):
            return True
        if len(first) > 1 and first[0] not in ORNAMENTS and not first.startswith(self.beginnings):
            return False
        return self.signs(_COLUMNS.split(line.strip(ORNAMENTS), maxsplit=1)[0])

    def _opens_by_address(self, line: str) -> bool:
        before, found, _ = line.lower().partition(self.address)
        if not found:
            return False
        return "  " in line.strip() or before.strip(_BEFORE_ADDRESS) in _ADDRESS_LABELS


def is_name(text: str) -> bool:
    """One to five capitalised words without digits; scripts without capitals up to 20 letters."""
    bare = text.strip(" ,.*_-~()")
    words = bare.split()
    if not words or len(bare) > _MAX_NAME or len(words) > _MAX_NAME_WORDS or _DIGIT.search(bare):
        return False
    if any(character in bare for character in "?!:;@/<>=[]{}|_"):
        return False
    if all(not word[0].islower() or word.lower() in _PARTICLES for word in words):
        return not words[0][0].islower() and words[0][0].isalpha()
    return False


def is_tail_line(line: str, *, first: bool) -> bool:
    """Whether a line may belong to a signature: short, and no sentence.

    Args:
        line: a line below a closing formula or a name.
        first: it is the first of them, where a name is expected.
    """
    bare = line.strip()
    if len(bare) > _MAX_TAIL or bare.endswith("?"):
        return bool(_LINK.search(bare) or _ADDRESS.search(bare)) and not first and " " not in bare
    if bare[:1] in _QUOTES and not first:
        return True
    words = bare.split()
    sentence = bare[-1:] in ".!:。" and len(words) >= _SENTENCE_WORDS
    if first:
        return not sentence and len(words) <= 9 and bare[-1:] != ":"
    return not sentence or _is_contact(bare)


def _is_contact(line: str) -> bool:
    if ("@" in line and _ADDRESS.search(line)) or _LINK.search(line):
        return True
    phone = _PHONE.search(line) if _DIGIT.search(line) else None
    return phone is not None and _YEARS.search(phone[0]) is None


def is_contact_block(lines: list[str], *, least: int = 2) -> bool:
    """A name, then short lines of which `least` or more give a telephone, address or link."""
    if not least <= len(lines) <= 12:
        return False
    head = lines[0].strip(ORNAMENTS)
    if head[:1].islower() or _CONTACTING.search("\n".join(lines)) is None:
        return False
    if any(len(line.strip()) > _MAX_TAIL for line in lines):
        return False
    if not is_name(_COLUMNS.split(head, maxsplit=1)[0]):
        return False
    contacts = sum(_is_contact(line) for line in lines)
    return contacts >= min(least, max(1, len(lines) - 1)) and contacts * 3 >= len(lines)
