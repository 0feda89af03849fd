"""Times as people read them. They are in UTC here; the browser turns them into its own zone."""

from datetime import UTC, datetime

from courrier.gateway.api.words import Words, noted

MONTHS = noted("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")


def parsed(moment: datetime | str) -> datetime:
    """Return a moment of an answer, which may be a database's text."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.astimezone(UTC)


def short(moment: datetime | str, now: datetime, words: Words) -> str:
    """Return the time for today, day and month for this year, else the year too."""
    when = parsed(moment)
    if when.date() == now.astimezone(UTC).date():
        return f"{when:%H:%M}"
    day = f"{when.day} {words.text(MONTHS).split()[when.month - 1]}"
    return day if when.year == now.year else f"{day} {when.year}"


def full(moment: datetime | str, words: Words) -> str:
    """Return day and time to the minute."""
    when = parsed(moment)
    month = words.text(MONTHS).split()[when.month - 1]
    return f"{when.day} {month} {when.year}, {when:%H:%M} UTC"


def iso(moment: datetime | str) -> str:
    """Return the moment for ``<time datetime>``."""
    return parsed(moment).isoformat().replace("+00:00", "Z")
