"""What a sender newly wrote: the text without quotation, signature and closing formula.

Lines are judged one by one; where a rule is not sure, the line stays. What is below an earlier
message's header block goes; answers between and below quoted lines stay.
"""

import re

from courrier.mail.reply_phrases import (
    ADDRESS_OR_DATE,
    DATED_ADDRESS,
    FAREWELL,
    FORWARDED,
    HEADER_FROM,
    HEADER_OTHER,
    INTRODUCTION_END,
    INTRODUCTION_START,
    LIST_FOOTER,
    ORIGINAL,
    RULE,
    SENT_FROM,
)

_MAX_LINE = 500
_INTRODUCTION_LINES = 4
_HEADER_LINES = 7
_SIGNATURE = re.compile(r"--[ \t\xa0]*\Z|—\s*\Z")
_SIGNATURE_LINES = 8
_SIGNATURE_CHARS = 70
_FOOTER_LINES = 8


def reply_text(text: str) -> str:
    """The newly written part of a body; the text itself if it quotes and signs nothing.

    Args:
        text: LF line ends.
    """
    lines = text.split("\n")
    end = _earlier_message(lines)
    kept = _unsigned(lines[:end])
    quoted = [_is_quoted(line) for line in lines[:end]]
    if True in quoted:
        kept = _between_quotations(lines[:end], quoted)
    if len(kept) == len(lines):
        return text
    return "\n".join(kept).strip("\n").rstrip()


def _between_quotations(lines: list[str], quoted: list[bool]) -> list[str]:
    kept: list[str] = []
    segment: list[str] = []
    position = 0
    while position < len(lines):
        after = _after_quotation(lines, quoted, position)
        if after == position:
            segment.append(lines[position])
            position += 1
            continue
        kept += _unsigned(segment)
        segment = []
        position = after
    return kept + _unsigned(segment)


def _earlier_message(lines: list[str]) -> int:
    """Where an earlier message begins that has no quote marks; the number of lines if none does."""
    said = False
    for index, line in enumerate(lines):
        bare = line.strip()
        if not bare:
            continue
        if said and _is_suspect(lines, index, bare) and _begins_earlier(lines, index, bare):
            return index
        said = said or not RULE.match(bare)
        if not said and index + 1 < len(lines) and _is_header_block(lines, index + 1):
            return len(lines)
    return len(lines)


def _is_suspect(lines: list[str], index: int, bare: str) -> bool:
    """A cheap look before the dear ones: no line without these begins an earlier message."""
    if len(bare) > _MAX_LINE:
        return False
    if ":" in bare or "\uff1a" in bare or bare[0] in _RULE_CHARS:
        return True
    return index + 1 < len(lines) and lines[index + 1].rstrip().endswith((":", "\uff1a"))


_RULE_CHARS = "-_=*\u2014"


def _begins_earlier(lines: list[str], index: int, bare: str) -> bool:
    if ORIGINAL.match(bare) or FORWARDED.match(bare):
        return True
    if RULE.match(bare):
        return _is_header_block(lines, _next_said(lines, index + 1))
    if HEADER_FROM.match(bare):
        return _is_header_block(lines, index)
    size = _introduction_size(lines, index)
    return bool(size) and not _is_quoted_at(lines, _next_said(lines, index + size))


def _is_header_block(lines: list[str], index: int) -> bool:
    """A From line with at least two others of a header in the lines below it."""
    if index >= len(lines) or not HEADER_FROM.match(lines[index][:_MAX_LINE]):
        return False
    below = lines[index + 1 : index + 1 + _HEADER_LINES]
    return sum(HEADER_OTHER.match(each[:_MAX_LINE]) is not None for each in below) >= 2


def _next_said(lines: list[str], index: int) -> int:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index


def _is_quoted_at(lines: list[str], index: int) -> bool:
    return index < len(lines) and _is_quoted(lines[index])


def _is_quoted(line: str) -> bool:
    """A quote mark; but `>From ` is how mailboxes of old mask a line of the text itself."""
    return line.startswith((">", " >", "＞")) and not line.startswith(">From ")  # noqa: RUF001


def _introduction_size(lines: list[str], index: int) -> int:
    """How many lines the introduction takes that begins here; zero if none does."""
    joined = ""
    for size in range(1, _INTRODUCTION_LINES + 1):
        line = lines[index + size - 1].strip() if index + size <= len(lines) else ""
        if not line or len(line) > _MAX_LINE or (size > 1 and _is_quoted(line)):
            return 0
        joined = f"{joined} {line}".lstrip()
        if _is_introduction(joined):
            return size
        if size == 1 and not _may_introduce(line):
            return 0
    return 0


def _may_introduce(line: str) -> bool:
    return INTRODUCTION_START.match(line) is not None and ADDRESS_OR_DATE.search(line) is not None


def _is_introduction(joined: str) -> bool:
    if DATED_ADDRESS.search(joined):
        return True
    if not joined.endswith((":", "：")) or not INTRODUCTION_END.search(joined):  # noqa: RUF001
        return False
    return ADDRESS_OR_DATE.search(joined) is not None


def _after_quotation(lines: list[str], quoted: list[bool], position: int) -> int:
    """The line behind the quotation that begins here; `position` itself if none begins."""
    start = position
    if not quoted[position]:
        ahead = position + 2 * _INTRODUCTION_LINES
        if not lines[position].strip() or True not in quoted[position:ahead]:
            return position
        size = _introduction_size(lines, position) or _short_introduction(lines[position])
        start = _next_said(lines, position + size) if size else position
        far = not size or start - position > size + 2
        if far or start >= len(quoted) or not quoted[start]:
            return position
    while start < len(quoted) and quoted[start]:
        start += 1
    return start


def _short_introduction(line: str) -> int:
    """`Ann wrote:` counts where quoted lines follow at once."""
    bare = line.strip()
    return 1 if 0 < len(bare) <= 200 and INTRODUCTION_END.search(bare) else 0


def _unsigned(segment: list[str]) -> list[str]:
    """A stretch between quotations without its signature and closing formula."""
    for index, line in enumerate(segment):
        if _SIGNATURE.match(line) or _is_list_footer(segment, index):
            segment = segment[:index]
            break
    kept = [line for line in segment if len(line) > 200 or not SENT_FROM.match(line)]
    return _without_farewell(kept)


def _is_list_footer(segment: list[str], index: int) -> bool:
    if len(segment[index]) < 20 or not RULE.match(segment[index]):
        return False
    below = [line for line in segment[index + 1 :] if line.strip()]
    return 0 < len(below) <= _FOOTER_LINES and any(LIST_FOOTER.search(line) for line in below)


def _without_farewell(segment: list[str]) -> list[str]:
    """Cut at a closing formula near the end, if only short lines follow and text precedes."""
    seen = 0
    for index in range(len(segment) - 1, 0, -1):
        bare = segment[index].strip()
        if not bare:
            continue
        if len(bare) <= _SIGNATURE_CHARS and FAREWELL.match(bare):
            before = any(line.strip() for line in segment[:index])
            return segment[:index] if before else segment
        seen += 1
        if seen > _SIGNATURE_LINES or len(bare) > _SIGNATURE_CHARS:
            break
    return segment
