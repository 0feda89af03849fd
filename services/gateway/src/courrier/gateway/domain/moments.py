"""A time given in words, English or French, in a person's time zone: ``demain 9 h``.

Understood: ISO 8601; ``in 2 hours``, ``dans 3 jours``; ``tonight``, ``ce soir``; ``tomorrow``,
``next week``, a weekday (the next one), each with a time of day or at eight in the morning; a time
of day alone (today, else tomorrow). What is past is no answer.
"""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .refusals import Unfit

MORNING = time(8, 0)
EVENING = time(18, 0)
LONGEST = timedelta(days=5 * 366)

DAYS = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon", "lundi"),
            ("tuesday", "tue", "mardi"),
            ("wednesday", "wed", "mercredi"),
            ("thursday", "thu", "jeudi"),
            ("friday", "fri", "vendredi"),
            ("saturday", "sat", "samedi"),
            ("sunday", "sun", "dimanche"),
        )
    )
    for name in names
}
UNITS = {
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "heure": timedelta(hours=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "jour": timedelta(days=1),
    "week": timedelta(weeks=1),
    "semaine": timedelta(weeks=1),
}
_CLOCK = re.compile(r"(?:\b(?:at|a)\s+)?\b(\d{1,2})(?:\s*(?:h|:)\s*(\d{2})?)?\s*(am|pm)?$")
_SPAN = re.compile(r"(?:in|dans)\s+(\d{1,4}|an?|une?)\s+([a-z]+?)s?$")
_NOON = {"noon": time(12), "midi": time(12), "midnight": time(0), "minuit": time(0)}


def moment_of(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the time that is meant, in UTC.

    Raises:
        Unfit: no time is understood, it is past, or further away than five years.
    """
    found = _iso(words, zone) or _meant(_plain(words), now.astimezone(zone))
    if found is None:
        raise Unfit("this time is not understood: try 'tomorrow 9:00'", pointer="/until")
    moment = found.astimezone(UTC)
    if not now < moment < now + LONGEST:
        raise Unfit("this time is past, or too far away", pointer="/until")
    return moment


def _iso(words: str, zone: ZoneInfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(words.strip())
    except ValueError:
        return None
    if "-" not in words[:8]:  # a bare time of day or number is said in words
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _plain(words: str) -> str:
    spread = unicodedata.normalize("NFKD", words.lower())
    return " ".join("".join(c for c in spread if not unicodedata.combining(c)).split())


def _meant(text: str, now: datetime) -> datetime | None:
    if span := _SPAN.match(text):
        step = UNITS.get(span[2])
        times = int(span[1]) if span[1].isdigit() else 1
        return now + times * step if step else None
    day_words, clock = _split(text)
    if day_words in {"tonight", "ce soir"}:
        return _at(now, clock or EVENING)
    days = _days(day_words, now)
    if days is not None:
        return _at(now + timedelta(days=days), clock or MORNING)
    if day_words in {"", "today", "aujourd'hui"} and clock is not None:
        today = _at(now, clock)
        return today if today > now or day_words else _at(now + timedelta(days=1), clock)
    return None


def _split(text: str) -> tuple[str, time | None]:
    """Return the words for the day, and the time of day if one is named."""
    head, _, last = text.rpartition(" ")
    if last in _NOON:
        return head.removesuffix(" a").removesuffix(" at"), _NOON[last]
    found = _CLOCK.search(text)
    if not found:
        return text, None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return text, None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        return text, None
    return text[: found.start()].strip(), time(hour, minute)


def _days(words: str, now: datetime) -> int | None:
    """Return how many days away the day is."""
    if words in {"tomorrow", "demain"}:
        return 1
    if words in {"next week", "la semaine prochaine", "semaine prochaine"}:
        return 7 - now.weekday()
    name = words.removeprefix("on ").removeprefix("next ").removeprefix("le ")
    name = name.removesuffix(" prochain")
    if name in DAYS:
        return (DAYS[name] - now.weekday() - 1) % 7 + 1
    return None


def _at(day: datetime, clock: time) -> datetime:
    return datetime.combine(day.date(), clock, day.tzinfo)
