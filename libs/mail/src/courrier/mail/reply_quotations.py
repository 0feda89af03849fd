"""Which lines of a text quote an earlier message, and which stretches of it are new."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re
from collections import Counter
from dataclasses import dataclass

from courrier.mail import reply_headers as headers
from courrier.mail.reply_introductions import introduction_start

_MAX_SUSPECTS = 2_000
_MAX_BLOCKS = 500
_MAX_GAP = 3
_WRAPPED_FROM = 66
_MAX_WRAPPED = 40
_MAX_REST = 60
_LEAST_MARKED = 2
_SENTENCE_ENDS = (".", "?", "!", ":", ";", ">")
_COLONS = (":", "：")
_INITIALS = re.compile(r" {0,2}([A-Z][A-Za-z]{0,3})>+ ?")
_CAPITALS = re.compile(r" {0,2}([A-Z]{2,3})>{1,3}(?: |\Z)")
_LAST_CHARACTERS = frozenset(":：->*_\u200e\u200f\u202c\u2069")
_MARKS = frozenset(headers.MARK_CHARACTERS)
_OTHER_MARKS = ("|", ":", "}", "#", "\t", "    ", "»", "]", "+", "=", "%")


@dataclass(slots=True)
class Stretch:
    """Lines `start` to `end` (exclusive) that are new; `answered`: a quotation follows."""

    start: int
    end: int
    answered: bool


def new_stretches(lines: list[str]) -> list[Stretch]:
    """The stretches between, above and below what is quoted, in order."""
    return _Scan(lines).run()


def quoted_lines(lines: list[str]) -> list[bool]:
    """For each line whether it has a quote mark."""
    flags = [(">" in line[:6] or line.startswith("＞")) and _is_quoted(line) for line in lines]
    if True in flags or any(">" in line[2:6] for line in lines):
        if _is_prompt_session(lines, flags):
            return [False] * len(lines)
        _mark_initials(lines, flags)
        _mark_wrapped(lines, flags)
    return flags


def _mark_initials(lines: list[str], flags: list[bool]) -> None:
    """The Bat! and others quote by the author's initials: `AB> text`."""
    found = {
        index: match.group(1)
        for index, line in enumerate(lines)
        if ">" in line[:6] and (match := _CAPITALS.match(line)) is not None
    }
    counts = Counter(found.values())
    for index, initials in found.items():
        flags[index] = flags[index] or counts[initials] >= _LEAST_MARKED


def _is_quoted(line: str) -> bool:
    """A quote mark; but `>From ` is how mailboxes of old mask a line of the text itself."""
    return line[:4].lstrip(" ").startswith((">", "＞")) and not line.startswith(">From ")


def _is_prompt_session(lines: list[str], flags: list[bool]) -> bool:
    """Only lines of Python's prompt (`>>> x`): a session, not a third-hand quotation."""
    marked = [line for line, quoted in zip(lines, flags, strict=True) if quoted]
    return bool(marked) and all(line.startswith(">>> ") or line == ">>>" for line in marked)


def _mark_wrapped(lines: list[str], flags: list[bool]) -> None:
    """The rest of a quoted line that a program broke stands without a mark below it."""
    for index in range(1, len(lines) - 1):
        if flags[index] or not flags[index - 1] or not flags[index + 1]:
            continue
        line, before = lines[index], lines[index - 1].rstrip()
        wrapped = len(before) >= _WRAPPED_FROM and not before.endswith(_SENTENCE_ENDS)
        if wrapped and 0 < len(line) <= _MAX_WRAPPED and line[0].islower():
            flags[index] = True


class _Scan:
    """One pass from the top; what is not known to be quoted stays."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.quoted = quoted_lines(lines)
        self.stretches: list[Stretch] = []
        self.start = 0
        self.unsaid = 0
        self.suspects = _MAX_SUSPECTS
        self.blocks = _MAX_BLOCKS

    def run(self) -> list[Stretch]:
        index, length = 0, len(self.lines)
        while index < length:
            if self.quoted[index]:
                index = self._leave(self._above_quotation(index), self._behind_quotation(index))
                continue
            bare = self.lines[index].strip()
            if bare and self._is_suspect(bare):
                index = self._judge(index, bare)
                continue
            index += 1
        self._leave(length, length)
        return self.stretches

    def _leave(self, end: int, then: int) -> int:
        """End the current stretch at `end`; the next begins at `then`."""
        if any(line.strip() for line in self.lines[self.start : end]):
            self.stretches.append(Stretch(self.start, end, then > end))
        self.start = then
        return then

    def _is_suspect(self, bare: str) -> bool:
        """A cheap look before the dear ones."""
        if bare[-1] not in _LAST_CHARACTERS and bare[0] not in _MARKS:
            if ":" not in bare[:38] and (bare.isascii() or "：" not in bare[:38]):
                return False
            labels = headers.label_role(bare) is not None
            if not labels and not ("@" in bare and bare[-1] in ">]"):
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
        if headers.is_rule(bare):
            return index + 1
        if ":" in bare or "：" in bare:
            after = self._below_header(index)
            if after > index:
                return after
        if bare[0] in _MARKS and headers.unknown_title(self.lines, index, bare):
            return self._drop(index, len(self.lines))
        if bare[-1] in _LAST_CHARACTERS:
            return self._below_introduction(index)
        return index + 1

    def _below_title(self, index: int, kind: str) -> int:
        length = len(self.lines)
        if kind == "original":
            return self._drop(index, self._behind_heading(index + 1))
        if not self._said(index):
            return length if kind == "forward" else index + 1
        return self._drop(index, length)

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
        block = headers.header_block(self.lines, index)
        if block is None:
            begin = headers.notes_start(self.lines, index, self.start)
            if begin is None or not self._said(begin):
                return index
            return self._drop(begin, len(self.lines))
        if not self._said(index):
            return self._at_top(block)
        if self._is_announced(index):
            return len(self.lines)
        return self._drop(index, self._behind_heading(index))

    def _at_top(self, block: headers.Block) -> int:
        """Nothing stands above: an answer may stand below marked lines, or all is kept."""
        behind = self._next_said(block.end)
        if behind < len(self.lines) and self.quoted[behind]:
            return self._drop(block.start, behind)
        return len(self.lines)

    def _is_announced(self, index: int) -> bool:
        """The line above ends in a colon: the author shows these headers."""
        above = next(
            (at for at in range(index - 1, self.start - 1, -1) if self.lines[at].strip()), -1
        )
        return above >= 0 and self.lines[above].rstrip().endswith(_COLONS)

    def _below_introduction(self, index: int) -> int:
        behind = self._next_said(index + 1)
        if behind < len(self.lines) and self.quoted[behind]:
            return index + 1
        other = behind < len(self.lines) and bool(_other_mark(self.lines[behind]))
        if other:
            begin = introduction_start(self.lines, index, self.start, sure=False)
            marked = self._behind_other_marks(behind) if begin is not None else behind
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
        mark = _other_mark(self.lines[index])
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
        while begin > self.start:
            bare = self.lines[begin - 1].strip()
            if bare and not (headers.is_rule(bare) and len(bare) >= 5):
                break
            begin -= 1
        return self._leave(begin, max(then, begin))

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
        rest = _broken_rest(self.lines[last], self.lines[index])
        begin = introduction_start(self.lines, last, lowest, sure=False, rest=rest)
        return index if begin is None else begin

    def _behind_quotation(self, index: int) -> int:
        while index < len(self.lines) and self.quoted[index]:
            index += 1
        return index

    def _next_said(self, index: int) -> int:
        while index < len(self.lines) and not self.lines[index].strip():
            index += 1
        return index


def _broken_rest(line: str, quoted: str) -> str:
    """`> wrote:` below `On Monday, Ann <a@b`: the program took the bracket for a quote mark."""
    open_bracket = line.rfind("<") > line.rfind(">")
    return quoted.strip() if open_bracket and len(quoted) < _MAX_REST else ""


def _other_mark(line: str) -> str:
    """The mark that a line below an introduction begins with; empty if it has none."""
    initials = _INITIALS.match(line)
    if initials is not None:
        return line[: initials.end(1)]
    return next((mark for mark in _OTHER_MARKS if line.startswith(mark)), "")
