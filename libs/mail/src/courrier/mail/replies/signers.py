"""Signatures that have no delimiter: the author's name, a dashed name, a block of addresses."""
# ruff: noqa: RUF001 (marks of other scripts are the point)

import re

from courrier.mail.replies.contacts import Author, is_contact_block, is_name, is_tail_line
from courrier.mail.replies.endings import Ending
from courrier.mail.replies.words import BLANKS

_DASHED_WORDS = 3
_INITIALS = 3
_BRACKETS = re.compile(r"\s?[(<\[][^)>\]]{1,60}[)>\]]?\s*\Z|\s\S+@\S+\s*\Z")
_DASHED_NAME = re.compile(r"\s{0,8}(?:--+|//|\.\.|[-~–—/]) {0,2}(\S.{0,80})\Z")
_DASHES = BLANKS | set("-–—~/.")


def without_name(ending: Ending, author: Author) -> list[str]:
    """Cut at the author's own name or a dashed name near the end."""
    lines = ending.lines
    top = _first_said(lines)
    beginnings, addressed = author.initials, "@" in ending.text
    looked_at = [
        (at, opening.word)
        for at, opening in ending.near
        if opening.odd
        or opening.word[:2] in beginnings
        or lines[at][0] in _DASHES
        or (addressed and "@" in lines[at])
    ]
    for at, first in looked_at:
        if at <= top:
            continue
        if author.opens(lines[at], first) and _is_short_end(lines, at, author):
            return lines[:at]
        dashed = lines[at][0] in _DASHES and lines[at][:8].lstrip()[:1] in "-–—~/."
        if dashed and _is_dashed_name(lines, at):
            return lines[:at]
    return lines


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
    above = next((lines[at].rstrip() for at in range(start - 1, -1, -1) if lines[at].strip()), ":")
    introduced = above.endswith((":", "：")) or not any(map(str.isalnum, above))
    if introduced or not is_contact_block(lines[start:]):
        return lines
    return lines[:start]
