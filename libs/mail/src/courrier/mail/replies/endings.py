"""The end of a text, as the rules for signatures look at it: few lines, and how they begin."""

from courrier.mail.replies.openings import openings

TAIL_LINES = 16
"""Signatures are looked for in so many last lines; closing formulas in as many that say something
and one more."""


class Ending:
    """The lines of a stretch up to the last that says something, and the last few of those."""

    __slots__ = ("lines", "near", "openings", "paragraph", "said", "tail", "text")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines = without_blank_end(lines)
        self.tail = max(0, len(lines) - TAIL_LINES)
        """The first of the last lines."""
        self.text = "\n".join(lines[self.tail :])
        """These as one."""
        self.said = _last_said(lines)
        """Which lines say something, downwards; one more at most than there are last lines."""
        self.openings = openings([lines[at] for at in self.said])
        """How each of these begins."""
        self.near = list(zip(self.said, self.openings, strict=True))
        """Those of the last lines that say something: which, and how it begins."""
        if self.said and self.said[0] < self.tail:
            self.near = [pair for pair in self.near if pair[0] >= self.tail]
        self.paragraph = self._last_paragraph()
        """Where the last paragraph begins; no further up than `tail`."""

    def _last_paragraph(self) -> int:
        start = len(self.lines)
        for at, _ in reversed(self.near):
            if at != start - 1:
                break
            start = at
        return start


def _last_said(lines: list[str]) -> list[int]:
    """Mostly found in a window; where much is blank, all of the lines are looked at."""
    begin = max(0, len(lines) - _WINDOW)
    said = [at for at, line in enumerate(lines[begin:], begin) if line.strip()]
    if begin and len(said) <= TAIL_LINES:
        said = [at for at, line in enumerate(lines) if line.strip()]
    return said[-TAIL_LINES - 1 :]


_WINDOW = 2 * TAIL_LINES


def without_blank_end(lines: list[str]) -> list[str]:
    """The lines up to the last that is not blank; the same list if there is nothing to cut."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end] if end < len(lines) else lines
