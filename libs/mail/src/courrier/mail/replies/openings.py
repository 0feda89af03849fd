"""What the first word of a line tells: a closing formula, a device's line, a disclaimer."""

from typing import NamedTuple

from courrier.mail.replies import closings, contacts, devices, footers
from courrier.mail.replies.words import folded_word


class Opening(NamedTuple):
    """The first word of a line, and whether lines of a kind ever begin with it."""

    word: str
    """Folded, without punctuation."""
    odd: bool
    """No word, a single letter, or one with an ornament."""
    closes: bool
    sends: bool
    sends_abroad: bool
    """Where the line has other than ASCII characters."""
    disclaims: bool


class _Openings(dict[str, Opening]):
    """Those met so far: lines begin with the same few words again and again."""

    def __missing__(self, word: str) -> Opening:
        if len(self) >= _MOST:
            self.clear()
        found = self[word] = _opening(folded_word(word))
        return found


_MOST = 10_000
_OPENINGS = _Openings()


def openings(lines: list[str]) -> list[Opening]:
    """How lines begin of which none is blank."""
    words = [line.split(None, 1)[0] for line in lines]
    return [_OPENINGS[word if len(word) <= _LONGEST else word[:_HEAD]] for word in words]


_LONGEST = 30
_HEAD = 8
"""A longer word is none of those known, but without blanks it may begin with one."""


def _opening(word: str) -> Opening:
    sends = devices.may_send(word)
    return Opening(
        word,
        odd=len(word) <= 1 or word[0] in contacts.ORNAMENTS,
        closes=word in closings.FIRST_WORDS,
        sends=sends,
        sends_abroad=sends or devices.may_send_abroad(word),
        disclaims=footers.may_disclaim(word),
    )
