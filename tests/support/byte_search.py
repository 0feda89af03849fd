"""Find text in the bytes of every file below a directory, whatever wrote them.

Files are searched as they are, and wherever a zstd frame begins in one, what it unpacks to. What
PostgreSQL compresses itself (values over 2 KB that shrink) is not unpacked: tests use text that
does not shrink.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import zstandard

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
UNPACKED_LIMIT = 16 * 1024 * 1024


def files_with(directory: Path, needle: str, *, but: Iterable[str] = ()) -> list[str]:
    """Return the files that hold the text, relative to ``directory``, sorted; ``but`` not below."""
    left_out = {directory / name for name in but}
    return [
        str(path.relative_to(directory))
        for path in sorted(directory.rglob("*"))
        if path.is_file() and not path.is_symlink() and left_out.isdisjoint(path.parents)
        if holds(_bytes_of(path), needle.encode())
    ]


def holds(data: bytes, needle: bytes) -> bool:
    """Tell whether these bytes hold the text, plain or packed, in any case of letters."""
    if needle.lower() in data.lower():
        return True
    return any(needle.lower() in unpacked.lower() for unpacked in _unpacked(data))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a server has removed it meanwhile
        return b""


def _unpacked(data: bytes) -> Iterator[bytes]:
    start = data.find(ZSTD_MAGIC)
    while start >= 0:
        reader = zstandard.ZstdDecompressor().stream_reader(data[start:])
        parts = []
        # No frame, or one that was overwritten: what came out before that counts.
        with suppress(zstandard.ZstdError):
            while part := reader.read(65536):
                parts.append(part)
                if len(parts) * 65536 > UNPACKED_LIMIT:
                    break
        yield b"".join(parts)
        start = data.find(ZSTD_MAGIC, start + 1)
