"""One instance at a time: a lease that its holder renews, and that another takes when it dies.

A lease says who works; it is no proof. What fences a holder that was frozen and woke up late is
the expected sequence of what it appends and the checkpoint row it moves.
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

LEASE_S = 8
"""Seconds after which a silent holder has lost its lease."""
RENEW_S = 2.0


class LeaseLost(Exception):
    """Another instance has taken over, or the broker could not be reached in time: stop working."""


class LeaseTaken(LeaseLost):
    """Somebody else holds it, and we did not want to wait."""


class Leases(Protocol):
    """Who may work on what."""

    def hold(self, name: str, *, waits: bool = True) -> AbstractAsyncContextManager[None]:
        """Wait until the lease is ours, then keep it while the body runs.

        The body is cancelled and ``LeaseLost`` raised once the lease is lost. Without ``waits``
        ``LeaseTaken`` is raised at once when it is not free.
        """
        ...
