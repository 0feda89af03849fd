"""The archive in a directory: a crash leaves an object whole or absent, never half.

Bytes are written to ``.half/``, synced, and only then linked under their name; a link fails where
the name is taken, which a rename would not. The writer holds a lock on it: a sweep leaves it alone.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from courrier.events.segment_store import SegmentExists, SegmentMissing
from courrier.events.store import StoreUnavailable

HALF = ".half"
OWNER_ONLY = 0o600

T = TypeVar("T")


class DirectorySegments:
    """``SegmentStore`` over a directory that exists or can be made."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def names(self, prefix: str) -> list[str]:
        """Return the names that begin with ``prefix``, sorted."""
        return await _apart(lambda: self._names(prefix))

    async def read(self, name: str) -> bytes:
        """Return an object's bytes (see ``SegmentStore.read``)."""
        return await _apart(lambda: self._read(name))

    async def write(self, name: str, data: bytes) -> None:
        """Store an object under a new name (see ``SegmentStore.write``)."""
        await _apart(lambda: self._store(name, data, _link))

    async def replace(self, name: str, data: bytes) -> None:
        """Put other bytes in an object's place (see ``SegmentStore.replace``)."""
        await _apart(lambda: self._store(name, data, os.replace))

    async def delete(self, name: str) -> None:
        """Remove an object; there may be none."""
        await _apart(lambda: self._delete(name))

    async def sweep(self) -> None:
        """Remove what interrupted writes left behind."""
        await _apart(self._sweep)

    def _names(self, prefix: str) -> list[str]:
        # Only the folders that can hold the prefix are walked.
        folder = self._root / prefix.rpartition("/")[0]
        found = (path for path in folder.rglob("*") if path.is_file())
        names = (path.relative_to(self._root).as_posix() for path in found)
        return sorted(n for n in names if n.startswith(prefix) and not n.startswith(HALF))

    def _read(self, name: str) -> bytes:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            raise SegmentMissing(f"the archive in {self._root} has no {name}") from None

    def _store(self, name: str, data: bytes, land: Callable[[Path, Path], None]) -> None:
        target = self._root / name
        self._make(target.parent)
        self._make(self._root / HALF)
        try:
            with _written(self._root / HALF, target.name, data) as half:
                land(half, target)
            _sync_directory(target.parent)
        except FileExistsError:
            raise SegmentExists(f"the archive in {self._root} has {name} already") from None

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for made in (folder, *folder.parents):
            _sync_directory(made)
            if made == self._root.parent:
                return

    def _delete(self, name: str) -> None:
        target = self._root / name
        if target.exists():
            target.unlink(missing_ok=True)
            _sync_directory(target.parent)

    def _sweep(self) -> None:
        for half in (self._root / HALF).glob("*"):
            with contextlib.suppress(FileNotFoundError, BlockingIOError), half.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                half.unlink(missing_ok=True)


def _link(half: Path, target: Path) -> None:
    target.hardlink_to(half)


@contextlib.contextmanager
def _written(folder: Path, name: str, data: bytes) -> Iterator[Path]:
    """Keep a synced file for the body, locked: whose writer is dead is seen by the free lock."""
    descriptor, half = _locked(folder, name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            yield half
    finally:
        half.unlink(missing_ok=True)


def _locked(folder: Path, name: str) -> tuple[int, Path]:
    """Make a file, again under another name if a sweep came before it was locked."""
    while True:
        half = folder / f"{name}.{uuid4().hex}"
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, half
        os.close(descriptor)


def _sync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _apart(work: Callable[[], T]) -> T:
    """Do file work in a thread; what the disk declines is ``StoreUnavailable``."""
    try:
        return await asyncio.to_thread(work)
    except (SegmentExists, SegmentMissing):
        raise
    except OSError as error:
        raise StoreUnavailable(f"the archive's directory failed: {error}") from error
