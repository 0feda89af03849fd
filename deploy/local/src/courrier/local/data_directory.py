"""One directory holds all state of one system, and one ``courrier up`` at a time owns it.

``version.json`` says which layout it has; a directory that is newer, damaged, foreign or in use is
refused before anything in it is touched. What lies where is said by the properties.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .files import read_object, write_json
from .refusal import Refused

FORMAT = 1
LOCK_WAIT_S = 0.3
LOCK_POLL_S = 0.02
MIN_FREE_BYTES = 500 * 1000 * 1000


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The places inside; none of them is made by naming it."""

    root: Path

    @property
    def version(self) -> Path:
        """``{"format": 1}``: written once, before anything else."""
        return self.root / "version.json"

    @property
    def lock(self) -> Path:
        """Locked (flock) for as long as a ``courrier up`` runs; holds its pid."""
        return self.root / "lock"

    @property
    def secrets(self) -> Path:
        """Passwords and the master key, readable by the owner only."""
        return self.root / "secrets.json"

    @property
    def ports(self) -> Path:
        """The ports of the last start."""
        return self.root / "ports.json"

    @property
    def status(self) -> Path:
        """What runs, for ``courrier status`` and for cleaning up after a crash."""
        return self.root / "status.json"

    @property
    def stamp(self) -> Path:
        """Which code has migrated this directory."""
        return self.root / "migrated.json"

    @property
    def nats(self) -> Path:
        """The log: the one directory that nothing else can rebuild."""
        return self.root / "nats"

    @property
    def postgres(self) -> Path:
        """The views."""
        return self.root / "postgres"

    @property
    def environment(self) -> Path:
        """One file of settings per user, for commands in another shell."""
        return self.root / "environment"

    @property
    def demo(self) -> Path:
        """The demo mail server's mailboxes and certificates."""
        return self.root / "demo"

    @property
    def logs(self) -> Path:
        """One file per part."""
        return self.root / "logs"

    def log_of(self, part: str) -> Path:
        """Return the log file of a part."""
        return self.logs / f"{part}.log"


@contextlib.contextmanager
def claimed(root: Path, *, min_free_bytes: int = MIN_FREE_BYTES) -> Iterator[DataDirectory]:
    """Own the directory (made if missing) until the block ends; what is unfit is refused.

    Raises:
        Refused: see the module's docstring; also when the disk is nearly full.
    """
    directory = DataDirectory(root)
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _require_space(root, min_free_bytes)
        lock = directory.lock.open("a+")
    except OSError as error:
        raise Refused(f"cannot use {root}: {error.strerror}") from error
    with lock:
        _lock(lock.fileno(), directory)
        _require_fit(directory)
        directory.logs.mkdir(exist_ok=True)
        yield directory


def is_claimed(directory: DataDirectory) -> bool:
    """Return whether a ``courrier up`` owns the directory now."""
    try:
        with directory.lock.open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _require_space(root: Path, min_free_bytes: int) -> None:
    free = shutil.disk_usage(root).free
    if free < min_free_bytes:
        need, have = min_free_bytes // 1_000_000, free // 1_000_000
        raise Refused(f"the disk of {root} is nearly full: {have} MB free, {need} MB needed")


def _lock(descriptor: int, directory: DataDirectory) -> None:
    if not _locked_soon(descriptor):
        owner = directory.lock.read_text().strip() or "unknown"
        raise Refused(
            f"{directory.root} is in use by another courrier up (pid {owner}): "
            "stop it with courrier stop, or choose another COURRIER_DATA_DIR"
        )
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())


def _locked_soon(descriptor: int) -> bool:
    """Try for a moment: ``courrier status`` holds the lock while it looks."""
    deadline = time.monotonic() + LOCK_WAIT_S
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(LOCK_POLL_S)


def _require_fit(directory: DataDirectory) -> None:
    made_format = _format_of(directory)
    if made_format is None:
        write_json(directory.version, {"format": FORMAT})
    elif made_format > FORMAT:
        raise Refused(
            f"{directory.root} was made by a newer Courrier (format {made_format}, "
            f"this one reads {FORMAT}): update Courrier or choose another COURRIER_DATA_DIR"
        )
    if directory.postgres.exists():
        for needed in (directory.postgres / "PG_VERSION", directory.secrets):
            if not needed.exists():
                raise _damaged(directory, f"{needed.relative_to(directory.root)} is missing")


def _format_of(directory: DataDirectory) -> int | None:
    try:
        found = read_object(directory.version)
    except ValueError:
        raise _damaged(directory, "version.json is unreadable") from None
    if found is None:
        if any(item != directory.lock for item in directory.root.iterdir()):
            raise Refused(f"{directory.root} is not a Courrier data directory: no version.json")
        return None
    number = found.get("format")
    if not isinstance(number, int):
        raise _damaged(directory, "version.json has no format")
    return number


def _damaged(directory: DataDirectory, what: str) -> Refused:
    return Refused(
        f"{directory.root} is damaged ({what}): restore a copy, or choose another COURRIER_DATA_DIR"
    )
