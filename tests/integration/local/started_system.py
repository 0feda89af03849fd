"""A ``courrier up`` of the tests, started as a program and looked at from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from courrier.local.data_directory import DataDirectory
from courrier.local.processes import Identity
from courrier.local.status_file import read_status

PROGRAM = Path(__file__).with_name("stand_in_system.py")
START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 20.0
POLL_S = 0.02


@dataclass(slots=True)
class StartedSystem:
    """One run of ``stand_in_system.py``."""

    data_dir: Path
    process: "subprocess.Popen[str]"
    ready: dict[str, Any]
    took_s: float

    def processes(self) -> dict[str, Identity]:
        """Return the process of each part."""
        status = read_status(DataDirectory(self.data_dir).status)
        found = {name: part.identity for name, part in (status.parts if status else {}).items()}
        return {name: who for name, who in found.items() if who is not None}

    def stop(self, signal_number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; return exit code and standard error."""
        self.process.send_signal(signal_number)
        _, error = self.process.communicate(timeout=END_TIMEOUT_S)
        return self.process.returncode, error


def launch(port: int, data_dir: Path, *words: str) -> "subprocess.Popen[str]":
    """Start the program without waiting for it."""
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), str(port), str(data_dir), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )


def start(port: int, data_dir: Path, *words: str) -> StartedSystem:
    """Start the program and return once it has printed its one line."""
    began = time.monotonic()
    process = launch(port, data_dir, *words)
    assert process.stdout is not None
    line = process.stdout.readline()
    took_s = time.monotonic() - began
    if not line:
        _, error = process.communicate(timeout=END_TIMEOUT_S)
        raise AssertionError(f"it did not start: {error}")
    return StartedSystem(data_dir, process, json.loads(line), took_s)


def until(condition: Callable[[], bool], timeout_s: float = END_TIMEOUT_S) -> None:
    """Return once it holds.

    Raises:
        AssertionError: it does not in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(POLL_S)
