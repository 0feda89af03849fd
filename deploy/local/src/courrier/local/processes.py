"""Who runs under a process number: numbers are reused, so a process is its number and its start.

The only module that knows psutil.
"""

import contextlib
from dataclasses import dataclass

import psutil

START_TOLERANCE_S = 0.5  # psutil derives the start from the boot time, which is rounded


@dataclass(frozen=True, slots=True)
class Identity:
    """One process for all time; ``started`` is in seconds since the epoch."""

    pid: int
    started: float

    def is_alive(self) -> bool:
        """Return whether this very process still runs (a zombie does not)."""
        found = identify(self.pid)
        return found is not None and abs(found.started - self.started) < START_TOLERANCE_S


def identify(pid: int) -> Identity | None:
    """Return who has this number now, or None where nobody alive has."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return Identity(pid, float(process.create_time()))
    return None


def arguments_of(pid: int) -> list[str]:
    """Return the command line of a process; empty where there is none or it is not shown to us."""
    with contextlib.suppress(psutil.Error):
        return [str(part) for part in psutil.Process(pid).cmdline()]
    return []


def listener_of(port: int) -> str | None:
    """Return ``name (pid 123)`` of who listens on a TCP port, or None if we may not know."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port:
                return _named(connection.pid)
    return None


def _named(pid: int | None) -> str | None:
    with contextlib.suppress(psutil.Error):
        return f"{psutil.Process(pid).name()} (pid {pid})" if pid else None
    return None
