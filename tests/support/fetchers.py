"""Real fetcher processes, to be measured, or killed at any line."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

KILLED_WITHIN_S = 10.0


@dataclass(slots=True)
class FetcherProcesses:
    """Starts fetchers; ``environment`` is what they are told, their logs are in ``directory``."""

    environment: Mapping[str, str]
    directory: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start one more fetcher."""
        log = self.directory / f"fetcher-{len(self.started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "courrier.fetcher"],
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
            )
        self.started.append(process)
        return process

    def log(self, number: int = 0) -> str:
        """Return what that fetcher has logged."""
        return (self.directory / f"fetcher-{number}.log").read_text()


@contextmanager
def fetcher_processes(
    directory: Path, *, nats_url: str, master_key: str, ca_file: Path, **settings: str
) -> Iterator[FetcherProcesses]:
    """Yield what starts fetchers; those still running at the end are killed.

    ``settings`` are variables without their prefix: ``fetcher_status_s="5"``.
    """
    environment = {
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_MASTER_KEY": master_key,
        "COURRIER_EXTRA_CA_FILE": str(ca_file),
        "COURRIER_DATA_DIR": str(directory),
        **{f"COURRIER_{name.upper()}": value for name, value in settings.items()},
    }
    processes = FetcherProcesses(environment, directory)
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
