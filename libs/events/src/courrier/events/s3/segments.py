"""The archive in S3-compatible storage; a conditional write keeps what is written.

A bucket that keeps versions has the old ones of a replaced object removed: erased is erased.
"""

from courrier.events.s3.bucket import Bucket, ObjectExists, ObjectMissing
from courrier.events.segment_store import SegmentExists, SegmentMissing


class S3Segments:
    """``SegmentStore`` over one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def names(self, prefix: str) -> list[str]:
        """Return the names that begin with ``prefix``, sorted."""
        return await self._bucket.keys(prefix)

    async def read(self, name: str) -> bytes:
        """Return an object's bytes (see ``SegmentStore.read``)."""
        try:
            return await self._bucket.get(name)
        except ObjectMissing as error:
            raise SegmentMissing(str(error)) from None

    async def write(self, name: str, data: bytes) -> None:
        """Store an object under a new name (see ``SegmentStore.write``).

        Storage that does not know ``If-None-Match`` ignores it: the look before the write then
        leaves a window of one request, which the archiver's lease covers.
        """
        if await self._bucket.exists(name):
            raise SegmentExists(f"the archive has {name} already")
        try:
            await self._bucket.put(name, data, first=True)
        except ObjectExists as error:
            raise SegmentExists(str(error)) from None

    async def replace(self, name: str, data: bytes) -> None:
        """Put other bytes in an object's place (see ``SegmentStore.replace``)."""
        await self._bucket.put(name, data)
        await self._bucket.forget_versions(name)

    async def delete(self, name: str) -> None:
        """Remove an object; there may be none."""
        await self._bucket.delete(name)

    async def sweep(self) -> None:
        """Leave everything: a single request stores an object as a whole or not at all."""
