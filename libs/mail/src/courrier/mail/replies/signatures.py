"""Where a stretch of new text is signed: delimiter, closing formula, names, footers."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re
from collections.abc import Callable

from courrier.mail.replies import closings, devices
from courrier.mail.replies.contacts import Author, is_contact_block, is_name, is_tail_line
from courrier.mail.replies.devices import is_advertisement
from courrier.mail.replies.footers import is_disclaimer, is_footer
from courrier.mail.replies.marks import fences
from courrier.mail.replies.signers import without_contact_block, without_name
from courrier.mail.replies.words import BLANKS, first_word, folded

_DELIMITER = re.compile(r"\s{0,3}(?:--|—|–|- -|-- --|__)[ \t\xa0]*\Z")
_LONG_DELIMITER = re.compile(r"\s{0,3}(?:[-_=*~#+.\u2500\u2014\u2013<>|:^\u2022/\\]\s?){3,}\Z")
_SPONSOR = re.compile(r"(?i)[-_=*]{5,} ?.{0,40}(?:yahoo! groups|sponsor|advertisement)")
_GREETING_WORDS = 4
_MAX_HEADING = 40
_FULL_LINE = 50
_AD_RULE = 30
_AD_LINES = 6
_FEW_LINES = 4
_SHORT_LINE = 40
_FOOTER_LINES = 12
_SIGNATURE_LINES = 30
_RULED_LINES = 15
_TAIL_LINES = 16
_LINES_READ = 20
_TAIL_SEARCHED = 150
_ROUNDS = 8
_SENT_FROM_CHARS = 200
_POSTSCRIPT = re.compile(
    r"\s*(?:P\.?\s?P?\.?S\.?|N\.?B\.?|PD|EDIT)\b\s?[:.,\-–—]?\s?\S", re.IGNORECASE
)
_REMOVED = ("[non-text portions of this message have been removed]", "[attachment removed]")

Cutter = Callable[[list[str], Author], list[str]]


def unsigned(lines: list[str], author: Author) -> list[str]:
    """The lines without what signs them; all of them if nothing does.

    Args:
        lines: a stretch of new text.
        author: who wrote it, as far as known.
    """
    whole = _without_blank_end(lines)
    kept = _without_delimited(whole, author)
    author.first_words.read(kept[-_LINES_READ:])
    for _ in range(_ROUNDS):
        before = len(kept)
        for cut in _CUTTERS:
            kept = cut(_without_blank_end(kept), author)
        if len(kept) == before:
            break
    return lines if len(kept) == len(whole) else kept


def _without_blank_end(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end] if end < len(lines) else lines


def _without_delimited(lines: list[str], author: Author) -> list[str]:
    """Cut at a delimiter of its own line: `-- ` always, others before few lines."""
    fenced = fences(lines)
    if "-- " in lines and not fenced[lines.index("-- ")]:
        lines = lines[: lines.index("-- ")]
    begin = max(0, len(lines) - _TAIL_SEARCHED)
    looked_at = [at for at, line in enumerate(lines[begin:], begin) if line[:1] in _FIRST_LOOK]
    for index in looked_at:
        line = lines[index]
        if line[:4].lstrip()[:1] not in _DELIMITING or len(line) > 100 or fenced[index]:
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


_DELIMITING = frozenset("-—–_=*~#+.─<>|:^•/\\")
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


def _without_sent_from(lines: list[str], author: Author) -> list[str]:
    """Drop the lines that devices add, wherever they are near the end."""
    first = max(0, len(lines) - _TAIL_LINES)
    tail, words = lines[first:], author.first_words
    sent = {
        line
        for line in devices.suspicious(tail, [words[line] for line in tail])
        if len(line) <= _SENT_FROM_CHARS and devices.is_sent_from(line)
    }
    return [*lines[:first], *(line for line in tail if line not in sent)] if sent else lines


def _without_last_paragraph(lines: list[str], author: Author) -> list[str]:
    """Cut a disclaimer or an advertisement that is the last paragraph."""
    start = len(lines)
    while start and lines[start - 1].strip() and len(lines) - start < _TAIL_LINES:
        start -= 1
    if not start or start == len(lines):
        return lines
    for at in range(start, len(lines)):
        goes_on = (
            at > start and len(lines[at - 1]) >= _FULL_LINE and lines[at].lstrip()[:1].islower()
        )
        if not goes_on and is_disclaimer(lines, at, author.first_words):
            return lines[:at]
    few = len(lines) - start <= 4
    if few and all(is_advertisement(line[:300]) for line in (lines[start], lines[-1])):
        return lines[:start]
    return lines[:start] if lines[-1].strip().lower() in _REMOVED else lines


def _without_farewell(lines: list[str], author: Author) -> list[str]:
    """Cut a closing formula and the name below it; what goes on after that stays."""
    seen = 0
    for index in range(len(lines) - 1, 0, -1):
        bare = lines[index].strip()
        if not bare:
            continue
        first = author.first_words[bare]
        if first in closings.FIRST_WORDS and is_farewell(bare, first, author):
            return lines if _answers_by_it(lines, index) else _cut_at_farewell(lines, index, author)
        seen += 1
        if seen > _TAIL_LINES:
            break
    return lines


def _answers_by_it(lines: list[str], index: int) -> bool:
    """`Hi Bob,` and `Thanks!`: below a mere greeting the thanks are what is said."""
    above = [line.strip() for line in lines[:index] if line.strip()]
    if len(above) != 1 or first_word(lines[index]) not in closings.THANKS:
        return False
    return len(above[0].split()) <= _GREETING_WORDS and above[0].endswith((",", "!", "，"))


def _cut_at_farewell(lines: list[str], index: int, author: Author) -> list[str]:
    if not any(line.strip() for line in lines[:index]):
        return lines
    below = lines[index + 1 :]
    alone = not any(line.strip() for line in below)
    parted = not alone and not lines[index - 1].strip()
    if not parted and folded(lines[index]) in closings.AMBIGUOUS:
        return lines
    if alone:
        return lines[:index]
    goes_on = _goes_on(below, author)
    if goes_on is None:
        return lines[:index]
    if goes_on == 0:
        return lines
    return [*_without_blank_end(lines[:index]), "", *below[goes_on:]]


def _goes_on(below: list[str], author: Author) -> int | None:
    """The first line below a closing formula that signs nothing; 0: none of them signs."""
    said = [at for at, line in enumerate(below) if line.strip()]
    for at in said:
        if _POSTSCRIPT.match(below[at]):
            return at
        if not is_tail_line(below[at], first=at == said[0]) and not is_disclaimer(
            below, at, author.first_words
        ):
            return 0 if at == said[0] else at
        if at != said[0] and is_disclaimer(below, at, author.first_words):
            return None
    return None


def is_farewell(bare: str, first: str, author: Author) -> bool:
    """A closing formula, alone or with a name behind it.

    Args:
        bare: a line without blanks around it.
        first: its first word, one of `closings.FIRST_WORDS`.
        author: who wrote it.
    """
    if len(bare) > _MAX_FAREWELL or bare[0] == "<":
        return False
    words = _OUTER.sub("", folded(bare))
    if words in closings.FAREWELLS or words.replace(",", "") in closings.FAREWELLS:
        thanking = first in closings.THANKING
        return not bare.endswith("?") and not (thanking and bare.endswith(":"))
    if closings.FORMULA.match(words) is not None:
        return True
    if len(bare) > _MAX_NAMED:
        return False
    thanks = first in closings.THANKS and bare.endswith(",")
    return thanks or _two_farewells(words) or _named_farewell(bare, first, author)


def _two_farewells(words: str) -> bool:
    """`Mit freundlichen Grüßen / Kind regards`."""
    if _PARTS.isdisjoint(words):
        return False
    parts = [part.strip(_FORMULA_EDGES) for part in _PARTING.split(words)]
    return len(parts) > 1 and all(part in closings.FAREWELLS for part in parts)


_MAX_FAREWELL = 150
_MAX_NAMED = 70
_OUTER = re.compile(r"\A\W+|[\W_]+\Z")
_PARTING = re.compile(r"\s?(?:[/|]|\s[-–]\s|, |\. )\s?")
_PARTS = frozenset("/|-–,.")
_FORMULA_EDGES = " ,.!;:-–—*_~。，!、…()\"'/|"


_FROM_WHERE = frozenset(
    ["aus", "from", "von", "uit", "fra", "från", "vom", "dal", "desde", "iz", "z", "de"]
)


def _named_farewell(bare: str, first: str, author: Author) -> bool:
    """`Best regards, Ann`; what may as well be said to the reader needs the author's name."""
    words = bare.split()
    most = min(len(words) - 1, closings.MOST_WORDS.get(first, 0))
    said = folded(" ".join(words[:most])).split(" ")
    if len(said) != most:
        # A word is nothing but marks.
        said = [folded(word) for word in words[:most]]
    for size in range(most, 0, -1):
        if " ".join(filter(None, said[:size])).strip(_FORMULA_EDGES) not in closings.FAREWELLS:
            continue
        head = " ".join(words[:size])
        name = " ".join(words[size:]).strip(" -–—,~/")
        if author.signs(name):
            return True
        if name.split(" ", 1)[0] in _FROM_WHERE:
            name = name.partition(" ")[2]
        if said[0].strip(_FORMULA_EDGES) in closings.THANKING:
            return head.endswith(",") and not bare.endswith("!") and is_name(name)
        return is_name(name) and not bare.endswith(("!", "?"))
    return False


_CUTTERS: tuple[Cutter, ...] = (
    _without_sent_from,
    _without_last_paragraph,
    _without_farewell,
    without_name,
    without_contact_block,
)
