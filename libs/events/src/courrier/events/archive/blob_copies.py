"""Blobs beside the segments: the same bytes under ``blobs/<digest>``, compressed, once each.

Blobs are content-addressed, so that they need no chain: a copy is right if its digest is. Only
the blobs of the broker are copied; those in S3 are outside it already.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog
import zstandard
from nats.aio.client import Client

from courrier.events.archive import names
from courrier.events.archive.broker_log import BrokerLog
from courrier.events.blobs import BLOB_LIMIT, BlobMissing, Blobs, ref_of
from courrier.events.segment_store import SegmentExists, SegmentStore

STREAM = "BLOBS"
PUT_BYTES = 8 * 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass
class Copied:
    """How many blobs were copied, and the digests of those whose bytes are damaged."""

    copied: int
    damaged: list[str]


async def copy_blobs(client: Client, blobs: Blobs, store: SegmentStore) -> Copied:
    """Copy every blob of the broker that the archive does not have yet.

    The copies of unwanted ones go once the broker has them no longer.
    """
    have = set(await store.names(names.BLOBS))
    unwanted = {n.removeprefix(names.UNWANTED) for n in await store.names(names.UNWANTED)}
    result = Copied(0, [])
    async for digest in _digests(client):
        unwanted.discard(digest)
        if f"{names.BLOBS}{digest}" in have:
            continue
        try:
            data = await blobs.get(digest)
        except BlobMissing as error:
            log.warning("archive.blob-damaged", digest=digest, error=str(error))
            result.damaged.append(digest)
            continue
        result.copied += await _copy(store, digest, data)
    await erase_blobs(store, sorted(unwanted))
    for digest in unwanted:
        await store.delete(f"{names.UNWANTED}{digest}")
    return result


async def restore_blobs(blobs: Blobs, store: SegmentStore) -> Copied:
    """Put every archived blob back; those already there are the same."""
    result = Copied(0, [])
    group: list[bytes] = []
    for name in await store.names(names.BLOBS):
        data = _unpacked(await store.read(name))
        if data is None or ref_of(data).digest != name.removeprefix(names.BLOBS):
            result.damaged.append(name.removeprefix(names.BLOBS))
            continue
        group.append(data)
        result.copied += 1
        if sum(map(len, group)) > PUT_BYTES:
            await blobs.put(group)
            group = []
    await blobs.put(group)
    return result


async def erase_blobs(store: SegmentStore, digests: list[str]) -> None:
    """Remove the copies of these blobs."""
    await store.sweep()
    for digest in digests:
        await store.delete(f"{names.BLOBS}{digest}")


async def _digests(client: Client) -> AsyncIterator[str]:
    source = BrokerLog(client, STREAM)
    seen: set[str] = set()
    async for messages in source.messages((await source.state()).last):
        for message in messages:
            digest = message.subject.split(".")[1]
            if digest not in seen:
                seen.add(digest)
                yield digest


async def _copy(store: SegmentStore, digest: str, data: bytes) -> int:
    try:
        packed = zstandard.ZstdCompressor(level=3).compress(data)
        await store.write(f"{names.BLOBS}{digest}", packed)
    except SegmentExists:
        return 0
    return 1


def _unpacked(packed: bytes) -> bytes | None:
    try:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=BLOB_LIMIT)
    except zstandard.ZstdError:
        return None
