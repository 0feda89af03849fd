"""Which lines of a text quote an earlier message, and which stretches of it are new."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

from dataclasses import dataclass

from courrier.mail.replies import headers
from courrier.mail.replies.introductions import introduction_start, runs_on, tells_of_writing
from courrier.mail.replies.marks import broken_rest, fences, is_gap, other_mark, quoted_lines
from courrier.mail.replies.words import BLANKS

_MAX_SUSPECTS = 2_000
_MAX_BLOCKS = 500
_MAX_GAP = 3
_MAX_ARMOUR = 60
_LEAST_RULE = 3
_COLONS = (":", "：")
_LAST_CHARACTERS = frozenset(":：->*_\u200e\u200f\u202c\u2069")
_MARKS = frozenset(headers.MARK_CHARACTERS)
_FIRST_LOOK = _MARKS | BLANKS
_LAST_LOOK = _LAST_CHARACTERS | BLANKS
_LABEL_CHARS = 38


@dataclass(slots=True)
class Stretch:
    """Lines `start` to `end` (exclusive) that are new; `answered`: a quotation follows."""

    start: int
    end: int
    answered: bool


def new_stretches(lines: list[str], text: str) -> list[Stretch]:
    """The stretches between, above and below what is quoted, in order.

    Args:
        lines: of the text, all of them or those below a banner.
        text: what has no sign of a quotation is told by a look at the whole of it.
    """
    return _Scan(lines, text).run()


class _Scan:
    """One pass from the top; what is not known to be quoted stays."""

    def __init__(self, lines: list[str], text: str) -> None:
        self.lines = lines
        self.text = text
        self.fenced = fences(lines, text)
        self.quoted = quoted_lines(lines, self.fenced, text)
        self.stretches: list[Stretch] = []
        self.start = 0
        self.unsaid = 0
        self.suspects = _MAX_SUSPECTS
        self.blocks = _MAX_BLOCKS

    def run(self) -> list[Stretch]:
        then = 0
        for index in self._worth_a_look():
            if index < then:
                continue
            bare = self.lines[index].strip()
            if self.quoted[index]:
                then = self._pass_quotation(index)
            elif bare and self._is_suspect(bare) and not self.fenced[index]:
                then = self._judge(index, bare)
        self._leave(len(self.lines), len(self.lines))
        return self.stretches

    def _worth_a_look(self) -> list[int]:
        """Lines that are quoted, or can be suspect by their first or last character or a colon."""
        colon = ":" if ":" in self.text else "\n"
        found = [
            at
            for at, line in enumerate(self.lines)
            if line and (line[0] in _FIRST_LOOK or line[-1] in _LAST_LOOK or colon in line)
        ]
        marked = self.quoted.count(1)
        missed = marked and sum(map(self.quoted.__getitem__, found)) < marked
        if missed or "：" in self.text:
            # Wide colons, and other marks of quotations than lines begin with.
            lines = enumerate(self.lines)
            rarer = {at for at, line in lines if self.quoted[at] or "：" in line}
            return sorted(rarer.union(found))
        return found

    def _pass_quotation(self, index: int) -> int:
        """Leave out quoted lines and what introduces them; the rest, if only `> wrote:` is."""
        end, begin = self._behind_quotation(index), self._above_quotation(index)
        behind = self._next_said(end)
        if end == index + 1 and begin < index and behind < len(self.lines) and self.stretches == []:
            rest = broken_rest(self.lines[index - 1], self.lines[index])
            if rest and introduction_start(self.lines, index - 1, begin, sure=True, rest=rest):
                end = len(self.lines)
        return self._leave(self._above_rule(begin) if begin < index else begin, end)

    def _leave(self, end: int, then: int) -> int:
        """End the current stretch at `end`; the next begins at `then`."""
        if any(map(str.strip, self.lines[self.start : end])):
            self.stretches.append(Stretch(self.start, end, then > end))
        self.start = then
        return then

    def _is_suspect(self, bare: str) -> bool:
        """A cheap look before the dear ones."""
        if bare[-1] not in _LAST_CHARACTERS and bare[0] not in _MARKS:
            head = bare[:_LABEL_CHARS]
            if ":" not in head and (bare.isascii() or "：" not in head):
                return False
            labels = headers.label_role(bare) is not None or headers.is_notes_date(bare)
            if not labels and ("@" not in bare or not (bare[-1] in ">]" or ":  " in bare)):
                return False
        self.suspects -= 1
        return self.suspects >= 0

    def _said(self, end: int) -> bool:
        """Whether anything new stands above `end`."""
        if self.stretches:
            return True
        for at in range(max(self.start, self.unsaid), end):
            bare = self.lines[at].strip()
            if bare and not headers.is_rule(bare):
                return True
            self.unsaid = at + 1
        return False

    def _judge(self, index: int, bare: str) -> int:
        """Where to go on: behind an earlier message that begins here, or on the next line."""
        kind = headers.title_kind(bare) if bare[0] in _MARKS or bare[-1] in _COLONS else None
        if kind is not None:
            return self._below_title(index, kind)
        after = self._below_header(index) if ":" in bare or "：" in bare else index
        if after > index:
            return after
        return self._below_other(index, bare)

    def _below_other(self, index: int, bare: str) -> int:
        if bare[0] in _MARKS and self._is_heading(index, bare):
            return self._drop(index, len(self.lines))
        if bare[-1] in _LAST_CHARACTERS:
            return self._below_introduction(index)
        runs = runs_on(bare) and self._said(index)
        return self._drop(index, len(self.lines)) if runs else index + 1

    def _is_heading(self, index: int, bare: str) -> bool:
        if bare[0] in "|>":
            return self._said(index) and headers.is_old_heading(self.lines, index)
        return headers.unknown_title(self.lines, index, bare)

    def _below_title(self, index: int, kind: str) -> int:
        length = len(self.lines)
        if kind in {"signed", "signature"}:
            return self._without_armour(index, kind)
        if kind == "original":
            return self._drop(index, self._behind_heading(index + 1))
        if not self._said(index):
            return length if kind == "forward" else index + 1
        return self._drop(index, length)

    def _without_armour(self, index: int, kind: str) -> int:
        """Leave out the lines that OpenPGP puts around signed text (RFC 9580 section 7)."""
        behind = index + 1
        if kind == "signed":
            while behind < len(self.lines) and self.lines[behind].startswith("Hash:"):
                behind += 1
            return self._leave(index, behind)
        most = min(len(self.lines), index + _MAX_ARMOUR)
        while behind < most and not self.lines[behind].startswith("-----END PGP"):
            behind += 1
        return self._leave(index, min(behind + 1, len(self.lines)))

    def _behind_heading(self, index: int) -> int:
        """Behind the header or introduction at `index`, if quote marks follow; else the end."""
        at = self._next_said(index)
        if at >= len(self.lines):
            return at
        block = headers.header_block(self.lines, at)
        behind = self._next_said(block.end if block is not None else at)
        if behind < len(self.lines) and self.quoted[behind]:
            return behind
        if block is None and self._introduces_marked(at):
            return at
        return len(self.lines)

    def _introduces_marked(self, index: int) -> bool:
        ahead = range(index, min(index + 6, len(self.lines)))
        marked = next((at for at in ahead if self.quoted[at]), None)
        return marked is not None and self._above_quotation(marked, floor=index) <= index

    def _below_header(self, index: int) -> int:
        self.blocks -= 1
        if self.blocks < 0:
            return index
        if headers.label_role(self.lines[index]) is None:
            block = headers.foreign_block(self.lines, index)
            return self._below_block(index, block) if block is not None else index
        block = headers.header_block(self.lines, index)
        if block is None:
            begin = headers.notes_start(self.lines, index, self.start)
            if begin is None or not self._said(begin):
                return index
            return self._drop(begin, len(self.lines))
        return self._below_block(index, block)

    def _below_block(self, index: int, block: headers.Block) -> int:
        index = block.start
        if not self._said(index):
            return self._at_top(block)
        above = self._last_said(index - 1)
        if self.lines[above].rstrip().endswith(_COLONS):
            begin = introduction_start(self.lines, above, self.start, sure=False)
            if begin is None or "@" not in self.lines[above]:
                return len(self.lines)
            return self._drop(begin, len(self.lines))
        return self._drop(index, self._behind_heading(index))

    def _at_top(self, block: headers.Block) -> int:
        """Nothing stands above: an answer may stand below marked lines, or all is kept."""
        behind = self._next_said(block.end)
        if behind < len(self.lines) and self.quoted[behind]:
            return self._drop(block.start, behind)
        return len(self.lines)

    def _last_said(self, index: int) -> int:
        while index > self.start and not self.lines[index].strip():
            index -= 1
        return index

    def _below_introduction(self, index: int) -> int:
        behind = self._next_said(index + 1)
        if behind < len(self.lines) and self.quoted[behind]:
            return index + 1
        other = behind < len(self.lines) and bool(other_mark(self.lines[behind]))
        if other:
            begin = introduction_start(self.lines, index, self.start, sure=False)
            said = begin is not None and tells_of_writing(self.lines[begin : index + 1])
            marked = self._behind_other_marks(behind) if said else behind
            if begin is not None and marked > behind:
                return self._drop(begin, marked)
        begin = introduction_start(self.lines, index, self.start, sure=True)
        if begin is not None and behind < len(self.lines) and self._said(begin):
            return self._drop(begin, len(self.lines))
        return index + 1

    def _behind_other_marks(self, index: int) -> int:
        """Behind the lines from `index` on that share another mark than `>`; `index` if none."""
        if index >= len(self.lines):
            return index
        mark = other_mark(self.lines[index])
        if not mark:
            return index
        end = position = index
        while position < len(self.lines):
            line = self.lines[position]
            if line.startswith(mark):
                end = position + 1
            elif line.strip():
                break
            position += 1
        return end if end > index + 1 or end >= len(self.lines) - 1 or mark.isalnum() else index

    def _drop(self, begin: int, then: int) -> int:
        """Leave out what is from `begin` on, with the rule above it."""
        begin = self._above_rule(begin)
        return self._leave(begin, max(then, begin))

    def _above_rule(self, end: int) -> int:
        """The end of what is new above empty lines and rules."""
        while end > self.start:
            bare = self.lines[end - 1].strip()
            if bare and not (headers.is_rule(bare) and len(bare) >= _LEAST_RULE):
                break
            end -= 1
        return end

    def _above_quotation(self, index: int, floor: int | None = None) -> int:
        """The end of what is new above the quoted line: without the introduction."""
        lowest = self.start if floor is None else floor
        last = index - 1
        while last >= lowest and index - last <= _MAX_GAP and not self.lines[last].strip():
            last -= 1
        if last < lowest or not self.lines[last].strip():
            return index
        self.suspects -= 1
        if self.suspects < 0:
            return index
        rest = broken_rest(self.lines[last], self.lines[index])
        if last > lowest and is_gap(self.lines[last]) and self.lines[last - 1].strip():
            last -= 1
        begin = introduction_start(self.lines, last, lowest, sure=False, rest=rest)
        return index if begin is None else begin

    def _behind_quotation(self, index: int) -> int:
        end = self.quoted.find(0, index)
        return end if end >= 0 else len(self.lines)

    def _next_said(self, index: int) -> int:
        while index < len(self.lines) and not self.lines[index].strip():
            index += 1
        return index
