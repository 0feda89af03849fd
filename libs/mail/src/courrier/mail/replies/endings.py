"""The end of a text, as the rules for signatures look at it: few lines, and how they begin."""

from courrier.mail.replies.openings import OPENINGS, Opening

TAIL_LINES = 16
"""Signatures are looked for in so many last lines; closing formulas in as many that say something
and one more."""

Said = list[tuple[int, Opening]]
"""Which lines say something, and how each begins."""


class Ending:
    """The lines of a stretch up to the last that says something, and the last few of those."""

    __slots__ = ("lines", "marked", "near", "paragraph", "tail", "text")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines = without_blank_end(lines)
        self.tail = max(0, len(lines) - TAIL_LINES)
        """The first of the last lines."""
        self.text = "\n".join(lines[self.tail :])
        """These as one."""
        said = _last_said(lines)
        self.marked = [pair for pair in said if pair[1][0]]
        """Those lines whose first word tells something, downwards; of as many lines that say
        something as there are last lines, and one more."""
        self.near = said
        """Those of the last lines that say something."""
        if said and said[0][0] < self.tail:
            self.near = [pair for pair in said if pair[0] >= self.tail]
        self.paragraph = self._last_paragraph()
        """Where the last paragraph begins; no further up than `tail`."""

    def _last_paragraph(self) -> int:
        start = len(self.lines)
        for at, _ in reversed(self.near):
            if at != start - 1:
                break
            start = at
        return start

    def signed(self, signs: int, begin: int) -> list[int]:
        """The lines from `begin` on that begin with a word of one of these signs."""
        return [at for at, opening in self.marked if opening[0] & signs and at >= begin]


def _last_said(lines: list[str]) -> Said:
    """Mostly found in a window; where much is blank, all of the lines are looked at."""
    begin = max(0, len(lines) - _WINDOW)
    said = _said(lines, begin)
    if begin and len(said) <= TAIL_LINES:
        said = _said(lines, 0)
    return said[-TAIL_LINES - 1 :]


def _said(lines: list[str], begin: int) -> Said:
    return [
        (at, OPENINGS[words[0]])
        for at, line in enumerate(lines[begin:], begin)
        if (words := line.split(None, 1))
    ]


_WINDOW = TAIL_LINES + TAIL_LINES // 2


def without_blank_end(lines: list[str]) -> list[str]:
    """The lines up to the last that is not blank; the same list if there is nothing to cut."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end] if end < len(lines) else lines
