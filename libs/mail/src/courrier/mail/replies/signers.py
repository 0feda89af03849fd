"""Signatures that have no delimiter: the author's name, a dashed name, a block of addresses."""
# ruff: noqa: RUF001 (marks of other scripts are the point)

import re

from courrier.mail.replies.contacts import (
    ORNAMENTS,
    Author,
    is_contact_block,
    is_name,
    is_tail_line,
)
from courrier.mail.replies.endings import Ending
from courrier.mail.replies.openings import DASHED, ODD

_DASHED_WORDS = 3
_INITIALS = 3
_BRACKETS = re.compile(r"\s?[(<\[][^)>\]]{1,60}[)>\]]?\s*\Z|\s\S+@\S+\s*\Z")
_DASHED_NAME = re.compile(r"\s{0,8}(?:--+|//|\.\.|[-~–—/]) {0,2}(\S.{0,80})\Z")


def without_name(ending: Ending, author: Author) -> list[str]:
    """Cut at the author's own name or a dashed name near the end."""
    lines = ending.lines
    initials, addressed = author.initials, "@" in ending.text
    looked_at = [
        (at, opening)
        for at, opening in ending.near
        if opening[2] in initials or opening[0] & _BEGINS_NAMES or (addressed and "@" in lines[at])
    ]
    top = _first_said(lines) if looked_at else 0
    for at, opening in looked_at:
        if at <= top:
            continue
        if author.opens(lines[at], opening.word) and _is_short_end(lines, at, author):
            return lines[:at]
        if opening.signs & DASHED and _is_dashed_name(lines, at):
            return lines[:at]
    return lines


_BEGINS_NAMES = ODD | DASHED


def _first_said(lines: list[str]) -> int:
    return next((at for at, line in enumerate(lines) if line.strip()), 0)


def _is_short_end(lines: list[str], at: int, author: Author) -> bool:
    below = [line for line in lines[at + 1 :] if line.strip()]
    if not below and author.signs(lines[at]):
        return True
    above = next((line.rstrip() for line in reversed(lines[:at]) if line.strip()), "")
    if not below and above.endswith((":", "：", ",")):
        return False
    parted = not lines[at - 1].strip()
    return parted and all(is_tail_line(line, first=False) or author.signs(line) for line in below)


def _is_dashed_name(lines: list[str], at: int) -> bool:
    match = _DASHED_NAME.match(lines[at])
    if match is None or len(lines) - at > 4:
        return False
    name, above = _BRACKETS.sub("", match.group(1)), lines[at - 1].strip()
    if not name or above[:1] in {"-", "*", "•", "–", "—"}:
        return False
    below = [line for line in lines[at + 1 :] if line.strip()]
    if any(line.lstrip()[:1] in "-*•" or not is_tail_line(line, first=False) for line in below):
        return False
    return _is_dashed(name, lines[at][: match.start(1)], alone=not above)


def _is_dashed(name: str, before: str, *, alone: bool) -> bool:
    dash, words = before.strip(), len(name.split())
    if words > _DASHED_WORDS or (name.isupper() and len(name) > _INITIALS):
        return False
    if not before.endswith(" ") and not name[0].isdigit():
        lower = words == 1 and name.isalpha() and alone and len(dash) == 1
        return is_name(name) or lower
    return (alone or dash == "--") and is_name(name)


def without_contact_block(ending: Ending, _author: Author) -> list[str]:
    """Cut a last paragraph of name, telephone and addresses, if it is plainly one."""
    lines, start = ending.lines, ending.paragraph
    if start < 2 or not 3 <= len(lines) - start <= 10:
        return lines
    if lines[start].strip(ORNAMENTS)[:1].islower():
        return lines
    above = next((lines[at].rstrip() for at in range(start - 1, -1, -1) if lines[at].strip()), ":")
    introduced = above.endswith((":", "：")) or not any(map(str.isalnum, above))
    if introduced or not is_contact_block(lines[start:]):
        return lines
    return lines[:start]
