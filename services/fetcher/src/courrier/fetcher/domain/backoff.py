"""How long to leave a server alone after a failure, and when to give up until a person acts.

Waits double up to a limit that depends on what failed: the net heals by itself, a wrong password
needs a person, and trying it often locks accounts.
"""

from datetime import timedelta

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
LOG_IN_FIRST_WAIT_S = 60.0
LOG_IN_WAIT_S = 900.0
PERSON_FIRST_WAIT_S = 30.0
PERSON_WAIT_S = 1800.0
THROTTLED_FIRST_WAIT_S = 60.0
THROTTLED_WAIT_S = 3600.0
LOG_FIRST_WAIT_S = 0.2
LOG_WAIT_S = 15.0

LOG_IN_REFUSED = "log-in-refused"
FOLDER_MISSING = "folder-missing"
THROTTLED = "throttled"

LOG_IN_TRIES = 3
"""Refused log-ins in a row before a person is needed: many providers lock after five."""
NEEDS_A_PERSON = frozenset({LOG_IN_REFUSED, "tls", FOLDER_MISSING, "name-not-found"})
"""Reasons that hardly go away by themselves."""
GIVES_UP_AFTER = timedelta(days=1)
"""How long an account that needs a person is tried, rarely, in case somebody mends the server."""
LAST_HOPE_AFTER = timedelta(days=7)
"""How long any account is tried that fails all the time."""

_WAITS = {
    LOG_IN_REFUSED: (LOG_IN_FIRST_WAIT_S, LOG_IN_WAIT_S, 8.0),
    THROTTLED: (THROTTLED_FIRST_WAIT_S, THROTTLED_WAIT_S, 2.0),
}


def wait_s(reason: str, attempt: int, chance: float) -> float:
    """Return seconds before the next try, after failure number ``attempt`` (from 1) in a row.

    ``chance`` is between 0 and 1 and spreads accounts of one server: half to all of the wait.
    """
    usual = (FIRST_WAIT_S, LONGEST_WAIT_S, 2.0)
    rare = (PERSON_FIRST_WAIT_S, PERSON_WAIT_S, 2.0)
    waits = _WAITS.get(reason, rare if reason in NEEDS_A_PERSON else usual)
    return _growing(waits, attempt, chance)


def log_wait_s(attempt: int, chance: float) -> float:
    """Return seconds before the next try when our own log could not be written."""
    return _growing((LOG_FIRST_WAIT_S, LOG_WAIT_S, 2.0), attempt, chance)


def gives_up(reason: str, tries: int, failing_for: timedelta) -> bool:
    """Tell whether an account is left alone until a person acts.

    ``tries`` log-ins were refused, and nothing succeeded for ``failing_for``.
    """
    if reason == LOG_IN_REFUSED:
        return tries >= LOG_IN_TRIES
    longest = GIVES_UP_AFTER if reason in NEEDS_A_PERSON else LAST_HOPE_AFTER
    return failing_for >= longest


def _growing(waits: tuple[float, float, float], attempt: int, chance: float) -> float:
    first, longest, factor = waits
    return min(longest, first * factor ** min(attempt - 1, 20)) * (0.5 + chance / 2)
