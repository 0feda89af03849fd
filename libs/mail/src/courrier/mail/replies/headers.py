"""Blocks of header lines and titles that mail programs put above an earlier message."""
# ruff: noqa: RUF001 (words and marks of other scripts are the point)

import re
from dataclasses import dataclass

from courrier.mail.replies.labels import (
    FORWARDED_BY,
    FORWARDS,
    LABELS,
    ORIGINALS,
    REPLY_ABOVE,
    VERBS,
)
from courrier.mail.replies.words import folded

MARK_CHARACTERS = "-_=*‐‑–—─━~#+<>[|■●"
_RULE = re.compile(r"[-_=*‐‑–—─━~#.\s]{3,}\Z")
_TITLE_EDGES = MARK_CHARACTERS + " \t:：.\xa0"
_GLUED = re.compile(r"[-_=*]{4,}\s?([^-_=*]{3,60}?)\s?[-_=*]{4,}\s?(?=\S)")
_MAX_TITLE = 120
_MAX_LABEL = 30
_MAX_LINE = 2_000
_MAX_HEADERS = 14
_MAX_CONTINUED = 8
_BOX_LINES = 20
_TIME = re.compile(r"\d{1,2}\s?[:.h時时点點시]\s?\d{2}")
_INLINE = re.compile(r"[^\s:：]{1,20}(?: [^\s:：]{1,20})?(?=\s?\*{0,2}[:：])")
_OUTLOOK_RULE = re.compile(r"\s{0,3}_{20,}\s*\Z")
_FOREIGN_LABEL = re.compile(
    r"\*{0,2}[^\W\d_a-z][^\W\d_]{0,20}(?:[ /.'][^\W\d_]{1,12}){0,2} ?\*{0,2}:"
)
_YEAR = re.compile(r"(?:19|20)\d\d|\d\d[-./]\d\d")
_ADDRESSED = re.compile(r":\**\s.{0,80}[<\[](?:mailto:)?[^<>\s]{1,80}@[^<>\s]{1,80}[>\]]\s*\Z")
_NOTES_DATE = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{2,4},? \d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[AP]M)?(?: \w{2,4})?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Header lines from `start` up to `end` (exclusive) and what they are."""

    start: int
    end: int
    roles: frozenset[str]
    certain: bool


def label_role(line: str) -> str | None:
    """The role of the label that a line begins with (`From:`, `*Von:*`), if any."""
    head = line[: _MAX_LABEL + 8]
    label, colon, _ = head.partition(":")
    if not colon or "\uff1a" in label:
        label, colon, _ = head.partition("\uff1a")
        if not colon:
            return None
    label = label.strip(" \t*_|>\xa0[]")
    return LABELS.get(label.lower() if label.isascii() else folded(label))


def is_rule(bare: str) -> bool:
    """A line of nothing but rule characters."""
    return bare[0] in MARK_CHARACTERS and _RULE.match(bare) is not None


def header_block(lines: list[str], index: int) -> Block | None:
    """The block of labelled lines that begins here, if an earlier message's."""
    return _known_block(lines, index) or foreign_block(lines, index)


def _known_block(lines: list[str], index: int) -> Block | None:
    if label_role(lines[index]) is None:
        return None
    ruled = index > 0 and _OUTLOOK_RULE.match(lines[index - 1]) is not None
    roles, values, end = _labelled(lines, index)
    inline = _inline_roles(lines[index])
    if len(inline) >= 2:
        roles |= inline
    if "from" not in roles or len(roles) < 2:
        return None
    dated = any(_TIME.search(value) for value in values)
    addressed = any("@" in value for value in values)
    if len(roles) == 2 and not (dated and (addressed or ruled)):
        return None
    if len(roles) == 3 and "subject" not in roles and not (addressed or dated):
        return None
    certain = "subject" in roles and "date" in roles
    return Block(index, end, frozenset(roles), certain)


def foreign_block(lines: list[str], index: int) -> Block | None:
    """Four labelled lines in a language not known here: an address, a date with time, two more.

    Or the box of old Lotus Notes, which begins above.
    """
    if lines[index][:2].strip().isdigit():
        return _notes_box(lines, index)
    if _FOREIGN_LABEL.match(lines[index]) is None:
        return None
    said = [at for at in range(index, min(index + 9, len(lines))) if lines[at].strip()][:4]
    block = [lines[at][:_MAX_LINE] for at in said]
    if len(said) < 4 or not all(_FOREIGN_LABEL.match(line) for line in block):
        return None
    dated = _TIME.search(block[1]) is not None and _YEAR.search(block[1]) is not None
    if not dated or _ADDRESSED.search(block[0]) is None or "http" in block[0]:
        return None
    return Block(index, said[-1] + 1, frozenset(), certain=False)


def _labelled(lines: list[str], index: int) -> tuple[set[str], list[str], int]:
    """Roles, values and the end of the labelled lines from `index` on."""
    roles: set[str] = set()
    values: list[str] = []
    end = position = index
    continued = blank = 0
    while position < min(len(lines), index + 3 * _MAX_HEADERS) and len(values) < _MAX_HEADERS:
        line = lines[position][:_MAX_LINE]
        role = label_role(line)
        if not line.strip():
            blank += 1
            if blank > 1:
                break
        elif role is not None and not (role in roles and role != "cc"):
            roles.add(role)
            values.append(line)
            end, blank, continued = position + 1, 0, 0
        elif values and not blank and continued < _MAX_CONTINUED and _continues(lines, position):
            values[-1] += line
            end, continued = position + 1, continued + 1
        else:
            break
        position += 1
    return roles, values, end


def _continues(lines: list[str], position: int) -> bool:
    """Whether a line goes on with the addresses or the value of the one above."""
    line = lines[position][:_MAX_LINE]
    if lines[position - 1].rstrip().endswith((",", ";", ":", "：", "<")):
        return True
    return line[:1] in " \t" or "@" in line or line.rstrip().endswith((";", ">"))


def _inline_roles(line: str) -> set[str]:
    """The roles of labels within one line: `From: Ann Sent: Monday To: Bob Subject: Plan`."""
    roles: set[str] = set()
    for found in _INLINE.findall(line[:_MAX_LINE]):
        label = folded(found.strip("* "))
        role = LABELS.get(label) or LABELS.get(label.rpartition(" ")[2])
        roles |= {role} if role else set()
    return roles


def title_kind(bare: str) -> str | None:
    """What a title line says; `None` if it is none.

    Returns:
        `original`, `forward`, `above` (answer above), `signed` or `signature` (of OpenPGP).
    """
    title = bare.strip(_TITLE_EDGES) if len(bare) <= _MAX_TITLE else ""
    glued = _GLUED.match(bare[:_MAX_TITLE]) if bare[0] in "-_=*" else None
    if glued is not None and label_role(bare[glued.end() :]) == "from":
        title = glued[1]
    if not title:
        return None
    words = folded(title.replace("&nbsp;", ""))
    marked = bare[0] in MARK_CHARACTERS
    if words in ORIGINALS:
        return "original" if marked or bare.endswith(":") else None
    if words in FORWARDS:
        return "forward" if marked or bare.endswith((":", "：")) else None
    return _ruled_title(bare, words) if marked else None


def _ruled_title(bare: str, words: str) -> str | None:
    armour = _ARMOUR.get(words)
    if armour or words.startswith(FORWARDED_BY):
        return armour or "forward"
    if any(each in words for each in REPLY_ABOVE):
        return "above"
    return "original" if _ruled(bare) and not VERBS.isdisjoint(words.split(" ")) else None


_ARMOUR = {"begin pgp signed message": "signed", "begin pgp signature": "signature"}


def _ruled(bare: str) -> bool:
    return bare[:2].strip(MARK_CHARACTERS) == "" and bare.rstrip(": ")[-2:].strip("-_=* ") == ""


def is_old_heading(lines: list[str], index: int) -> bool:
    """GroupWise (`>>> Ann <a@b> 12/01/11 >>>`) or the box that Notes drew around a header."""
    bare = lines[index].strip()
    if bare.startswith(">>> ") and bare.endswith(" >>>"):
        return _YEAR.search(bare) is not None
    if not bare.startswith("|---"):
        return False
    box = [line.strip(" |>") for line in lines[index + 1 : index + 30]]
    return {"to", "subject"} <= {label_role(line) for line in box if ":" in line}


def unknown_title(lines: list[str], index: int, bare: str) -> bool:
    """A title in a language not known here: words between rules, and labelled lines below."""
    if len(bare) > _MAX_TITLE or not _ruled(bare) or len(bare.strip(_TITLE_EDGES)) < 4:
        return False
    below = [line for line in lines[index + 1 : index + 8] if line.strip()][:4]
    labelled = [line for line in below if 0 < line.find(":") <= _MAX_LABEL]
    if len(labelled) < 3:
        return False
    return any("@" in line for line in labelled) and any(_TIME.search(line) for line in labelled)


def is_notes_date(bare: str) -> bool:
    """A date and a time that are all of a line, as in the box of old Lotus Notes."""
    return bare[0].isdigit() and _NOTES_DATE.match(bare) is not None


def _notes_box(lines: list[str], index: int) -> Block | None:
    """Labels and values each on a line of their own, below the writer and the date that is here."""
    above = index - 1
    if above > 0 and ":" in lines[above] and lines[above - 1].strip():
        # `Sent by: an office`, below the writer.
        above -= 1
    if above < 0 or not lines[above].strip() or not is_notes_date(lines[index].strip()):
        return None
    below = range(index + 1, min(index + _BOX_LINES, len(lines)))
    roles = {
        at: LABELS.get(folded(lines[at].strip())) for at in below if len(lines[at]) < _MAX_LABEL
    }
    subject = next((at for at, role in roles.items() if role == "subject"), None)
    if subject is None or "to" not in [role for at, role in roles.items() if at < subject]:
        return None
    return Block(above, min(subject + 2, len(lines)), frozenset(), certain=False)


def notes_start(lines: list[str], index: int, floor: int) -> int | None:
    """Where a Lotus Notes heading begins whose first labelled line (`To:`) is here."""
    if label_role(lines[index]) != "to":
        return None
    roles, _, _ = _labelled(lines, index)
    if not {"to", "subject"} <= roles:
        return None
    above = [at for at in range(max(floor, index - 6), index) if lines[at].strip()]
    if not above:
        return None
    dated = next((at for at in reversed(above) if _NOTES_DATE.search(lines[at].strip())), None)
    if dated is None:
        return None
    alone = _NOTES_DATE.match(lines[dated].strip()) is not None
    name = [at for at in above if at < dated]
    return name[-1] if alone and name and len(lines[name[-1]].strip()) <= 60 else dated
