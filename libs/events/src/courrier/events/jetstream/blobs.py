"""Blobs in the stream ``BLOBS``: ``blob.<digest>.<chunk>``, zstd where that is smaller.

Blobs are written in atomic batches bounded by bytes, so that hundreds of small messages cost
one sync of the disk; a blob longer than one chunk has its chunks numbered from 0. Each chunk
tells the number of chunks and the encoding in its headers.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import zstandard
from nats.aio.client import Client

from courrier.events.blobs import BLOB_LIMIT, BlobMissing, BlobTooLarge, ref_of
from courrier.events.families.mailbox import BlobRef
from courrier.events.jetstream.direct import DirectReader
from courrier.events.jetstream.persistence import persist
from courrier.events.jetstream.publishing import Line, publisher_of
from courrier.events.store import StoreUnavailable

CHUNK_BYTES = 512 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_CHUNKS = 200
ACK_TIMEOUT_S = 10.0


class JetStreamBlobs:
    """``Blobs`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = DirectReader(client)
        self._publisher = publisher_of(client)

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Store these blobs durably (see ``Blobs.put``)."""
        refs = [_checked_ref(data) for data in blobs]
        chunks = (c for ref, data in zip(refs, blobs, strict=True) for c in _chunks(ref, data))
        for batch in _batches(chunks):
            await self._store(batch)
        return refs

    async def get(self, digest: str) -> bytes:
        """Return a blob's bytes (see ``Blobs.get``)."""
        first = await self._reader.last("BLOBS", [f"blob.{digest}.0"])
        if not first:
            raise BlobMissing(f"no blob {digest}")
        headers = first[0].headers or {}
        parts = [first[0].data]
        for number in range(1, int(headers["Blob-Chunks"])):
            more = await self._reader.last("BLOBS", [f"blob.{digest}.{number}"])
            parts += [message.data for message in more]
        data = _decoded(b"".join(parts), headers["Blob-Encoding"])
        if sha256(data).hexdigest() != digest:
            raise BlobMissing(f"blob {digest} is damaged: its bytes have another digest")
        return data

    async def _store(self, batch: list[Line]) -> None:
        async def attempt(_: int) -> None:
            await self._send(batch)

        await persist(self._client, f"{len(batch)} blob chunks", attempt)

    async def _send(self, batch: list[Line]) -> None:
        answer = await self._publisher.send(batch, ACK_TIMEOUT_S)
        if error := answer.get("error"):
            raise StoreUnavailable(f"BLOBS: {error['description']} ({error['err_code']})")


def _checked_ref(data: bytes) -> BlobRef:
    if len(data) > BLOB_LIMIT:
        raise BlobTooLarge(f"{len(data)} bytes; a blob holds {BLOB_LIMIT}")
    return ref_of(data)


def _chunks(ref: BlobRef, data: bytes) -> Iterator[Line]:
    packed = zstandard.ZstdCompressor(level=1).compress(data)
    encoding, stored = ("zstd", packed) if len(packed) < len(data) else ("identity", data)
    count = max(1, -(-len(stored) // CHUNK_BYTES))
    headers = {"Blob-Chunks": str(count), "Blob-Encoding": encoding, "Blob-Size": str(len(data))}
    for number in range(count):
        part = stored[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        yield f"blob.{ref.digest}.{number}", dict(headers), part


def _batches(chunks: Iterator[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for chunk in chunks:
        if batch and (size + len(chunk[2]) > BATCH_BYTES or len(batch) == BATCH_CHUNKS):
            yield batch
            batch, size = [], 0
        batch.append(chunk)
        size += len(chunk[2])
    if batch:
        yield batch


def _decoded(data: bytes, encoding: str) -> bytes:
    if encoding == "identity":
        return data
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=BLOB_LIMIT)
