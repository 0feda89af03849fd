"""Blobs as stores keep them: zstd where that is smaller, and which bytes they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import zstandard

from courrier.events.families.mailbox import BlobRef

Encoding = Literal["zstd", "identity"]

LEVEL = 1


@dataclass(frozen=True, slots=True)
class Packed:
    """A blob ready to be stored: ``data`` in ``encoding`` are the bytes that ``ref`` names."""

    ref: BlobRef
    encoding: Encoding
    data: bytes


class Damaged(ValueError):
    """Stored bytes that cannot be what they say."""


def pack(blobs: Sequence[bytes], refs: Sequence[BlobRef]) -> list[Packed]:
    """Return these blobs ready to be stored.

    Nearly all of its time is one call of the compressor, which lets other threads run meanwhile.
    """
    if not any(blobs):  # which the compressor refuses
        return [Packed(ref, "identity", b"") for ref in refs]
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    packed = compressor.multi_compress_to_buffer(list(blobs), threads=0)
    return [
        _smaller(ref, data, packed[number].tobytes())
        for number, (ref, data) in enumerate(zip(refs, blobs, strict=True))
    ]


def unpack(data: bytes, encoding: str, limit: int) -> bytes:
    """Return a blob's bytes, ``limit`` at most.

    Raises:
        Damaged: they cannot be unpacked.
    """
    if encoding == "identity":
        return data
    try:
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=limit)
    except zstandard.ZstdError as error:
        raise Damaged(str(error)) from error


def _smaller(ref: BlobRef, data: bytes, packed: bytes) -> Packed:
    if len(packed) < len(data):
        return Packed(ref, "zstd", packed)
    return Packed(ref, "identity", data)
