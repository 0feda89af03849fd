"""What goes between the fetcher and a process that reads: a head in JSON, then bytes end to end.

Both ends are of one installation, so that the form may change with every version. Sockets block
and have no time limit: with one, each system call would wait for its turn at the interpreter.
"""

import socket
import struct
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from courrier.events.families.mailbox import BlobRef
from courrier.events.packing import Packed
from courrier.fetcher.domain.reading import Reading, Written
from courrier.fetcher.domain.received import Fetched, Origin

_LENGTHS = struct.Struct("!QQ")

Frame = tuple[Any, memoryview]
"""What the head says, and the bytes that it speaks of."""


MOST_BYTES = 1024 * 1024 * 1024
"""Bytes of a frame: several times the largest message."""


class Ended(ConnectionError):
    """The other side is gone, or out of its mind."""


BROKEN = (OSError, ValueError, TypeError, IndexError)
"""What a line to a process that has died, or was taken over, may raise."""


def send(to: socket.socket, head: object, parts: Sequence[bytes]) -> None:
    """Send a frame; raises ``OSError``."""
    told, bytes_of_all = encoded(head), b"".join(parts)
    to.sendall(_LENGTHS.pack(len(told), len(bytes_of_all)) + told)
    to.sendall(bytes_of_all)


def receive(from_: socket.socket) -> Frame:
    """Wait for a frame.

    Raises:
        Ended, OSError: the other side is gone.
    """
    head_bytes, body_bytes = _LENGTHS.unpack(_exactly(from_, _LENGTHS.size))
    head = decoded(bytes(_exactly(from_, head_bytes)))
    return head, _exactly(from_, body_bytes)


def encoded(head: object) -> bytes:
    """Return a head as it goes over the line."""
    return to_json(head)


def decoded(data: bytes) -> Any:
    """Return what a head says; raises ``ValueError``."""
    return from_json(data)


def request(origin: Origin, messages: Sequence[Fetched]) -> tuple[object, list[bytes]]:
    """Return head and parts that ask for these messages to be read."""
    where = (
        *(origin.account_id, origin.folder, origin.uidvalidity),
        *(origin.special_use, origin.holder_id, origin.target_folder),
    )
    told = [
        (m.uid, m.flags, m.received_at.isoformat() if m.received_at else None, len(m.raw))
        for m in messages
    ]
    return (where, told), [message.raw for message in messages]


def requested(frame: Frame) -> tuple[Origin, list[Fetched]]:
    """Return what a request asks for."""
    (where, told), data = frame
    pieces = _cut(data, [one[3] for one in told])
    messages = [
        Fetched(uid, raw, tuple(flags), datetime.fromisoformat(at) if at else None)
        for (uid, flags, at, _), raw in zip(told, pieces, strict=True)
    ]
    return Origin(*where), messages


def answer(readings: Sequence[Reading]) -> tuple[object, list[bytes]]:
    """Return head and parts that tell these readings."""
    told = [
        (
            *(one.message.uid, one.blob.ref.digest, one.blob.ref.size, one.blob.encoding),
            *(one.problem, len(one.message.body), len(one.blob.data)),
        )
        for one in readings
    ]
    return told, [part for one in readings for part in (one.message.body, one.blob.data)]


def answered(frame: Frame) -> list[Reading]:
    """Return what an answer tells."""
    told, data = frame
    pieces = _cut(data, [length for one in told for length in one[5:]])
    return [
        Reading(
            Written(uid, next(pieces)),
            Packed(BlobRef.model_construct(digest=digest, size=size), encoding, next(pieces)),
            problem,
        )
        for uid, digest, size, encoding, problem, _, _ in told
    ]


def _cut(data: memoryview, lengths: Sequence[int]) -> Iterator[bytes]:
    start = 0
    for length in lengths:
        yield bytes(data[start : start + length])
        start += length


def _exactly(from_: socket.socket, count: int) -> memoryview:
    if count > MOST_BYTES:
        raise Ended(f"a frame of {count} bytes")
    whole = memoryview(bytearray(count))
    filled = 0
    while filled < count:
        got = from_.recv_into(whole[filled:], 0, socket.MSG_WAITALL)
        if not got:
            raise Ended("the other side is gone")
        filled += got
    return whole
