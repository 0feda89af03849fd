"""A segment: a stretch of one stream as compressed NDJSON, readable without us.

First line ``{"format", "stream", "first", "last", "previous", "epoch"}``, then one line per event
or gap (``lines.py``), last line ``{"chain", "events", "head"}``. ``previous`` is the chain value
that the segment goes on from, ``head`` the SHA-256 of the first line. Each event has its leaf
beside it, so that damage is found to the event; zstd's own checksum would only hide the rest.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256

import zstandard
from pydantic_core import from_json as parse_json
from pydantic_core import to_json as write_json

from courrier.events.archive.lines import BadLine, Gap, Line, chain_over, from_json, to_json

FORMAT = 1
LEVEL = 3
PIECE_BYTES = 64 * 1024


class SegmentDamaged(ValueError):
    """A segment cannot be trusted; the text says from where on."""


@dataclass(frozen=True)
class Segment:
    """A whole segment; ``chain`` is the value after its last line."""

    stream: str
    first: int
    last: int
    previous: bytes
    epoch: int
    lines: list[Line]
    chain: bytes

    @property
    def events(self) -> int:
        """Lines that hold an event or did."""
        return events_in(self.lines)


@dataclass
class Reading:
    """What could be read of a segment, and every fault, as ``(sequence, text)``.

    A fault's sequence is the event's, or the first one that the fault hides.
    """

    stream: str = ""
    first: int = 0
    last: int = 0
    previous: bytes = b""
    epoch: int = 1
    lines: list[Line] = field(default_factory=list)
    chain: bytes | None = None
    head: str = ""
    events: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


def events_in(lines: list[Line]) -> int:
    """Return how many of the lines hold an event or did."""
    return sum(1 for line in lines if not isinstance(line, Gap))


def write_segment(segment: Segment) -> bytes:
    """Return a segment's bytes."""
    head = {
        "format": FORMAT,
        "stream": segment.stream,
        "first": segment.first,
        "last": segment.last,
        "previous": segment.previous.hex(),
        "epoch": segment.epoch,
    }
    first_row = write_json(head)
    end = {
        "chain": segment.chain.hex(),
        "events": segment.events,
        "head": sha256(first_row).hexdigest(),
    }
    rows = [first_row, *(write_json(to_json(line)) for line in segment.lines)]
    text = b"\n".join([*rows, write_json(end), b""])
    return zstandard.ZstdCompressor(level=LEVEL).compress(text)


def read_segment(data: bytes, name: str) -> Segment:
    """Return a segment whose every line and chain value was checked.

    Raises:
        SegmentDamaged: it has a fault.
    """
    reading = examine(data)
    if reading.faults or reading.chain is None:
        sequence, text = reading.faults[0]
        raise SegmentDamaged(f"{name} is damaged at {reading.stream}:{sequence}: {text}")
    return Segment(
        reading.stream,
        reading.first,
        reading.last,
        reading.previous,
        reading.epoch,
        reading.lines,
        reading.chain,
    )


def examine(data: bytes) -> Reading:
    """Read as much of a segment as can be read and note every fault."""
    text, trouble = _unpacked(data)
    reading = Reading()
    rows = text.split(b"\n")
    complete, rest = rows[:-1], rows[-1]
    if not complete or not _read_head(reading, complete[0]):
        reading.faults.append((0, trouble or "its first line is no segment's"))
        return reading
    for row in complete[1:]:
        if reading.chain is not None:
            reading.faults.append((reading.last, "there is more after its closing line"))
            break
        _read_row(reading, row)
    if trouble or rest:
        reading.faults.append((_next(reading), trouble or "it ends within a line"))
    elif reading.chain is None:
        reading.faults.append((_next(reading), "its end is missing"))
    else:
        _check_end(reading, complete[0])
    return reading


def _read_head(reading: Reading, row: bytes) -> bool:
    try:
        head = json.loads(row)
        reading.stream, reading.epoch = str(head["stream"]), int(head["epoch"])
        reading.first, reading.last = int(head["first"]), int(head["last"])
        reading.previous = bytes.fromhex(head["previous"])
        return bool(head["format"] == FORMAT)
    except (ValueError, KeyError, TypeError):
        return False


def _read_row(reading: Reading, row: bytes) -> None:
    try:
        fields = parse_json(row)
        if "chain" in fields:
            reading.chain = bytes.fromhex(fields["chain"])
            reading.head, reading.events = str(fields["head"]), int(fields["events"])
            return
        line, leaf = from_json(fields)
    except (ValueError, TypeError, KeyError, BadLine):
        reading.faults.append((_next(reading), "a line is unreadable"))
        return
    if line.sequence != _next(reading):
        text = f"sequence {line.sequence} stands where {_next(reading)} was due"
        reading.faults.append((_next(reading), text))
    if leaf is not None and not isinstance(line, Gap) and leaf != line.leaf:
        reading.faults.append((line.sequence, "the event is not the one that was archived"))
    reading.lines.append(line)


def _check_end(reading: Reading, head: bytes) -> None:
    if sha256(head).hexdigest() != reading.head:
        reading.faults.append((reading.first, "its first line was changed"))
    if events_in(reading.lines) != reading.events:
        text = f"it has {events_in(reading.lines)} events and says {reading.events}"
        reading.faults.append((reading.first, text))
    if _next(reading) != reading.last + 1:
        text = f"it ends at {_next(reading) - 1} and says {reading.last}"
        reading.faults.append((_next(reading), text))
    if chain_over(reading.previous, reading.lines) != reading.chain and not reading.faults:
        reading.faults.append((reading.first, "its chain value is not that of its lines"))


def _next(reading: Reading) -> int:
    return reading.lines[-1].last + 1 if reading.lines else reading.first


def _unpacked(data: bytes) -> tuple[bytes, str]:
    """Return the text, as far as it can be had, and what stopped it."""
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    pieces = (data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES))
    parts: list[bytes] = []
    try:
        # What was read before the fault must be kept, which `extend` does not promise.
        for piece in pieces:
            parts.append(unpacking.decompress(piece))  # noqa: PERF401
    except zstandard.ZstdError as error:
        return b"".join(parts), f"its compressed bytes are damaged ({error})"
    return b"".join(parts), "" if unpacking.eof else "its end is missing"
