"""When a server asks to be left alone, and for how long its account is.

A server that says "too many" to one message says it to all of the account: going on makes it
angrier. Greylisting uses the same codes and means one message only.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from courrier.events.families.outbound import RecipientOutcome
from courrier.sender.domain.answers import DEFERRED

FIRST_HOLD = timedelta(minutes=1)
LONGEST_HOLD = timedelta(hours=1)

_POLICY = re.compile(r"4\.7\.\d+\b")
_TOO_MANY = re.compile(
    r"too (?:many|much|fast|quick)|rate.?limit|thrott?l|slow down"
    r"|limit (?:has been )?(?:exceed|reach)|exceeded .{0,40}(?:limit|quota|rate)|\b429\b",
    re.IGNORECASE,
)
_GREYLISTED = re.compile(r"gr[ae]y.?list", re.IGNORECASE)


def throttled(outcomes: Iterable[RecipientOutcome]) -> RecipientOutcome | None:
    """Return the answer that asks the whole account to wait, or None."""
    return next((each for each in outcomes if _is_throttling(each)), None)


def hold_until(now: datetime, times: int) -> datetime:
    """Return when the account is tried again after ``times`` such answers in a row."""
    return now + min(LONGEST_HOLD, FIRST_HOLD * (1 << min(times - 1, 10)))


def _is_throttling(outcome: RecipientOutcome) -> bool:
    code, text = outcome.code, outcome.text
    if outcome.outcome != DEFERRED or code is None or _GREYLISTED.search(text):
        return False
    is_policy = code in {450, 451, 452, 454} and _POLICY.match(text) is not None
    return code == 421 or is_policy or _TOO_MANY.search(text) is not None
