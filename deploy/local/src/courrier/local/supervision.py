"""How long to wait before a part that died is started again, and when to give up.

Pure: the clock is an argument. Giving up exists only for a part that has never been ready: a
system that worked once is worth trying for ever.
"""

from dataclasses import dataclass, replace

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 30.0
STABLE_S = 60.0
DEATHS_BEFORE_READY = 3


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one part: deaths in a row, all restarts, and whether it was ever ready."""

    deaths: int = 0
    restarts: int = 0
    was_ready: bool = False

    def ready(self) -> "History":
        """Note that it serves."""
        return replace(self, was_ready=True)

    def died(self, lived_s: float) -> "History":
        """Note a death; one after ``STABLE_S`` of life begins a new row."""
        row = 0 if lived_s >= STABLE_S else self.deaths
        return replace(self, deaths=row + 1, restarts=self.restarts + 1)

    @property
    def delay_s(self) -> float:
        """Seconds to wait before the next start."""
        return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (min(self.deaths, 10) - 1))

    @property
    def is_hopeless(self) -> bool:
        """Whether trying again at the first start would only hide the reason."""
        return not self.was_ready and self.deaths >= DEATHS_BEFORE_READY
