"""When the next attempt is due, and when there is none (RFC 5321 section 4.5.4.1)."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=30)
"""The RFC's floor; the wait doubles with each attempt."""
LONGEST_WAIT = timedelta(hours=4)
LIFETIME = timedelta(days=4)
"""After this time the message is given up (the RFC: 4 to 5 days)."""
QUICK_WAIT = timedelta(minutes=1)
"""After a first attempt that did not reach the server: most of such trouble is short, and the
server has not asked us to stay away."""


def retry_at(now: datetime, attempt: int, *, unreached: bool) -> datetime:
    """Return when to try again after attempt ``attempt`` (from 1)."""
    if unreached and attempt == 1:
        return now + QUICK_WAIT
    doublings = attempt - 2 if unreached else attempt - 1
    return now + min(LONGEST_WAIT, FIRST_WAIT * (1 << min(doublings, 10)))


def is_given_up(requested_at: datetime, retry: datetime) -> bool:
    """Tell whether that retry would come after the message's lifetime."""
    return retry > requested_at + LIFETIME
