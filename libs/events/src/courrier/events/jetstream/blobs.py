"""Blobs in the stream ``BLOBS``: ``blob.<digest>.<chunk>``, zstd where that is smaller.

Blobs are written in atomic batches bounded by bytes, so that hundreds of small messages cost
one sync of the disk; a blob longer than one chunk has its chunks numbered from 0. Each chunk
tells the number of chunks and the encoding in its headers.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from nats.aio.client import Client

from courrier.events.blobs import (
    BLOB_LIMIT,
    RENEW_AFTER,
    BlobMissing,
    check_size,
    ref_of,
)
from courrier.events.families.mailbox import BlobRef
from courrier.events.jetstream.blob_shelf import CONDEMNED, EXPECTED, STREAM, stored_at, use
from courrier.events.jetstream.direct import DirectReader, sequence_of, subject_of
from courrier.events.jetstream.persistence import persist
from courrier.events.jetstream.publishing import Line, publisher_of
from courrier.events.packing import Damaged, Packed, pack, unpack
from courrier.events.store import StoreUnavailable

CHUNK_BYTES = 512 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_CHUNKS = 400
SMALL_BYTES = 128 * 1024
"""Bytes that are compressed in less time than a thread takes to begin and to report."""
ACK_TIMEOUT_S = 10.0
LOOKS = 20
"""Times a blob that is there already, or was a moment ago, is looked at before giving up."""
LOOK_S = 0.02

_TAKEN = (10071, 10164)
"""The broker's answers to a guard that does not hold: the blob is there."""


class JetStreamBlobs:
    """``Blobs`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = DirectReader(client)
        self._publisher = publisher_of(client)

    async def put(self, blobs: Sequence[bytes]) -> list[BlobRef]:
        """Store these blobs durably (see ``Blobs.put``)."""
        for data in blobs:
            check_size(len(data))
        packed = await _packed(blobs)
        await self.put_packed(packed)
        return [one.ref for one in packed]

    async def put_packed(self, blobs: Sequence[Packed]) -> None:
        """Store what is packed already (see ``Blobs.put_packed``)."""
        held: set[str] = set()
        for batch in _batches(lines_of_blobs(blobs)):
            await self._store(batch, held)

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
        try:
            data = unpack(b"".join(parts), headers["Blob-Encoding"], BLOB_LIMIT)
        except Damaged as error:
            raise BlobMissing(f"blob {digest} is damaged: {error}") from error
        if sha256(data).hexdigest() != digest:
            raise BlobMissing(f"blob {digest} is damaged: its bytes have another digest")
        return data

    async def _store(self, batch: list[Line], held: set[str]) -> None:
        """Store what is not ``held`` already; a blob met there is noted in ``held``."""
        for number in range(LOOKS):
            batch = [line for line in batch if _digest_of(line) not in held]
            if not batch or await self._is_stored(batch):
                return
            await asyncio.sleep(LOOK_S * number)
            for digest in dict.fromkeys(map(_digest_of, batch)):
                if await self._is_usable(digest):
                    held.add(digest)
                else:
                    batch = _unguarded(batch, digest)
        raise StoreUnavailable(f"{len(batch)} blob chunks met others {LOOKS} times")

    async def _is_stored(self, batch: list[Line]) -> bool:
        async def attempt(_: int) -> bool:
            return await self._send(batch)

        return await persist(self._client, f"{len(batch)} blob chunks", attempt)

    async def _send(self, batch: list[Line]) -> bool:
        answer = await self._publisher.send(batch, ACK_TIMEOUT_S)
        if error := answer.get("error"):
            if error["err_code"] in _TAKEN:
                return False
            raise StoreUnavailable(f"BLOBS: {error['description']} ({error['err_code']})")
        return True

    async def _is_usable(self, digest: str) -> bool:
        """Tell whether a blob is there, whole, and not about to be collected; renew an old one."""
        found = await self._reader.last(STREAM, [f"blob.{digest}.0", f"blob.{digest}.use"])
        by_part = {subject_of(message).rpartition(".")[2]: message for message in found}
        first, mark = by_part.get("0"), by_part.get("use")
        if first is None or (mark is not None and mark.data == CONDEMNED):
            return False
        chunks = int((first.headers or {})["Blob-Chunks"])
        if chunks > 1 and not await self._reader.last(STREAM, [f"blob.{digest}.{chunks - 1}"]):
            return False
        if datetime.now(UTC) - max(stored_at(message) for message in found) < RENEW_AFTER:
            return True
        return await use(self._client, digest, sequence_of(mark) if mark else 0) is not None


async def _packed(blobs: Sequence[bytes]) -> list[Packed]:
    """Compress, many blobs in a thread: the loop has other things to do meanwhile."""
    if sum(map(len, blobs)) <= SMALL_BYTES:
        return _pack(blobs)
    return await asyncio.to_thread(_pack, blobs)


def _pack(blobs: Sequence[bytes]) -> list[Packed]:
    return pack(blobs, [ref_of(data) for data in blobs])


def lines_of_blobs(blobs: Iterable[Packed]) -> list[Line]:
    """Return the messages that store these blobs."""
    return [line for one in blobs for line in _chunks(one)]


def _chunks(one: Packed) -> Iterator[Line]:
    check_size(one.ref.size)
    count = max(1, -(-len(one.data) // CHUNK_BYTES))
    headers = {
        "Blob-Chunks": str(count),
        "Blob-Encoding": one.encoding,
        "Blob-Size": str(one.ref.size),
    }
    for number in range(count):
        part = one.data[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        # Never stored over itself: what the broker replaces it does not overwrite on disk, and no
        # later erasure would reach the older copy.
        guard = {EXPECTED: "0"} if number == 0 else {}
        yield f"blob.{one.ref.digest}.{number}", headers | guard, part


def _digest_of(line: Line) -> str:
    return line[0].split(".")[1]


def _unguarded(batch: list[Line], digest: str) -> list[Line]:
    return [
        (line[0], {k: v for k, v in line[1].items() if k != EXPECTED}, line[2])
        if _digest_of(line) == digest
        else line
        for line in batch
    ]


def _batches(chunks: Iterable[Line]) -> Iterator[list[Line]]:
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
