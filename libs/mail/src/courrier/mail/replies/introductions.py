"""The lines by which mail programs introduce a quotation: `On Monday at 10:11, Ann wrote:`.

Judged by what they hold, in any language: a time, a date, an address, a verb of writing, the
final colon. Unmarked text below an introduction is cut, so that needs more of these than lines
above quote marks do.
"""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re

from courrier.mail.replies.contacts import is_name
from courrier.mail.replies.labels import QUOTING, STARTS, VERBS, VERBS_WITHIN
from courrier.mail.replies.words import folded, phrases

MOST_LINES = 5
_MOST_CHARS = 600
_LINE_CHARS = 300
_TAIL_CHARS = 120
_FEW_WORDS = 14
_MOST_BEHIND = 12
_LOOSE_CHARS = 250

_TIME = re.compile(
    r"(?<!\d)\d{1,2}\s?(?:[:.h：]|[時时点點시]\s?)\d{2}(?!\d)|\d\s?[ap]\.?m\b", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:19|20)\d\d(?!\d)|\d{1,2}\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{2}|\d{1,2}\s?月\s?\d{1,2}"
    r"|\d{1,2}(?:\.|st|nd|rd|th|er|º)?(?:\sde)?\s[^\W\d_]{3,9}\b|[^\W\d_]{3,9}\.?\s\d{1,2}(?!\d)"
)
_START = re.compile(r"(?:19|20)\d\d|\d\s?[-./:h月]\s?\d|@")
_ADDRESS = re.compile(
    r"[<(\[\"']\s?(?:mailto:)?[^<>()\[\]\s\"']{1,120}@[^<>()\[\]\s\"']{1,120}[>)\]\"']"
)
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
_BARE_ADDRESS = re.compile(r"[^\s<>@]{1,80}@[^\s<>@]{2,80}")
_ENDS = re.compile(r"[:：]\s?(?:[-*_>»]{0,6})\s*\Z|\b(?:wrote|writes)\s?-{2,8}\s*\Z")
_END_CHARS = 80
_WORD_EDGES = " \t.,;:!?()[]{}<>\"'*_-–—|/«»“”„"
_LAST_DIGIT = re.compile(r".*\d\S*\s", re.DOTALL)
_NO_NAMES = VERBS | phrases(
    "{a|ha|hat|has|het|heeft|volgende|folgendes|the|following|von|van|de|da|by|am|pm|a.m|p.m|uhr}",
    "{je|ezt|sunu|tarihinde|on|in|at|um|kl|klo|la|las|le|les|o|u|r|p|idopont}",
)
_MOST_NAMES = 6


class Introduction:
    """What a run of lines joined to one holds of an introduction."""

    __slots__ = ("address", "colon", "date", "text", "verb", "words")

    def __init__(self, text: str) -> None:
        self.text = text = text if text.isascii() else _BIDI.sub("", text)
        self.colon = _ENDS.search(text, max(0, len(text) - _END_CHARS)) is not None
        self.words = [word.strip(_WORD_EDGES) for word in folded(text).split(" ")]
        self.verb = self._has_verb()
        self.address = "@" in text and _ADDRESS.search(text) is not None
        self.date = _DATE.search(text) is not None

    @property
    def time(self) -> bool:
        """A time of day; looked for when asked, which for most is never."""
        return _TIME.search(self.text) is not None

    def _has_verb(self) -> bool:
        if not VERBS.isdisjoint(self.words) or not VERBS.isdisjoint(self._slashed()):
            return True
        if self.text.isascii():
            return False
        tail = self.text[-_TAIL_CHARS:]
        return any(verb in tail for verb in VERBS_WITHIN if not verb.isascii())

    def _slashed(self) -> list[str]:
        """Last words once more with what stands in brackets or behind a slash."""
        return [word.strip(" :.,;*_-") for word in folded(self.text[-_TAIL_CHARS:]).split(" ")]

    def is_sure(self) -> bool:
        """Enough to cut what follows without quote marks."""
        if not self.colon:
            return False
        if self.address:
            return self.verb or self._is_dated() or self._quotes()
        if "@" in self.text and _BARE_ADDRESS.search(self.text) is not None:
            return self.date and (self.verb or (self.time and len(self.words) <= 8))
        if not self.verb:
            return False
        return self.date and self._names_a_writer()

    def _is_dated(self) -> bool:
        """A date, and behind the address no more than a time and a word or two."""
        behind = len(self.text[self.text.rfind("@") :].split())
        if not self.date or behind > _MOST_BEHIND:
            return False
        return self.time or len(self.words) <= _FEW_WORDS

    def _quotes(self) -> bool:
        return folded(self.text).lstrip("* ").startswith(QUOTING)

    def _names_a_writer(self) -> bool:
        """Behind the date nothing but a name and the verb: no sentence."""
        rest = _LAST_DIGIT.sub("", self.text, count=1)
        words = [word.strip(_WORD_EDGES) for word in rest.split()]
        names = [word for word in words if word and folded(word) not in _NO_NAMES]
        if self.time and not names:
            names = [word for word in self.text.split() if folded(word) not in _NO_NAMES]
            names = [word for word in names if word[0].isalpha()]
        if self.time:
            return len(names) <= 2 * _MOST_NAMES and sum(map(_is_small, names)) <= 1
        return 0 < len(names) <= _MOST_NAMES and not any(word[0].islower() for word in names)

    def is_likely(self) -> bool:
        """Enough where quoted lines follow."""
        loose = len(self.text) <= _LOOSE_CHARS
        if (loose and self.verb and self.colon and self.date) or self.is_sure():
            return True
        if not loose:
            return False
        if self.verb and (self.colon or "@" in self.text):
            return self.date or "@" in self.text or self._is_short_clause()
        if self.address and self.date:
            return True
        if self.colon and self.date and self.time:
            return len(self.words) <= 20
        return self.colon and self._quotes()

    def _is_short_clause(self) -> bool:
        """`Ann Miller wrote:` or `Ann wrote the following:`, not a sentence that has the verb."""
        at = max((n for n, word in enumerate(self.words) if word in VERBS), default=None)
        if at is None:
            return len(self.words) <= _FEW_WORDS
        spoken = [word.strip(_WORD_EDGES) for word in self.text.split()]
        rest = [word for word in spoken[at + 1 :] if word and folded(word) not in _NO_NAMES]
        return len(self.words) <= _FEW_WORDS and not any(map(_is_small, rest))

    def begins(self, first: str) -> bool:
        """Whether `first`, the first of the lines, is where programs begin."""
        return (self.date or self.address or self.verb) and _starts(first)


def _is_small(word: str) -> bool:
    return word[0].islower()


def _starts(line: str) -> bool:
    bare = line.lstrip(" \t*-_[(<>|\"'")
    if bare[:1].isdigit():
        return _START.search(bare) is not None
    head = folded(bare[:24]).split(" ")
    first = head[0].strip(".,:;")
    if first not in STARTS:
        return first[:1] in {"在", "于", "於"} or "年" in bare[:8]
    return any(character.isdigit() for character in line) or len(first) >= 5


def introduction_start(
    lines: list[str], end: int, floor: int, *, sure: bool, rest: str = ""
) -> int | None:
    """Where the introduction begins whose last line is `end`; `None` if it is none.

    Args:
        lines: the text.
        end: index of a line that is not blank.
        floor: the first line that may belong to it.
        sure: ask for all that allows to cut unmarked text.
        rest: what belongs to the last line, but stands below it.
    """
    joined, fallback, addressed = rest, None, False
    for start in range(end, max(floor - 1, end - MOST_LINES), -1):
        line = lines[start].strip()
        if not line or len(line) > _LINE_CHARS or len(joined) > _MOST_CHARS:
            break
        joined = f"{line} {joined}".rstrip()
        found = Introduction(joined)
        if found.is_sure() if sure else found.is_likely():
            if sure and not found.verb and start > floor and lines[start - 1].strip():
                return None
            if found.begins(line):
                return start
            if start == end or "<" in line or "@" in line:
                fallback = start if fallback is None or not addressed else fallback
                addressed = found.address
            elif (
                start + 1 == fallback and is_name(line) and lines[fallback].lstrip(" (")[:1] == "<"
            ):
                return start
        elif start == end and not _may_end(found, sure=sure):
            return None
    return fallback


def runs_on(line: str) -> bool:
    """`On Monday at 9:12, Ann<a@b> wrote:   Dear Bob`: telephones write the quotation behind it."""
    head, found, _ = line.partition(":  ")
    if not found or "@" not in head or len(head) > _LINE_CHARS:
        return False
    introduction = Introduction(f"{head}:")
    return introduction.address and introduction.is_sure() and introduction.begins(head)


def tells_of_writing(lines: list[str]) -> bool:
    """Whether an introduction has a verb: needed above marks that other texts have as well."""
    found = Introduction(" ".join(line.strip() for line in lines))
    return found.verb or (found.colon and found.address)


def _may_end(found: Introduction, *, sure: bool) -> bool:
    """Whether lines above could make an introduction of this last line."""
    tells = found.verb or found.address or "@" in found.text
    if found.colon:
        return tells or found.time or found.date or _is_newsgroup(found.text)
    return not sure and tells


def _is_newsgroup(text: str) -> bool:
    return "." in text and " " not in text
