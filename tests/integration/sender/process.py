"""A real sender process, to be killed at any line."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

KILLED_WITHIN_S = 10.0
STOP_GRACE_S = "0.5"


@dataclass(slots=True)
class SenderProcesses:
    """Starts senders on this test's servers; ``environment`` is what they are told."""

    environment: dict[str, str]
    directory: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more sender."""
        log = self.directory / f"sender-{len(self.started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "courrier.sender"],
                env=os.environ | self.environment,
                stdout=output,
                stderr=output,
            )
        self.started.append(process)
        return process

    def log(self, number: int = 0) -> str:
        """Return what that sender has logged."""
        return (self.directory / f"sender-{number}.log").read_text()


@contextmanager
def sender_processes(
    directory: Path, *, nats_url: str, database_url: str, master_key: str, ca_file: Path
) -> Iterator[SenderProcesses]:
    """Yield what starts senders; those still running at the end are killed."""
    environment = {
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_DATABASE_URL": database_url,
        "COURRIER_MASTER_KEY": master_key,
        "COURRIER_EXTRA_CA_FILE": str(ca_file),
        "COURRIER_SENDER_STOP_GRACE_S": STOP_GRACE_S,
        "COURRIER_DATA_DIR": str(directory),
    }
    processes = SenderProcesses(environment, directory)
    try:
        yield processes
    finally:
        for process in processes.started:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it as a power cut would."""
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait(KILLED_WITHIN_S)
