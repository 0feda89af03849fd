"""When the next attempt is due, and when there is none (RFC 5321 section 4.5.4.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

QUICK_WAIT = timedelta(minutes=1)
"""After a first attempt that did not reach the server: most of such trouble is short, and the
server has not asked us to stay away."""
SPREAD = 0.1
"""A wait is longer by up to this part of it: what failed together does not come back together."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waits double from the first to the longest; after ``lifetime`` a message is given up.

    The defaults are the RFC's: half an hour at least, four to five days at most.
    """

    first_wait: timedelta = timedelta(minutes=30)
    longest_wait: timedelta = timedelta(hours=4)
    lifetime: timedelta = timedelta(days=4)


USUAL = Schedule()


def retry_at(
    now: datetime, attempt: int, *, key: str, unreached: bool, schedule: Schedule = USUAL
) -> datetime:
    """Return when to try again after attempt ``attempt`` (from 1); ``key`` decides the spread."""
    return now + _wait(attempt, schedule, unreached=unreached) * (1 + SPREAD * spread(key, attempt))


def spread(key: str, attempt: int) -> float:
    """Return a number from 0 to 1 that differs from message to message and is always the same."""
    return crc32(f"{key}.{attempt}".encode()) / 0xFFFFFFFF


def is_given_up(since: datetime, retry: datetime, schedule: Schedule = USUAL) -> bool:
    """Tell whether that retry would come after the message's lifetime."""
    return retry > since + schedule.lifetime


def _wait(attempt: int, schedule: Schedule, *, unreached: bool) -> timedelta:
    if unreached and attempt == 1:
        return min(QUICK_WAIT, schedule.first_wait)
    doublings = attempt - 2 if unreached else attempt - 1
    return min(schedule.longest_wait, schedule.first_wait * (1 << min(doublings, 10)))
