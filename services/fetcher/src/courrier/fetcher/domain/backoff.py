"""How long to leave a server alone after a failure.

Waits double up to a limit that depends on what failed: the net heals by itself, a wrong password
needs a person, and trying it often locks accounts.
"""

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 300.0
PERSON_FIRST_WAIT_S = 30.0
PERSON_WAIT_S = 1800.0
LOG_FIRST_WAIT_S = 0.2
LOG_WAIT_S = 15.0

NEEDS_A_PERSON = frozenset({"log-in-refused", "tls", "folder-missing"})
"""Reasons that do not go away by themselves; they are tried again all the same, rarely."""


def wait_s(reason: str, attempt: int, chance: float) -> float:
    """Return seconds before the next try, after failure number ``attempt`` (from 1) in a row.

    ``chance`` is between 0 and 1 and spreads accounts of one server: half to all of the wait.
    """
    if reason in NEEDS_A_PERSON:
        return _doubled(PERSON_FIRST_WAIT_S, PERSON_WAIT_S, attempt, chance)
    return _doubled(FIRST_WAIT_S, LONGEST_WAIT_S, attempt, chance)


def log_wait_s(attempt: int, chance: float) -> float:
    """Return seconds before the next try when our own log could not be written."""
    return _doubled(LOG_FIRST_WAIT_S, LOG_WAIT_S, attempt, chance)


def _doubled(first: float, longest: float, attempt: int, chance: float) -> float:
    return min(longest, first * 2.0 ** min(attempt - 1, 20)) * (0.5 + chance / 2)
