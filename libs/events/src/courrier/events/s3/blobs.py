"""Blobs in S3-compatible storage: one object each, ``<digest>``, zstd where that is smaller.

The first byte of an object tells its encoding, so that no metadata has to survive a copy of the
bucket: ``z`` zstd, ``i`` the bytes as they are.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar

from courrier.events.blobs import (
    BLOB_LIMIT,
    RENEW_AFTER,
    BlobMissing,
    check_size,
    ref_of,
)
from courrier.events.families.mailbox import BlobRef
from courrier.events.packing import Damaged, Packed, pack, unpack
from courrier.events.s3.bucket import Bucket, ObjectMissing

T = TypeVar("T")

BYTES_UNDER_WAY = 32 * 1024 * 1024
"""Bytes that one ``put`` sends at once; more wait, so that memory stays bounded."""
THREAD_FROM_BYTES = 256 * 1024
"""Compressing less than this is over before a thread would have begun."""


class S3Blobs:
    """``Blobs`` over one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Store these blobs durably (see ``Blobs.put``)."""
        for data in blobs:
            check_size(len(data))
        packed = [await _apart(_packed, data) for data in blobs]
        await self.put_packed(packed)
        return [one.ref for one in packed]

    async def put_packed(self, blobs: Sequence[Packed]) -> None:
        """Store what is packed already (see ``Blobs.put_packed``)."""
        wanted = {one.ref.digest: _object_of(one) for one in blobs}
        group: dict[str, bytes] = {}
        for digest, data in wanted.items():
            if group and sum(map(len, group.values())) + len(data) > BYTES_UNDER_WAY:
                await self._store_all(group)
                group = {}
            group[digest] = data
        await self._store_all(group)

    async def get(self, digest: str) -> bytes:
        """Return a blob's bytes (see ``Blobs.get``)."""
        try:
            stored = await self._bucket.get(digest)
        except ObjectMissing:
            raise BlobMissing(f"no blob {digest}") from None
        data = await _apart(_unpacked, stored)
        if data is None or sha256(data).hexdigest() != digest:
            raise BlobMissing(f"blob {digest} is damaged: its bytes have another digest")
        return data

    async def _store_all(self, blobs: dict[str, bytes]) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for digest, data in blobs.items():
                    tasks.create_task(self._store(digest, data))
        except BaseExceptionGroup as group:
            # Callers retry by type; the first failure stands for the others.
            raise group.exceptions[0] from None

    async def _store(self, digest: str, data: bytes) -> None:
        stored_at = await self._bucket.modified(digest)
        if stored_at is None or datetime.now(UTC) - stored_at > RENEW_AFTER:
            await self._bucket.put(digest, data)


def _packed(data: bytes) -> Packed:
    return pack([data], [ref_of(data)])[0]


def _object_of(one: Packed) -> bytes:
    check_size(one.ref.size)
    return one.encoding[:1].encode() + one.data


def _unpacked(stored: bytes) -> bytes | None:
    if stored[:1] == b"i":
        return stored[1:]
    try:
        return unpack(stored[1:], "zstd", BLOB_LIMIT)
    except Damaged:
        return None


async def _apart(work: Callable[[bytes], T], data: bytes) -> T:
    return work(data) if len(data) < THREAD_FROM_BYTES else await asyncio.to_thread(work, data)
