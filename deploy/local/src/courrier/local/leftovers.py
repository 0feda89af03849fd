"""Children of a ``courrier up`` that was killed are ended before the next one starts its own.

Usually the kernel has already done it (see ``leash.py``). A recorded process is only touched if
its start time matches as well as its number.
"""

import contextlib
import os
import signal
import time

from .processes import Identity
from .status_file import Status

POLITE_S = 3.0
POLL_S = 0.02
FAST_STOP = {"postgres": signal.SIGINT}


def end_leftovers(status: Status | None) -> list[str]:
    """End what the last run left; return the names of the parts that were still alive."""
    if status is None:
        return []
    found = {name: part.identity for name, part in status.parts.items()}
    alive = {name: who for name, who in found.items() if who is not None and who.is_alive()}
    for name, who in alive.items():
        _send(who, FAST_STOP.get(name, signal.SIGTERM))
    _wait_gone(list(alive.values()), POLITE_S)
    for who in alive.values():
        if who.is_alive():
            _send(who, signal.SIGKILL)
    _wait_gone(list(alive.values()), POLITE_S)
    return list(alive)


def _send(who: Identity, signal_number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(who.pid, signal_number)


def _wait_gone(processes: list[Identity], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while any(who.is_alive() for who in processes) and time.monotonic() < deadline:
        time.sleep(POLL_S)
