"""Reads messages and joins threads in a process of its own: frames come in by standard input.

Answers go out by standard output. A frame is an operation byte, a number (4 bytes) and a length
(8 bytes), big-endian, then the message or the request. The answer is a length, then the bytes; -1
for 'there is none'. The end of the input ends the process, so that it never outlives the gateway.
"""

import json
import struct
import sys
from typing import BinaryIO

from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.thread_request import threads_of
from courrier.mail.parse import attachment_bytes, parse
from courrier.mail.to_json import to_json

FRAME = struct.Struct(">cIQ")
LENGTH = struct.Struct(">q")
PARSE = b"P"
ATTACHMENT = b"A"
THREAD = b"T"


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until the input ends."""
    while len(head := source.read(FRAME.size)) == FRAME.size:
        operation, number, size = FRAME.unpack(head)
        answer = _answer(operation, number, source.read(size))
        sink.write(LENGTH.pack(-1 if answer is None else len(answer)) + (answer or b""))
        sink.flush()


def _answer(operation: bytes, number: int, raw: bytes) -> bytes | None:
    if operation == ATTACHMENT:
        return attachment_bytes(raw, number)
    if operation == THREAD:
        return _threads(raw)
    text = json.dumps(to_json(parse(raw)), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _threads(body: bytes) -> bytes:
    """Return the threads as JSON, or what is wrong with the request."""
    try:
        said: dict[str, object] = {"threads": threads_of(body)}
    except Unfit as error:
        said = {"fault": error.text, "pointer": error.pointer}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
