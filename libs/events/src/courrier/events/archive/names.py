"""What the objects of an archive are called."""

import json
from collections.abc import Iterable
from hashlib import sha256

SEGMENTS = "log/"
ERASURES = "erasures/"
EPOCHS = "epochs/"
BLOBS = "blobs/"
LEFT_OUT = "left-out/"
UNWANTED = "unwanted/"
"""Blobs whose copies go once the broker has dropped the originals."""
_SUFFIX = ".ndjson.zst"


def segment_prefix(stream: str) -> str:
    """Return what the names of a stream's segments begin with."""
    return f"{SEGMENTS}{stream}/"


def segment_name(stream: str, first: int) -> str:
    """Return the name of the segment that begins at a sequence.

    The last sequence is no part of it: of two archivers that go on from the same place, one
    finds the name taken.
    """
    return f"{segment_prefix(stream)}{first:020d}{_SUFFIX}"


def first_of(name: str) -> int:
    """Return the sequence that a segment of this name begins at."""
    return int(name.rpartition("/")[2].removesuffix(_SUFFIX))


def erasure_prefix(stream: str) -> str:
    """Return what the names of a stream's erasure records begin with."""
    return f"{ERASURES}{stream}/"


def erasure(stream: str, sequences: Iterable[int]) -> tuple[str, bytes]:
    """Return name and content of the record that these sequences are erased.

    The name tells the range, so that a reader opens only what concerns it; the same sequences
    have the same name.
    """
    ordered = sorted(set(sequences))
    content = json.dumps(ordered).encode()
    token = sha256(content).hexdigest()[:16]
    return f"{erasure_prefix(stream)}{ordered[0]:020d}-{ordered[-1]:020d}-{token}", content


def range_of_erasure(name: str) -> tuple[int, int]:
    """Return the first and last sequence that an erasure record of this name speaks of."""
    first, last, _ = name.rpartition("/")[2].split("-")
    return int(first), int(last)


def epoch_name(number: int) -> str:
    """Return the name by which an epoch is claimed."""
    return f"{EPOCHS}{number:06d}"


def left_out_name(stream: str, epoch: int) -> str:
    """Return the name of the list of sequences that healing a stream leaves empty."""
    return f"{LEFT_OUT}{stream}/{epoch:06d}"
