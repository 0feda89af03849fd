"""What the first word of a line tells: a closing formula, a device's line, a disclaimer."""

from typing import NamedTuple

from courrier.mail.replies import closings, contacts, devices, footers
from courrier.mail.replies.words import folded_word

ODD = 1
"""No word, a single letter, or one with an ornament."""
DASHED = 2
"""It begins with a mark that stands before names."""
CLOSES = 4
SENDS = 8
SENDS_ABROAD = 16
"""Where the line has other than ASCII characters."""
DISCLAIMS = 32
DASHES = "-–—~/."  # noqa: RUF001 (marks of other scripts are the point)


class Opening(NamedTuple):
    """The first word of a line, and of which kinds lines ever begin with it."""

    signs: int
    """Those of the signs above that hold, added up; 0 for most words."""
    word: str
    """Folded, without punctuation."""
    initial: str
    """Its first two letters."""


class _Openings(dict[str, Opening]):
    """Those met so far: lines begin with the same few words again and again."""

    def __missing__(self, word: str) -> Opening:
        if len(word) > _LONGEST:
            return self[word[:_HEAD]]
        if len(self) >= _MOST:
            self.clear()
        found = self[word] = _opening(word)
        return found


_MOST = 10_000
_LONGEST = 30
_HEAD = 8
"""A longer word is none of those known, but without blanks it may begin with one."""


def _opening(written: str) -> Opening:
    word = folded_word(written)
    sends = devices.may_send(word)
    abroad = sends or devices.may_send_abroad(word)
    signs = (
        ODD * (len(word) <= 1 or word[0] in contacts.ORNAMENTS)
        + DASHED * (written[0] in DASHES)
        + CLOSES * (word in closings.FIRST_WORDS)
        + SENDS * sends
        + SENDS_ABROAD * abroad
        + DISCLAIMS * footers.may_disclaim(word)
    )
    return Opening(signs, word, word[:2])


OPENINGS = _Openings()
"""How a line begins, by its first word as written; of one that is not blank."""
