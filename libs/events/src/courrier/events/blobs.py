"""Raw messages and attachments by what they are: lower-case hex SHA-256 of their bytes.

A blob is stored before the event that refers to it, and storing it twice changes nothing.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from courrier.events.families.mailbox import BlobRef
from courrier.events.packing import Packed, unpack

BLOB_LIMIT = 100 * 1024 * 1024
"""Bytes of one blob; larger messages are refused before they reach the store."""


RENEW_AFTER = timedelta(seconds=15)
"""A blob stored again is renewed once it is older; blobs are collected much later than that."""


class BlobMissing(LookupError):
    """No blob has this digest: it was erased, or the store lost it."""


class BlobTooLarge(ValueError):
    """Over ``BLOB_LIMIT`` bytes."""


def ref_of(data: bytes) -> BlobRef:
    """Return the reference that these bytes have in every store."""
    return BlobRef(digest=sha256(data).hexdigest(), size=len(data))


def check_size(size: int) -> None:
    """Raise ``BlobTooLarge`` if no blob can have so many bytes."""
    if size > BLOB_LIMIT:
        raise BlobTooLarge(f"{size} bytes; a blob holds {BLOB_LIMIT}")


class Blobs(Protocol):
    """Store and fetch bytes by their digest."""

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Store these blobs durably and return their references, in order.

        Raises:
            BlobTooLarge: one of them is over ``BLOB_LIMIT``.
            StoreUnavailable: no answer within the store's time limit; repeating is safe.
        """
        ...

    async def put_packed(self, blobs: Sequence[Packed]) -> None:
        """Store durably what somebody has packed; their references are believed.

        Raises:
            BlobTooLarge: one of them is over ``BLOB_LIMIT``.
            StoreUnavailable: no answer within the store's time limit; repeating is safe.
        """
        ...

    async def get(self, digest: str) -> bytes:
        """Return a blob's bytes.

        Raises:
            BlobMissing: there is none with this digest.
            StoreUnavailable: no answer within the store's time limit.
        """
        ...


@dataclass(frozen=True, slots=True)
class Shelved:
    """A blob as it was looked at: when it was last stored or used, and a mark of that moment."""

    digest: str
    used_at: datetime
    mark: str


class BlobShelf(Protocol):
    """Take blobs away: those that were erased at once, those nobody refers to after a while.

    A writer that finds its blob stored already renews it once it is older than ``RENEW_AFTER``,
    so that a blob on which an event is about to be appended is never an old one.
    """

    def digests(self) -> AsyncIterator[list[str]]:
        """Yield the digests of all blobs, in pages.

        Raises:
            StoreUnavailable: no answer within the store's time limit.
        """
        ...

    async def look(self, digest: str) -> Shelved | None:
        """Return how a blob stands now; None if there is none.

        Raises:
            StoreUnavailable: no answer within the store's time limit.
        """
        ...

    async def collect(self, blob: Shelved) -> bool:
        """Erase the blob unless it was stored or used again since it was looked at; tell whether.

        Raises:
            StoreUnavailable: no answer within the store's time limit; repeating is safe.
        """
        ...

    async def erase(self, digests: Sequence[str]) -> int:
        """Erase these blobs now, whoever uses them; return how many were there.

        Raises:
            StoreUnavailable: no answer within the store's time limit; repeating is safe.
        """
        ...


class MemoryBlobs:
    """Blobs of one process, for tests."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Keep these blobs."""
        refs = [ref_of(data) for data in blobs]
        self._blobs.update({ref.digest: data for ref, data in zip(refs, blobs, strict=True)})
        return refs

    async def put_packed(self, blobs: Sequence[Packed]) -> None:
        """Keep these blobs."""
        for one in blobs:
            self._blobs[one.ref.digest] = unpack(one.data, one.encoding, BLOB_LIMIT)

    async def get(self, digest: str) -> bytes:
        """Return a blob's bytes, or raise ``BlobMissing``."""
        try:
            return self._blobs[digest]
        except KeyError:
            raise BlobMissing(f"no blob {digest}") from None
