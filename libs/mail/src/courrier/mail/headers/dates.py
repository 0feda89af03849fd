"""The Date field (RFC 5322 sections 3.3 and 4.3), in the forms that mail of forty years carries."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from courrier.mail.headers.date_words import MONTHS, ZONE_HOURS, month_of

_COMMENT = re.compile(r"\([^()]*\)")
# The form of nearly all mail, at one go.
_FORM = re.compile(
    r"\s*(?:[A-Za-z]{2,10}\.?\s*,?\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+"
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4}\b|[A-Za-z]{1,5}\b)?\s*\Z"
)
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)日?T?")
_NUMBERS = re.compile(r"(?<![\d:.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d:])")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d+-])(\d{1,2})\s*:\s*(\d{2})(?:\s*:\s*(\d{2}))?(?:[.,]\d{1,9})?(?![\d:])"
    r"|(?<![\d+-])(\d{1,2})\.(\d{2})(?:\.(\d{2}))?(?![\d.])"
    r"|(?<![\d+-])(\d{2})(\d{2})(\d{2})(?!\d)"
)
_HALF = re.compile(r"\b([ap])\.?m\b\.?", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])\s*(\d{1,2})(?::?(\d{2}))?(?!\d)")
_BARE_OFFSET = re.compile(r"(?<![\d+-])()(0\d|1[0-4])(00|15|30|45)\s*\Z")
_NAMED_DAY = re.compile(
    r"(?<!\d)(\d{1,2})[.,]?[\s-]+([^\W\d_]{3,12})\.?,?[\s,-]+(\d{4}|\d{2,3})(?!\d)"
)
_NAMED_MONTH = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?!\d),?(?:\s.*?)?\s(\d{4})(?!\d)")
_NAMED_YEAR = re.compile(r"(?<!\d)(\d{4})[\s-]+([^\W\d_]{3,12})\.?[\s-]+(\d{1,2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_MAX_CHARS = 200
_MAX_OFFSET = timedelta(hours=24)

_Day = tuple[int, int, int]


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
        number = MONTHS.get(month.lower())
        hours = 0 if zone is None or zone[0] in "+-" else ZONE_HOURS.get(zone.upper())
        if number is not None and hours is not None:
            away = _numeric_zone(zone) if zone and zone[0] in "+-" else None
            clock = (int(hour), int(minute), int(second or 0))
            return _moment((int(year), number, int(day)), clock, away or timedelta(hours=hours))
    return _read_rarer(text)


def _read_rarer(text: str) -> datetime | None:
    """Day, clock and zone are found one after the other, whatever their order."""
    compact = _COMPACT.search(text)
    if compact is not None:
        year, month, day, *clock = (int(each or 0) for each in compact.groups())
        rest = text[compact.end() :]
        return _moment((year, month, day), (clock[0], clock[1], clock[2]), _zone(rest))
    found = _day(text)
    if found is None:
        return None
    date, rest = found
    clock_match = _CLOCK.search(rest)
    if clock_match is None:
        return _moment(date, (0, 0, 0), timedelta())
    numbers = [int(each) for each in clock_match.groups() if each is not None]
    hour, minute, second = (*numbers, 0)[:3]
    rest = f"{rest[: clock_match.start()]} {rest[clock_match.end() :]}"
    half = _HALF.search(rest)
    if half is not None and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.group(1).lower() == "p" else 0)
    return _moment(date, (hour, minute, second), _zone(rest))


def _day(text: str) -> tuple[_Day, str] | None:
    """The year, month and day, and the text without them."""
    numbers = _YEAR_FIRST.search(text)
    if numbers is not None:
        full_year, full_month, full_day = map(int, numbers.groups())
        return (
            full_year,
            full_month,
            full_day,
        ), f"{text[: numbers.start()]} {text[numbers.end() :]}"
    named = _named_day(text)
    if named is not None:
        return named
    numbers = _NUMBERS.search(text)
    if numbers is not None:
        first, sign, second, year_digits = numbers.groups()
        # Points and dashes part the day from the month; a stroke is American, if it can be.
        day_first = sign != "/" or int(first) > 12
        day, month = (first, second) if day_first else (second, first)
        rest = f"{text[: numbers.start()]} {text[numbers.end() :]}"
        return (_year(year_digits), int(month), int(day)), rest
    return None


def _named_day(text: str) -> tuple[_Day, str] | None:
    for form, order in (
        (_NAMED_DAY, (2, 1, 0)),
        (_NAMED_YEAR, (0, 1, 2)),
        (_NAMED_MONTH, (2, 0, 1)),
    ):
        for match in form.finditer(text):
            year, month, day = (match.group(each + 1) for each in order)
            number = month_of(month)
            if number is None:
                continue
            if form is _NAMED_MONTH:
                # The clock stands between the day and the year.
                rest = (
                    text[: match.start()]
                    + text[match.end(2) : match.start(3)]
                    + text[match.end() :]
                )
            else:
                rest = f"{text[: match.start()]} {text[match.end() :]}"
            return (_year(year), number, int(day)), rest
    return None


def _year(digits: str) -> int:
    """RFC 5322 section 4.3: two digits are 1950 to 2049, three count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year


def _moment(day: _Day, clock: tuple[int, int, int], away: timedelta) -> datetime | None:
    hour, minute, second = clock
    next_day = clock == (24, 0, 0)
    try:
        # datetime knows no leap second.
        local = datetime(
            *day, 0 if next_day else hour, minute, 59 if second == 60 else second, tzinfo=UTC
        )
        if next_day:
            local += timedelta(days=1)
        return local - away if away else local
    except (ValueError, OverflowError):
        return None


def _zone(rest: str) -> timedelta:
    offset = _OFFSET.search(rest) or _BARE_OFFSET.search(rest)
    if offset is not None:
        return _offset(*offset.groups(default="00"))
    words = _WORD.findall(rest.upper())
    for word in words:
        if word in ZONE_HOURS and len(word) > 1:
            return timedelta(hours=ZONE_HOURS[word])
    # "Eastern Standard Time"
    if len(words) > 2 and words[-1] == "TIME":
        return timedelta(hours=ZONE_HOURS.get("".join(word[0] for word in words[-3:]), 0))
    return timedelta()


@lru_cache(maxsize=256)
def _numeric_zone(zone: str) -> timedelta:
    """Of `+0100`; there are few."""
    return _offset(zone[0], zone[1:3], zone[3:])


def _offset(sign: str, hours: str, minutes: str) -> timedelta:
    away = timedelta(hours=int(hours), minutes=int(minutes))
    if away >= _MAX_OFFSET:
        # No place on earth: the zone is not believed, the date is.
        return timedelta()
    return -away if sign == "-" else away
