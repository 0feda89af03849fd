"""How fast one mail server is spoken to: log-ins a second, and far fewer while it is unwell.

After a server's restart all its accounts come back at once; after a fall each would try its own
waits. Both are held to the same pace, so that the server is asked as often as it can bear.
"""

from dataclasses import dataclass, replace

UNWELL_AFTER = 3
"""Failures to reach a server in a row, of any accounts, after which it is only probed."""
PROBE_S = 1.0
"""Seconds between two tries while it is unwell."""

UNREACHABLE = frozenset(
    {"name-not-found", "refused", "timed-out", "disconnected", "server-error", "throttled"}
)
"""Failures to get a connection that are the server's rather than the account's."""


@dataclass(frozen=True, slots=True)
class Pace:
    """``per_s`` log-ins a second; ``failures`` to reach the server in a row."""

    per_s: float
    failures: int = 0
    last: float | None = None

    @property
    def is_unwell(self) -> bool:
        """Whether the server is only probed."""
        return self.failures >= UNWELL_AFTER

    def wait_s(self, now: float) -> float:
        """Return seconds until the next log-in may begin; ``now`` on the clock of ``begin``."""
        if self.last is None:
            return 0.0
        apart = PROBE_S if self.is_unwell else 1.0 / self.per_s
        return max(0.0, self.last + apart - now)

    def begin(self, now: float) -> "Pace":
        """A log-in begins now."""
        return replace(self, last=now)

    def reached(self) -> "Pace":
        """The server let somebody in, or refused a password: it works."""
        return replace(self, failures=0)

    def missed(self) -> "Pace":
        """The server could not be reached."""
        return replace(self, failures=self.failures + 1)
