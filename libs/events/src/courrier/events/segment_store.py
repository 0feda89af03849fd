"""Where the archive of the log is kept: named objects that are written once.

Two adapters pass one contract test: a directory (``archive/directory.py``) and S3-compatible
storage (``s3/segments.py``). Names are relative paths with ``/``, of letters, digits, ``.``,
``_`` and ``-``.
"""

from typing import Protocol


class SegmentExists(FileExistsError):
    """An object has this name already: somebody else wrote it, and it stands."""


class SegmentMissing(FileNotFoundError):
    """No object has this name."""


class SegmentStore(Protocol):
    """Durable named objects. Every method raises ``StoreUnavailable`` when the storage fails."""

    async def names(self, prefix: str) -> list[str]:
        """Return the names that begin with ``prefix``, sorted; unfinished writes have none."""
        ...

    async def read(self, name: str) -> bytes:
        """Return an object's bytes.

        Raises:
            SegmentMissing: there is none of this name.
        """
        ...

    async def write(self, name: str, data: bytes) -> None:
        """Store an object durably under a new name: as a whole or not at all.

        Raises:
            SegmentExists: the name is taken; of two writers at once exactly one succeeds.
        """
        ...

    async def replace(self, name: str, data: bytes) -> None:
        """Put other bytes in an object's place, as a whole or not at all; the old ones are gone."""
        ...

    async def delete(self, name: str) -> None:
        """Remove an object; there may be none."""
        ...

    async def sweep(self) -> None:
        """Remove what interrupted writes left behind; writes under way go on."""
        ...
