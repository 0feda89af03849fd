"""How often a mailbox is asked: as the settings say, and as its server's push deserves."""

from dataclasses import dataclass

from courrier.events.commands.figures import Push
from courrier.events.families.configuration import SystemFields

LONGEST_IDLE_S = 540.0
"""Seconds of one IDLE: routers forget a silent connection after ten minutes or more."""
STATUS_S = 30.0
"""Seconds between two STATUS of a folder that has no IDLE beside one that has."""
WHOLE_S = 1800.0
"""Seconds after which a folder is opened although its STATUS is as before: servers lie."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Seconds between looks at an account: without push, and at folders beside a pushed one."""

    poll_s: float
    status_s: float

    def of_push(self, push: Push) -> float:
        """Return how long the watched folder is left alone when the server says nothing.

        A server that has shown that its IDLE works is asked when IDLE is renewed; one that has not
        said anything yet might never do.
        """
        return LONGEST_IDLE_S if push == "works" else min(LONGEST_IDLE_S, self.poll_s)

    def of_status(self, push: Push) -> float:
        """Return how long the other folders are left alone; all alike where nothing is pushed."""
        return self.poll_s if push == "none" else min(self.status_s, self.poll_s)


def periods(system: SystemFields, own_s: int | None, status_s: float = STATUS_S) -> Periods:
    """Return an account's periods: its own or everybody's, and never below the least allowed."""
    return Periods(max(own_s or system.fetch_period_s, system.fetch_period_min_s), status_s)
