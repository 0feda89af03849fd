"""A child process is described before it is started, so that every part starts the same way.

Each child is in a session of its own (Ctrl-C in a terminal reaches ``courrier up`` alone, which
stops the parts in order) and on a leash (see ``leash.py``). Its output goes to one log file.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from .refusal import Refused

POLL_S = 0.01
STOP_TIMEOUT_S = 10.0
KILL_TIMEOUT_S = 5.0
LEASH = Path(__file__).with_name("leash.py")
TAIL_BYTES = 2000


class StartFailed(Refused):
    """A part could not be started; the message is one line fit for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to start one child.

    ``prefix`` runs before the leash (what changes the user belongs there). ``env`` is the whole
    environment of the child. ``orphan_signal`` is what the kernel sends it if we are killed;
    ``leashed`` is False where the prefix sees to that.
    """

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    leashed: bool = True

    def command(self) -> list[str]:
        """Return the full argument list. Must be called in the process that becomes the parent."""
        if not self.leashed:
            return [*self.prefix, *self.argv]
        leash = (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()))
        return [*self.prefix, *leash, str(int(self.orphan_signal)), *self.argv]


class Running:
    """A started child, for synchronous callers; the supervisor has its own way to wait."""

    def __init__(self, launch: Launch) -> None:
        """Start it at once."""
        self.launch = launch
        with launch.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own argument list, no shell
                launch.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(launch.env),
                start_new_session=True,
            )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def is_alive(self) -> bool:
        """Return whether the child still runs."""
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return as soon as ``ready()`` holds.

        Raises:
            StartFailed: the child ended or the time is up; it does not run afterwards.
        """
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.is_alive() or time.monotonic() > deadline:
                self.stop()
                raise StartFailed(f"{self.launch.name} did not start: {last_line(self.launch.log)}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ask the child to end and wait for it; one that does not listen is killed."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self.launch.stop_signal)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the child at once, as a crash would."""
        self._process.kill()
        self._process.wait(KILL_TIMEOUT_S)


def last_line(log: Path) -> str:
    """Return the last line of a log that says something, for a one-line message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except FileNotFoundError:
        lines = []
    return lines[-1] if lines else "it left no message"


def base_environment() -> dict[str, str]:
    """Return what any program needs of our own environment: no secret and no ``COURRIER_*``."""
    wanted = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "VIRTUAL_ENV")
    trust = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    return {name: os.environ[name] for name in (*wanted, *trust) if name in os.environ}
