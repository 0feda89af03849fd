"""Enhanced status codes (RFC 3463) in servers' answers, and whether an address is dead for good.

Dead are: no such user, no such host, moved, and hosts that accept no mail (RFC 7505). A mailbox
that is full or disabled exists and may work again; spam, policy and size concern the message.
"""

import re

from courrier.mail.message import BounceKind
from courrier.mail.reports.bounce_words import (
    BLOCKED,
    CLOSED,
    FULL,
    PASSING,
    SPAM,
    UNCERTAIN_DEAD,
    is_dead,
    plain_answer,
    says,
    without_verdict,
)

# Neither part of an IP address nor of a version number: subjects have one digit (RFC 3463 3.1).
_ENHANCED = re.compile(r"(?<![\w.])([45])\.(\d)\.(\d{1,3})(?![\w-]|\.\d)")
_AFTER_REPLY_CODE = re.compile(
    r"(?<![\d.])[45]\d\d[ \t-]{1,3}#?([45])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)"
)
_FIELD = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY_CODE = re.compile(r"(?:^|[\s:;#<(\[-])([45])\d\d(?=[\s;:,)\]-]|$)")

_DEAD_CODES = {"1.1", "1.2", "1.3", "1.6", "1.10", "4.4", "4.310"}
"""RFC 3463 subject and detail: no such user or host, wrong syntax, moved, null MX, no route."""

_VAGUE_CODES = {
    "0.0", "1.0", "1.4", "2.0", "2.1", "3.0", "3.2", "4.0", "4.1", "4.3", "4.6", "5.0", "5.1",
    "5.2", "5.4", "7.0", "7.1", "4.7",
}  # fmt: skip
"""Codes under which servers also tell of addresses that do not exist: their words decide."""

_ALMOST_DEAD_CODES = {"1.0", "2.0", "2.1", "5.0"}


def field_status(value: str | None) -> str | None:
    """The code of a Status field, comments and other words left out."""
    match = _FIELD.search(value) if value else None
    return _code(match) if match is not None else None


def answer_status(text: str | None) -> str | None:
    """The most telling code in a server's words; of several equal ones the first."""
    if not text:
        return None
    codes = [_code(match) for match in _AFTER_REPLY_CODE.finditer(text)]
    codes += [_code(match) for match in _ENHANCED.finditer(text)]
    return min(codes, key=_vagueness, default=None)


def specific_status(field: str | None, *texts: str | None) -> str | None:
    """The most telling code: the Status field, or a code in the texts if that is generic or none.

    Args:
        field: the Status field's value, comments and all.
        texts: the server's answers, the nearest to the recipient first.
    """
    best = field_status(field)
    for text in texts:
        code = answer_status(text)
        if code is not None and (best is None or _vagueness(code) < _vagueness(best)):
            best = code
    return best


def is_vague(status: str | None) -> bool:
    """Whether a code says less than a server's words may."""
    return status is None or status.endswith(".0")


def kind_of(status: str | None, action: str | None, answer: str | None) -> BounceKind:
    """Hard if the address will never work, soft if it may, unknown if nothing says."""
    if action == "delayed":
        return "soft"
    words = plain_answer(answer)
    if says(words, FULL):
        return "soft"
    if status is None or status.endswith(".0.0"):
        return _kind_of_words(words, status)
    if status.startswith("4"):
        return "hard" if action == "failed" and _is_dead_for_good(words) else "soft"
    return _kind_of_code(status[2:], words)


def _code(match: re.Match[str]) -> str:
    return f"{int(match[1])}.{int(match[2])}.{int(match[3])}"


def _vagueness(code: str) -> int:
    """0 for a code that tells the case, 1 for one with the subject only, 2 for `5.0.0`."""
    return 2 if code.endswith(".0.0") else int(code.endswith(".0"))


def _is_dead_for_good(words: str) -> bool:
    return is_dead(words) and not says(without_verdict(words), PASSING)


def _kind_of_code(detail: str, words: str) -> BounceKind:
    if detail in _DEAD_CODES:
        return "soft" if says(words, SPAM) and not is_dead(words) else "hard"
    if detail not in _VAGUE_CODES:
        return "soft"
    if is_dead(words):
        return "hard"
    if says(words, BLOCKED) or says(words, CLOSED):
        return "soft"
    if detail in _ALMOST_DEAD_CODES and says(words, UNCERTAIN_DEAD):
        return "hard"
    return "hard" if detail == "1.0" and not says(words, PASSING) else "soft"


def _kind_of_words(words: str, status: str | None) -> BounceKind:
    if status is not None and status.startswith("4") and not _is_dead_for_good(words):
        return "soft"
    if is_dead(words):
        return "hard"
    if says(words, CLOSED) or says(words, BLOCKED):
        return "soft"
    if says(words, UNCERTAIN_DEAD):
        return "hard"
    if says(words, PASSING) or status is not None:
        return "soft"
    return "soft" if _REPLY_CODE.search(words) else "unknown"
