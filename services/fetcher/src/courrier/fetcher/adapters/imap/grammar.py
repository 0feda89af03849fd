"""The values inside a response: atoms, strings, numbers, lists (RFC 9051 section 4).

Atoms, strings and literals are ``bytes``, NIL is None, a list is a tuple.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Union

from courrier.fetcher.adapters.imap.wire import Hostile, Response

DEEPEST = 50
"""Lists within lists; BODYSTRUCTURE, which we never ask for, is the deepest of the protocol."""


Value = Union[bytes, None, tuple["Value", ...]]  # noqa: UP007  refers to itself

_TOKEN = re.compile(
    rb"""\s*(?:
        (?P<open>\() | (?P<close>\))
        | "(?P<quoted>(?:[^"\\]|\\.)*)"
        | (?P<atom>(?:[^\s()"\[]|\[[^\]]*\])+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CODE = re.compile(rb"\[([A-Za-z0-9-]+)(?: ([^\]]*))?\]")
_INTERNAL_DATE = re.compile(
    r"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\Z"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def values(response: Response) -> tuple[Value, ...]:
    """Return the values of a response; text that is no value is left out.

    Raises:
        Hostile: lists nest deeper than ``DEEPEST``.
    """
    stack: list[list[Value]] = [[]]
    for number, part in enumerate(response.parts):
        if number % 2:
            stack[-1].append(part)
        else:
            _read_text(part, stack)
    while len(stack) > 1:  # a list left open ends with its response
        _end_list(stack)
    return tuple(stack[0])


def _read_text(text: bytes, stack: list[list[Value]]) -> None:
    """Add the values of a text to the innermost open list of ``stack``."""
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind == "atom":
            atom = found["atom"]
            stack[-1].append(None if atom.upper() == b"NIL" else atom)
        elif kind == "open":
            stack.append([])
            if len(stack) > DEEPEST:
                raise Hostile("lists nest without end")
        elif kind == "quoted":
            quoted = found["quoted"]
            stack[-1].append(_ESCAPED.sub(rb"\1", quoted) if b"\\" in quoted else quoted)
        elif len(stack) > 1:
            _end_list(stack)


def _end_list(stack: list[list[Value]]) -> None:
    inner = tuple(stack.pop())
    stack[-1].append(inner)


def pairs(listed: Value) -> dict[bytes, Value]:
    """Return a list of names and values, as FETCH and STATUS answer, by upper-case name."""
    if not isinstance(listed, tuple):
        return {}
    names, found = listed[0::2], listed[1::2]
    return {
        name.upper(): value
        for name, value in zip(names, found, strict=False)
        if isinstance(name, bytes)
    }


def number(value: Value) -> int | None:
    """Return a number, or None for anything else."""
    if isinstance(value, bytes) and value.isdigit() and len(value) <= 20:
        return int(value)
    return None


def words(value: Value) -> tuple[str, ...]:
    """Return a list of atoms, as flags and attributes are; what is no ASCII is replaced."""
    if not isinstance(value, tuple):
        return ()
    return tuple(one.decode("ascii", "replace") for one in value if isinstance(one, bytes))


def code(text: bytes) -> tuple[bytes, bytes]:
    """Return name (upper case) and argument of a response code: ``[UIDNEXT 42]``; empty if none."""
    found = _CODE.search(text[:1000])
    return (found[1].upper(), found[2] or b"") if found else (b"", b"")


@lru_cache(maxsize=2048)  # each is read twice: when a message is described, and when it comes
def internal_date(value: Value) -> datetime | None:
    """Return INTERNALDATE (RFC 9051 section 9, date-time), in the server's zone."""
    if not isinstance(value, bytes):
        return None
    found = _INTERNAL_DATE.match(value.decode("ascii", "replace"))
    if found is None or found[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[group]) for group in (1, 3, 4, 5, 6))
    offset = timedelta(hours=int(found[8]), minutes=int(found[9]))
    zone = timezone(-offset if found[7] == "-" else offset) if offset < timedelta(days=1) else UTC
    try:
        month = _MONTHS.index(found[2].lower()) + 1
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def internal_day(day: date) -> str:
    """Return a date as SEARCH takes it: ``1-Feb-2026``, in English whatever the locale."""
    return f"{day.day}-{_MONTHS[day.month - 1].title()}-{day.year}"


def internal_text(moment: datetime) -> str:
    """Return a moment as APPEND takes it: `` 1-Feb-2026 12:00:00 +0000``, in UTC."""
    at = moment.astimezone(UTC)
    return f"{at.day:2d}-{_MONTHS[at.month - 1].title()}-{at.year:04d} {at:%H:%M:%S} +0000"
