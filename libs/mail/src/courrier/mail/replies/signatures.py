"""Where a stretch of new text is signed: delimiter, closing formula, names, footers."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re
from collections.abc import Callable

from courrier.mail.replies import devices
from courrier.mail.replies.contacts import Author, is_contact_block, is_name
from courrier.mail.replies.devices import is_advertisement
from courrier.mail.replies.endings import Ending, without_blank_end
from courrier.mail.replies.farewells import without_farewell
from courrier.mail.replies.footers import is_disclaimer, is_footer
from courrier.mail.replies.marks import fences
from courrier.mail.replies.openings import DISCLAIMS, SENDS, SENDS_ABROAD
from courrier.mail.replies.signers import without_contact_block, without_name
from courrier.mail.replies.words import BLANKS

_DELIMITER = re.compile(r"\s{0,3}(?:--|—|–|- -|-- --|__)[ \t\xa0]*\Z")
_LONG_DELIMITER = re.compile(
    r"\s{0,3}(?:[-_=*~#+.\u2500\u2501\u2550\uff0d\uff1d\uff3f\u2014\u2013<>|:^\u2022/\\]\s?){3,}\Z"
)
_SPONSOR = re.compile(r"(?i)[-_=*]{5,} ?.{0,40}(?:yahoo! groups|sponsor|advertisement)")
_MAX_HEADING = 40
_FULL_LINE = 50
_AD_RULE = 30
_AD_LINES = 6
_FEW_LINES = 4
_SHORT_LINE = 40
_FOOTER_LINES = 12
_SIGNATURE_LINES = 30
_RULED_LINES = 15
_TAIL_SEARCHED = 150
_ROUNDS = 8
_SENT_FROM_CHARS = 200
_REMOVED = ("[non-text portions of this message have been removed]", "[attachment removed]")

Cutter = Callable[[Ending, Author], list[str]]
"""Answers the lines that it leaves: the same list if there is nothing to cut."""


def unsigned(lines: list[str], author: Author) -> list[str]:
    """The lines without what signs them; all of them if nothing does.

    Args:
        lines: a stretch of new text.
        author: who wrote it, as far as known.
    """
    whole = without_blank_end(lines)
    ending = Ending(_without_delimited(whole, author))
    for _ in range(_ROUNDS):
        before = len(ending.lines)
        for cut in _CUTTERS:
            kept = cut(ending, author)
            if kept is not ending.lines:
                ending = Ending(kept)
        if len(ending.lines) == before:
            break
    return lines if len(ending.lines) == len(whole) else ending.lines


def _without_delimited(lines: list[str], author: Author) -> list[str]:
    """Cut at a delimiter of its own line: `-- ` always, others before few lines."""
    looked_at = _like_delimiters(lines)
    if "-- " in lines[: len(lines) if looked_at else -_TAIL_SEARCHED]:
        first = lines.index("-- ")
        if not _fenced(lines)[first]:
            lines = lines[:first]
            looked_at = _like_delimiters(lines)
    fenced = _fenced(lines) if looked_at else bytearray()
    for index in looked_at:
        line = lines[index]
        if len(line) > _MAX_DELIMITER or fenced[index]:
            continue
        if _SPONSOR.match(line) is not None:
            return lines[:index]
        if _DELIMITER.match(line) is None:
            if _LONG_DELIMITER.match(line) is not None and _is_ruled_end(lines, index, author):
                return lines[:index]
            continue
        rest = [each for each in lines[index + 1 : index + 4 * _SIGNATURE_LINES] if each.strip()]
        commented = index > 0 and lines[index - 1].startswith("--")
        if not commented and _ends_text(rest, line.strip()):
            return lines[:index]
    return lines


def _like_delimiters(lines: list[str]) -> list[int]:
    """Those of the lines searched that begin as delimiters do."""
    begin = max(0, len(lines) - _TAIL_SEARCHED)
    return [
        at
        for at, line in enumerate(lines[begin:], begin)
        if line and line[0] in _FIRST_LOOK and line[:4].lstrip()[:1] in _DELIMITING
    ]


def _fenced(lines: list[str]) -> bytearray:
    return fences(lines, "\n".join(lines))


_MAX_DELIMITER = 100
_DELIMITING = frozenset("-—–_=*~#+.─━═－＝＿<>|:^•/\\")
_FIRST_LOOK = _DELIMITING | BLANKS


def _ends_text(rest: list[str], delimiter: str) -> bool:
    if rest and rest[0].startswith(delimiter):
        return False
    return len(rest) <= (_SIGNATURE_LINES if delimiter == "--" else _RULED_LINES)


def _is_ruled_end(lines: list[str], index: int, author: Author) -> bool:
    """A rule with a footer of a list or a name and addresses below, to the end of the text."""
    rest = [each for each in lines[index + 1 : index + 5 * _RULED_LINES] if each.strip()]
    if not rest or len(rest) > _RULED_LINES:
        return not rest and index > len(lines) - 3 and index > 1 and lines[index].strip()[0] == "_"
    if any(author.signs(each) or is_advertisement(each) for each in rest[:3]):
        return True
    rule = lines[index].strip()
    above = lines[index - 1].strip() if index else ""
    if above and (len(rule) <= _MAX_HEADING or abs(len(rule) - len(above)) <= 3):
        return False
    return _signs_below(rest, rule, first=index == 0)


def _signs_below(rest: list[str], rule: str, *, first: bool) -> bool:
    """Whether what is below a rule is an advertisement, a footer or somebody's address."""
    if len(rest) <= _AD_LINES and rule.startswith("_" * _AD_RULE):
        return True
    if len(rest) <= _FOOTER_LINES and any(is_footer(each) for each in rest):
        return True
    block = [each for each in rest if _LONG_DELIMITER.match(each) is None]
    if is_contact_block(block, least=1):
        return True
    return not first and 0 < len(block) <= _FEW_LINES and _is_plain_signature(block)


def _is_plain_signature(block: list[str]) -> bool:
    """A name and short lines without marks of lists, headings or fields."""
    plain = all(is_name(line) for line in block)
    return plain and all(len(line) <= _SHORT_LINE for line in block)


def _without_sent_from(ending: Ending, _author: Author) -> list[str]:
    """Drop the lines that devices add, wherever they are near the end."""
    lines = ending.lines
    sent = {
        line
        for line in _suspicious(ending)
        if len(line) <= _SENT_FROM_CHARS and devices.is_sent_from(line)
    }
    if not sent:
        return lines
    return [*lines[: ending.tail], *(line for line in lines[ending.tail :] if line not in sent)]


def _suspicious(ending: Ending) -> list[str]:
    """The lines that a cheap look does not clear of being a device's."""
    lines = ending.lines
    if ending.text.isascii():
        return [lines[at] for at in ending.signed(SENDS, ending.tail)]
    signs = devices.asian_signs(ending.text)
    return [
        lines[at]
        for at, opening in (ending.near if signs else ending.marked)
        if (opening[0] & SENDS_ABROAD or any(map(lines[at].__contains__, signs)))
        and (opening[0] & SENDS or not lines[at].isascii())
        and at >= ending.tail
    ]


def _without_last_paragraph(ending: Ending, _author: Author) -> list[str]:
    """Cut a disclaimer or an advertisement that is the last paragraph."""
    lines, start = ending.lines, ending.paragraph
    if not start or start == len(lines):
        return lines
    for at in ending.signed(DISCLAIMS, start):
        if not is_disclaimer(lines, at):
            continue
        goes_on = (
            at > start and len(lines[at - 1]) >= _FULL_LINE and lines[at].lstrip()[:1].islower()
        )
        if not goes_on:
            return lines[:at]
    few = len(lines) - start <= 4
    if few and all(is_advertisement(line[:300]) for line in (lines[start], lines[-1])):
        return lines[:start]
    return lines[:start] if lines[-1].strip().lower() in _REMOVED else lines


_CUTTERS: tuple[Cutter, ...] = (
    _without_sent_from,
    _without_last_paragraph,
    without_farewell,
    without_name,
    without_contact_block,
)
