"""Dates, numbers and the rest as a letter says them, in English and French."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
}  # fmt: skip
_YES = {"en": ("yes", "no"), "fr": ("oui", "non")}


@dataclass(frozen=True, slots=True)
class Moment:
    """When, where and in which language a template is filled in; ``now`` is aware."""

    now: datetime
    zone: tzinfo
    language: str = "en"

    @property
    def today(self) -> date:
        """The date there."""
        return self.now.astimezone(self.zone).date()


def in_words(value: object, moment: Moment) -> str:
    """Return a field's value as people write it; nothing for what is not set."""
    match value:
        case None | "" | Mapping():
            return ""
        case bool():
            return _YES.get(moment.language, _YES["en"])[not value]
        case datetime():
            there = value.astimezone(moment.zone)
            return f"{_day(there.date(), moment.language)} {there:%H:%M}"
        case date():
            return _day(value, moment.language)
        case list() | tuple():
            return ", ".join(filter(None, (in_words(each, moment) for each in value)))
        case _:
            return str(value)


def _day(day: date, language: str) -> str:
    months = _MONTHS.get(language, _MONTHS["en"])
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {months[day.month - 1]} {day.year}"
