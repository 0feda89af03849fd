"""The chain over the archived log: what stands in it cannot be changed unseen.

SHA-256 everywhere; texts and bytes are preceded by their lengths (8 bytes, big-endian), so that
no two different events have the same encoding. ``leaf`` hides what it stands for behind a random
salt: once salt and data are gone, nobody can tell from the leaf what they were, and the chain
holds.
"""

from collections.abc import Mapping
from hashlib import sha256
from struct import pack

SALT_BYTES = 16
DELETED = "deleted"
"""Why a gap is there: the broker erased these."""
UNREADABLE = "unreadable"
"""Why a gap is there: the broker lost these before they were archived."""

_EVENT = b"\x01"
_GAP = b"\x02"


def start_of(stream: str) -> bytes:
    """Return the chain value before the first event of a stream."""
    return sha256(_sized(b"courrier archive 1") + _sized(stream.encode())).digest()


def content_of(subject: str, headers: Mapping[str, str], data: bytes) -> bytes:
    """Return subject, headers (sorted by name) and body of an event as unambiguous bytes."""
    parts = [subject.encode()]
    for name in sorted(headers):
        parts += (name.encode(), headers[name].encode())
    parts.append(data)
    # All lengths first: one call for thirty small numbers, a quarter of the archiver's time.
    lengths = pack(f">{len(parts) + 1}Q", len(parts), *map(len, parts))
    return lengths + b"".join(parts)


def leaf_of(event_id: str, version: int, *, salt: bytes, content: bytes) -> bytes:
    """Return ``H(event id, aggregate version, H(salt, content))``."""
    hidden = sha256(_sized(salt) + content).digest()
    return sha256(_sized(event_id.encode()) + _number(version) + hidden).digest()


def after_event(chain: bytes, sequence: int, leaf: bytes) -> bytes:
    """Return the chain value after an event; its place in the stream is part of it."""
    return sha256(chain + _EVENT + _number(sequence) + leaf).digest()


def after_gap(chain: bytes, first: int, last: int, why: str) -> bytes:
    """Return the chain value after sequences ``first`` to ``last`` that hold no event."""
    return sha256(chain + _GAP + _number(first) + _number(last) + _sized(why.encode())).digest()


def _sized(part: bytes) -> bytes:
    return _number(len(part)) + part


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
