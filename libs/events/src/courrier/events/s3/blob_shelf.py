"""Blobs taken out of S3-compatible storage.

Storage of this kind has no sequence to guard a deletion by. What keeps writer and collector apart
is time: a writer stores anew what is older than a day, and a blob is collected days later; what
is left is the moment between the last look and the deletion.
"""

from collections.abc import AsyncIterator, Sequence

from courrier.events.blobs import Shelved
from courrier.events.s3.bucket import Bucket

PAGE = 1000


class S3BlobShelf:
    """``BlobShelf`` over one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def digests(self) -> AsyncIterator[list[str]]:
        """Yield the digests of all blobs, in pages."""
        found = await self._bucket.keys("")
        for start in range(0, len(found), PAGE):
            yield found[start : start + PAGE]

    async def look(self, digest: str) -> Shelved | None:
        """Return how a blob stands now (see ``BlobShelf.look``)."""
        stored_at = await self._bucket.modified(digest)
        return Shelved(digest, stored_at, stored_at.isoformat()) if stored_at else None

    async def collect(self, blob: Shelved) -> bool:
        """Erase the blob unless it was stored since (see ``BlobShelf.collect``)."""
        if await self.look(blob.digest) != blob:
            return False
        await self._bucket.delete(blob.digest)
        return True

    async def erase(self, digests: Sequence[str]) -> int:
        """Erase these blobs now, all their versions (see ``BlobShelf.erase``)."""
        erased = 0
        for digest in digests:
            erased += await self._bucket.exists(digest)
            await self._bucket.delete(digest)
        return erased
