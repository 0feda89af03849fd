"""A page of plain text being written: lines, quotation marks, cells beside one another."""

import re

_BLANKS = re.compile("[ \xa0]{2,}")
# A blank that stays where it is; text from HTML holds no U+0000.
KEPT_BLANK = "\x00"


class Page:
    """The lines so far and the one being written; breaks wait until there is text behind them."""

    __slots__ = (
        "_fresh_cell",
        "_gap",
        "_joined",
        "_last_depth",
        "_pending",
        "_pieces",
        "depth",
        "lines",
        "marker",
    )

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 0
        """In how many quotations the text stands."""
        self.marker = ""
        """What the next line begins with, if it is a list's item."""
        self._pieces: list[str] = []
        self._pending = 0
        self._fresh_cell = False
        self._joined = False
        self._gap = False
        self._last_depth = 0

    def write(self, text: str) -> None:
        """Add to the line; a break that waits comes first. Blanks at its beginning are dropped."""
        if self._pending:
            self.flush()
        if not self._pieces:
            text = text.lstrip(" ")
            if not text:
                return
        self._fresh_cell = False
        self._pieces.append(text)

    def ends_in_word(self) -> bool:
        """Whether the next word would run into the one before."""
        return bool(self._pieces) and not self._pending and self._pieces[-1][-1:].isalnum()

    def break_(self, lines: int) -> None:
        """A line (1) or a paragraph (2) ends before the next text."""
        if lines > self._pending and not self._fresh_cell:
            self._pending = lines

    def flush(self) -> None:
        """Do the break that waits, or end the line that is being written."""
        paragraph, self._pending, self._fresh_cell = self._pending > 1, 0, False
        if self._pieces:
            content = "".join(self._pieces)
            self._pieces.clear()
            if "  " in content or "\xa0" in content:
                content = _BLANKS.sub(" ", content)
            self._put(content.strip())
        self._gap = self._gap or paragraph

    def new_line(self) -> None:
        """End the line; where none is being written, leave one empty."""
        if self._pending:
            self.flush()
        if self._pieces:
            self.flush()
        else:
            self._gap = True

    def new_cell(self, *, beside: bool) -> None:
        """The next text begins a cell: beside what its row holds already, or below it."""
        if not beside:
            self.flush()
        elif self._pieces and self._pieces[-1] != "\t":
            self._pieces.append("\t")
            self._pending = 0
            self._joined = True
        self._fresh_cell = True

    def new_row(self) -> None:
        """The next text is on a line of its own, unless the table itself stands in a cell."""
        if self._fresh_cell:
            return
        if self._joined:
            self._pending, self._joined = min(self._pending, 1), False
        self.flush()

    def finish(self) -> str:
        """All lines, without blanks at either end."""
        self.flush()
        return "\n".join(self.lines).replace(KEPT_BLANK, " ").replace("\xa0", " ").strip()

    def _put(self, content: str) -> None:
        """Add a line; of empty ones in a row one is kept."""
        if not content.strip(KEPT_BLANK):
            self._gap = True
            return
        if self._gap and self.lines:
            self.lines.append(("> " * min(self.depth, self._last_depth)).rstrip())
        self._gap, self._last_depth = False, self.depth
        self.lines.append(
            "> " * self.depth + self.marker + content if self.depth or self.marker else content
        )
        self.marker = ""
