"""Delivery failures told in a mail server's own prose: who was not reached, and what was said.

The forms differ less than their number suggests: an address at the begin of a line or behind a
known label, and beside, below or above it the other server's answer.
"""

# ruff: noqa: E501 (phrases stand as servers write them)

import re

from courrier.mail.headers.addresses import match_key
from courrier.mail.limits import MAX_REPORT_RECIPIENTS
from courrier.mail.message import BouncedRecipient
from courrier.mail.reports.bounce_addresses import Found, find_recipients
from courrier.mail.reports.bounce_kind import answer_status
from courrier.mail.reports.bounce_text import normal, one_line

_DELAY = re.compile(
    r"delay|warning|still (?:being )?(?:re)?tr|undelivered after"
    r"|will (?:continue|keep|be retried|retry|try|be tried)"
    r"|not yet been delivered|transient"
    r"|temporary (?:problem|failure)|hasn't been delivered yet|retr(?:y|ied) (?:for|until)|verzögert"
    r"|retard|retras|ritard|atras|vertraag|opóźn|задерж|遅延|遅れ|延迟|延遲|지연",
)
_FINAL = re.compile(
    r"permanent|could n(?:o|')t be delivered|giv(?:e|ing|en) up|is being returned"
    r"|has been returned|unable to deliver|failed permanently|fatal error|were not reached"
    r"|did not reach|wasn't delivered|was not delivered|has failed|undeliverable|couldn't be deliv"
    r"|no further|has been removed|too long|timed out|not going to try|expired",
)
_STILL = re.compile(
    r"warning (?:message )?only|(?:will|server) (?:will )?continue to|being delayed|not yet been delivered|will (?:continue|keep) trying|will retry"
    r"|still undelivered|do not need to (?:re)?send|has been delayed|delivery incomplete"
    r"|hasn't been delivered yet|will be retried until",
)
_ANSWER_LINE = re.compile(
    r"^.{0,200}?(?:(?<![\d.])[45]\d\d[ -]|(?<![\w.])[45]\.\d\.\d{1,3}(?![\w-]|\.\d)).{0,600}$",
    re.MULTILINE,
)
_REASON_LINE = re.compile(
    r"^[ \t*-]{0,20}(?:reason|error(?: message)?|diagnostic(?:[- ]code)?|cause|grund|motivo|raison)"
    r"[ \t]{0,10}[:=][ \t]{0,10}(\S.{0,600})$",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_DIAGNOSTIC = 1_000
_ACTION_CHARS = 3_000
_MAX_LINES = 40
_RULES = ("-----", "=====", "_____", "*****")


def prose_recipients(
    text: str, named: list[str], excluded: set[str], known: set[str]
) -> tuple[BouncedRecipient, ...]:
    """The recipients not reached, as far as the text or `named` tell them.

    Args:
        text: the server's own words.
        named: addresses from X-Failed-Recipients, which need no search.
        excluded: match keys that are no recipient: the daemon's and the first sender's.
        known: match keys of the recipients of the returned message.
    """
    found = [_named(text, each) for each in list(dict.fromkeys(named))[:MAX_REPORT_RECIPIENTS]]
    found = found or find_recipients(text, excluded, known)
    action = told_action(text)
    answers = [_answer(text, each, found) for each in found]
    return tuple(
        BouncedRecipient(each.address, answer_status(answer), action, diagnostic)
        for each, (answer, diagnostic) in zip(found, answers, strict=True)
    )


def told_action(text: str) -> str:
    """`delayed` if the text says that the server still tries, else `failed`."""
    words = normal(text[:_ACTION_CHARS])
    if _STILL.search(words) or (_DELAY.search(words) and not _FINAL.search(words)):
        return "delayed"
    return "failed"


def only_answer(text: str) -> str | None:
    """The line of a text that says why, if the text concerns one recipient."""
    line = _ANSWER_LINE.search(text)
    if line is not None:
        return one_line(text[line.start() : line.end() + 300], _MAX_DIAGNOSTIC)
    reason = _REASON_LINE.search(text)
    return one_line(reason.group(1), _MAX_DIAGNOSTIC) if reason is not None else None


def said_of(text: str, addresses: list[str]) -> list[str | None]:
    """What a text says of each address, for reports whose fields give no reason."""
    found = [_named(text, each) for each in addresses]
    return [one_line(_block(text, each, found), _MAX_DIAGNOSTIC) for each in found]


def _named(text: str, address: str) -> Found:
    at = text.casefold().find(address.casefold()) if text.isascii() else text.find(address)
    return Found(address, 1, at, at + len(address)) if at >= 0 else Found(address, 1, -1, -1)


def _answer(text: str, each: Found, found: list[Found]) -> tuple[str | None, str | None]:
    """All that is said of a recipient, for its code; and the part worth showing."""
    block = _block(text, each, found)
    lines = _other_lines(text, each.address)
    alone = len(found) == 1
    pieces = [block, lines]
    if alone or not any(answer_status(piece) for piece in pieces):
        pieces.append(text if alone else text[: min(other.start for other in found)])
    told = next((piece for piece in pieces if answer_status(piece)), None)
    shown = one_line(block, _MAX_DIAGNOSTIC)
    if (shown is None or answer_status(shown) is None) and told is not None:
        shown = one_line(lines, _MAX_DIAGNOSTIC) if told is lines else only_answer(told) or shown
    if shown is None:
        shown = only_answer(text) if alone else None
    return told, shown or one_line(lines, _MAX_DIAGNOSTIC)


def _block(text: str, each: Found, found: list[Found]) -> str:
    """What stands beside and below the address, up to the next recipient or a long pause."""
    if each.end < 0:
        return ""
    later = [other.start for other in found if other.start > each.start]
    end = min([each.end + 4 * _MAX_DIAGNOSTIC, len(text), *later])
    kept: list[str] = []
    for line in text[each.end : end].split("\n")[:_MAX_LINES]:
        bare = line.strip(" \t\r\u00a0>:*-<)],;\"'")
        if (not bare and len(" ".join(kept)) > 20) or line.lstrip().startswith(_RULES):
            break
        if bare:
            kept.append(bare)
    return " ".join(kept)


def _other_lines(text: str, address: str) -> str:
    """The lines of a transcript that name the address."""
    key = match_key(address)
    lines = [line for line in text.split("\n") if "@" in line]
    return "\n".join([line for line in lines if key in line.casefold()][:_MAX_LINES])
