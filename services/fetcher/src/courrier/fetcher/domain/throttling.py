"""Providers that say 'too much': recognised by what they answer, and left alone as they ask.

The code ``LIMIT`` is RFC 5530's. The words are those that large providers answer with; several
name no code. Where one says for how long, that is how long it is left alone.
"""

import re

LONGEST_S = 24 * 3600.0

_WORDS = re.compile(
    r"too many (?:simultaneous |concurrent |open )?(?:imap )?(?:connections|log-?ins|requests"
    r"|commands)|maximum number of (?:simultaneous |concurrent )?connections"
    r"|rate.?limit|throttl|bandwidth limit|exceeded (?:the )?(?:command|connection|bandwidth)"
    r"|connection limit|try again later.{0,20}limit|overquota.{0,40}(?:command|bandwidth)",
    re.IGNORECASE,
)
_CODES = frozenset({"LIMIT", "THROTTLED"})
_FOR = re.compile(
    r"(?:back-?off(?: time)?|retry(?:-after| after| in)?|try again in|wait)\D{0,12}"
    r"(\d{1,9})\s*(ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?)?\b",
    re.IGNORECASE,
)
_SECONDS = {"m": 60.0, "h": 3600.0, "s": 1.0}


def is_throttling(code: str | None, text: str) -> bool:
    """Tell whether a server's refusal means that it was asked too much."""
    return (code or "").upper() in _CODES or _WORDS.search(text) is not None


def asked_wait_s(text: str) -> float | None:
    """Return the seconds that the server wants to be left alone for, if it says so."""
    found = _FOR.search(text)
    if found is None:
        return None
    unit = (found[2] or "s").lower()
    factor = 0.001 if unit.startswith(("ms", "mil")) else _SECONDS[unit[0]]
    return min(LONGEST_S, int(found[1]) * factor)
