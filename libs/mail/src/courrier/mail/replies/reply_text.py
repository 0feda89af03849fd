"""What a sender newly wrote: the text without quotation, signature and closing formula.

`quotations` finds the stretches that are new, `signatures` what signs them. Where a
rule is not sure, the line stays. What is below an earlier message's header block goes; answers
between and below quoted lines stay.
"""

from courrier.mail.message import Mailbox
from courrier.mail.replies.contacts import Author
from courrier.mail.replies.footers import behind_banner
from courrier.mail.replies.quotations import new_stretches
from courrier.mail.replies.signatures import unsigned

_MAX_STRETCHES = 200
"""Beyond as many from either end, stretches between quotations are not searched for signatures."""


def reply_text(text: str, author: Mailbox | None = None) -> str:
    """The newly written part of a body; the text itself if it quotes and signs nothing.

    Args:
        text: LF line ends.
        author: the mailbox of From: a last line that is its name signs.
    """
    lines = text.split("\n")
    begin = behind_banner(lines)
    lines = lines[begin:]
    signer = Author(author)
    found = new_stretches(lines, text)
    stretches = [lines[each.start : each.end] for each in found]
    for at, stretch in enumerate(stretches):
        if not _MAX_STRETCHES <= at < len(found) - _MAX_STRETCHES:
            ends = at > 0 and at == len(found) - 1
            stretches[at] = _unsigned_end(stretch, signer) if ends else unsigned(stretch, signer)
    if not begin and sum(map(len, stretches)) == len(lines):
        return text
    return "\n".join(_joined(stretches)).rstrip()


def _unsigned_end(lines: list[str], signer: Author) -> list[str]:
    """The same for what is below a quotation: a closing formula may be all of it."""
    if sum(bool(line.strip()) for line in lines) < _LEAST_ENDING:
        return unsigned(lines, signer)
    kept = unsigned([*_ABOVE, *lines], signer)
    return kept[len(_ABOVE) :]


_ABOVE = ["Something was said above.", ""]
_LEAST_ENDING = 2


def _joined(stretches: list[list[str]]) -> list[str]:
    """One text; where a quotation stood between empty lines, one empty line stays."""
    joined: list[str] = []
    open_end = False
    for stretch in stretches:
        start, end = 0, len(stretch)
        while start < end and not stretch[start].strip():
            start += 1
        while end > start and not stretch[end - 1].strip():
            end -= 1
        if joined and start < end and (start or open_end):
            joined.append("")
        if start < end:
            joined += stretch[start:end]
            open_end = end < len(stretch)
    return joined
