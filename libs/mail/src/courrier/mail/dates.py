"""The Date field (RFC 5322 sections 3.3 and 4.3), in the forms that mail of forty years carries."""

import re
from datetime import UTC, datetime, timedelta

_COMMENT = re.compile(r"\([^()]*\)")
_WEEKDAY = r"\s*(?:[A-Za-z]{2,10}\.?\s*,?\s*)?"
_CLOCK = r"(\d{1,2})\s*[:.]\s*(\d{2})(?:\s*[:.]\s*(\d{2}))?(?:[.,]\d+)?"
_ZONE = r"\s*((?:GMT|UTC|UT)?\s*[+-]\s*\d{1,2}:?\d{2}\b|[A-Za-z]{1,5}\b)?"
_FORM = re.compile(
    _WEEKDAY + r"(\d{1,2})[\s.-]+([A-Za-z]{3})[a-z]*\.?[\s,-]+(\d{2,4})[\s,T]+" + _CLOCK + _ZONE
)
_ASCTIME = re.compile(
    _WEEKDAY + r"([A-Za-z]{3})[a-z]*\s+(\d{1,2}),?\s+" + _CLOCK + r"(?:\s+([A-Z]{3,4}))?\s+(\d{4})"
)
_ISO = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})[T\s]+" + _CLOCK + _ZONE)
_OFFSET = re.compile(r"([+-])\s*(\d{1,2}):?(\d{2})\Z")
_MAX_CHARS = 200

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# RFC 5322 section 4.3, and the three that European servers wrote beside it.
_ZONE_HOURS = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "BST": 1, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "JST": 9, "MSK": 3,
}  # fmt: skip


def read_date(text: str) -> datetime | None:
    """The moment in UTC, `None` if the text names no valid one.

    An unknown or missing zone is UTC, as RFC 5322 section 4.3 advises for military letters.
    """
    text = text[:_MAX_CHARS]
    while "(" in text:
        shorter = _COMMENT.sub(" ", text)
        if shorter == text:
            break
        text = shorter
    form = _FORM.match(text)
    if form is not None:
        day, month, year, hour, minute, second, zone = form.groups()
        return _moment(
            (_year(year), _MONTHS.get(month.lower(), 0), int(day)), (hour, minute, second), zone
        )
    return _read_rarer(text)


def _read_rarer(text: str) -> datetime | None:
    asctime = _ASCTIME.match(text)
    if asctime is not None:
        month, day, hour, minute, second, zone, year = asctime.groups()
        return _moment(
            (int(year), _MONTHS.get(month.lower(), 0), int(day)), (hour, minute, second), zone
        )
    iso = _ISO.match(text)
    if iso is None:
        return None
    year, month, day, hour, minute, second, zone = iso.groups()
    return _moment((int(year), int(month), int(day)), (hour, minute, second), zone)


def _year(digits: str) -> int:
    """RFC 5322 section 4.3: two digits are 1950 to 2049, three count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _moment(
    day: tuple[int, int, int], clock: tuple[str, str, str | None], zone: str | None
) -> datetime | None:
    hour, minute, second = int(clock[0]), int(clock[1]), int(clock[2] or 0)
    try:
        # datetime knows no leap second.
        local = datetime(*day, hour, minute, 59 if second == 60 else second, tzinfo=UTC)
        return local - _offset(zone)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    if not zone:
        return timedelta()
    match = _OFFSET.search(zone)
    if match is None:
        return timedelta(hours=_ZONE_HOURS.get(zone.upper(), 0))
    sign, hours, minutes = match.groups()
    away = timedelta(hours=int(hours), minutes=int(minutes))
    return -away if sign == "-" else away
