"""The marks by which lines are quoted: `>`, initials, bars, and what programs broke of them."""
# ruff: noqa: RUF001 (marks of other scripts are the point)

import re
from collections import Counter
from collections.abc import Iterable

_WRAPPED_FROM = 66
_MAX_WRAPPED = 40
_MAX_REST = 60
_LEAST_MARKED = 2
_SENTENCE_ENDS = (".", "?", "!", ":", ";", ">")
_INITIALS = re.compile(r" {0,2}([A-Z][A-Za-z]{0,3})>+ ?")
_CITED = re.compile(r" {0,8}([^\W\d_]{1,16})>{1,3}(?: |\Z)")
_MAX_CITED = 30
_CAPITALS = re.compile(r" {0,2}([A-Z]{2,3})>{1,3}(?: |\Z)")
_BETWEEN = bytes([True, False, True])
_OTHER_MARKS = ("|", ":", "}", "#", "\t", "    ", "»", "]", "+", "=", "%")


def fences(lines: list[str], text: str) -> bytearray:
    """For each line whether (1) it stands in a block of code between lines of three backticks.

    Args:
        lines: some or all of the text's.
        text: without backticks no line is looked at.
    """
    if "`" not in text or "```" not in text:
        return bytearray(len(lines))
    marks = [at for at, line in enumerate(lines) if line.startswith("```")]
    inside = bytearray(len(lines))
    for first, last in zip(marks[::2], marks[1::2], strict=False):
        inside[first : last + 1] = b"\1" * (last + 1 - first)
    return inside


def quoted_lines(lines: list[str], fenced: bytearray, text: str) -> bytearray:
    """For each line whether (1) it has a quote mark; in a block of code none has.

    Args:
        lines: some or all of the text's.
        fenced: see `fences`.
        text: without any mark no line is looked at.
    """
    flags = bytearray(len(lines))
    wide = "＞" in text
    if ">" not in text and not wide:
        return flags
    marked = [at for at, line in enumerate(lines) if ">" in line and ">" in line[:6]]
    if wide:
        marked = [at for at, line in enumerate(lines) if ">" in line[:6] or line[:1] == "＞"]
    for at in marked:
        flags[at] = lines[at].startswith("> ") or _is_quoted(lines[at])
    if 1 in flags or any(">" in lines[at][2:6] for at in marked):
        if _is_prompt_session(lines[at] for at in marked if flags[at]):
            return bytearray(len(lines))
        if flags.count(1) < len(marked) or ">>>>> " in text:
            _mark_initials(lines, marked, flags)
        _mark_wrapped(lines, flags)
    if 1 in fenced:
        flags = bytearray(quoted and not code for quoted, code in zip(flags, fenced, strict=True))
    return flags


def _mark_initials(lines: list[str], marked: list[int], flags: bytearray) -> None:
    """The Bat! and others quote by the author's initials: `AB> text`."""
    cited = any(lines[at].startswith(">>>>> ") and " == " in lines[at] for at in marked)
    looked_at = range(len(lines)) if cited else marked
    pattern, width = (_CITED, _MAX_CITED) if cited else (_CAPITALS, 6)
    found = {
        index: match.group(1)
        for index in looked_at
        if ">" in lines[index][:width] and (match := pattern.match(lines[index])) is not None
    }
    counts = Counter(found.values())
    for index, initials in found.items():
        flags[index] = flags[index] or counts[initials] >= _LEAST_MARKED


def _is_quoted(line: str) -> bool:
    """A quote mark; but `>From ` is how mailboxes of old mask a line of the text itself."""
    if line.startswith("> "):
        return True
    if not line[:4].lstrip(" ").startswith((">", "＞")) or line.startswith(">From "):
        return False
    if line.startswith(("><", ">&#")):
        return False
    return not (line.startswith(">>> ") and line.rstrip().endswith(" >>>"))


def _is_prompt_session(marked: Iterable[str]) -> bool:
    """Only lines of Python's prompt (`>>> x`): a session, not a third-hand quotation."""
    of_prompt = False
    for line in marked:
        of_prompt = line.startswith(">>> ") or line == ">>>"
        if not of_prompt:
            break
    return of_prompt


def _mark_wrapped(lines: list[str], flags: bytearray) -> None:
    """The rest of a quoted line that a program broke stands without a mark below it."""
    marks = bytes(flags)
    at = marks.find(_BETWEEN)
    while at >= 0:
        index = at + 1
        line, before = lines[index], lines[index - 1].rstrip()
        wrapped = len(before) >= _WRAPPED_FROM and not before.endswith(_SENTENCE_ENDS)
        if wrapped and 0 < len(line) <= _MAX_WRAPPED and line[0].islower():
            flags[index] = True
        at = marks.find(_BETWEEN, index)


def broken_rest(line: str, quoted: str) -> str:
    """`> wrote:` below `On Monday, Ann <a@b`: the program took the bracket for a quote mark."""
    open_bracket = line.rfind("<") > line.rfind(">")
    return quoted.strip() if open_bracket and len(quoted) < _MAX_REST else ""


def is_gap(line: str) -> bool:
    """`[...]` or `<snip>`: the author left something of the quotation out."""
    return len(line) <= _MAX_GAP and line.strip(" [](){}<>-=*.…").lower() in _GAPS


_MAX_GAP = 30
_GAPS = {"", "snip", "snipped", "snippet", "cut", "schnipp", "schnapp", "gekürzt", "deleted"}


def other_mark(line: str) -> str:
    """The mark that a line below an introduction begins with; empty if it has none."""
    initials = _INITIALS.match(line)
    if initials is not None:
        return line[: initials.end(1)]
    return next((mark for mark in _OTHER_MARKS if line.startswith(mark)), "")
