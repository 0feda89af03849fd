"""An SMTP server that takes everything and counts what it took, in a process of its own.

``python -m bench.recording_smtp`` prints its port. Each line on its standard input is answered with
``{"messages": .., "different": .., "connections": .., "cpu_s": ..}``: of different Message-IDs.
"""

import asyncio
import json
import re
import sys
from hashlib import sha256

from typing_extensions import override

from bench.result import cpu_s
from courrier.local.ports import HOST

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")
HELLO = b"250-recorder\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 52428800\r\n250 DSN\r\n"
REPLIES = {b"EHLO": HELLO, b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Record:
    """What came in so far."""

    def __init__(self) -> None:
        self.messages = 0
        self.connections = 0
        self.seen: set[bytes] = set()

    def add(self, content: bytes) -> None:
        """Remember a message."""
        self.messages += 1
        found = _MESSAGE_ID.search(content)
        self.seen.add(sha256(found[1] if found else content).digest())

    def shown(self) -> str:
        """Return the counts as JSON."""
        counts = {"messages": self.messages, "different": len(self.seen)}
        return json.dumps(counts | {"connections": self.connections, "cpu_s": cpu_s()})


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._buffer = bytearray()
        self._in_data = False
        self._transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._record.connections += 1
        transport.write(b"220 recorder\r\n")

    @override
    def data_received(self, data: bytes) -> None:
        """Answer each command, and each message at its dot."""
        self._buffer += data
        answer = bytearray()
        while self._step(answer):
            pass
        self._transport.write(bytes(answer))

    def _step(self, answer: bytearray) -> bool:
        end = b"\r\n.\r\n" if self._in_data else b"\r\n"
        at = self._buffer.find(end)
        if at < 0:
            return False
        piece = bytes(self._buffer[:at])
        del self._buffer[: at + len(end)]
        if self._in_data:
            self._record.add(piece)
            self._in_data = False
            answer += b"250 taken\r\n"
            return True
        verb = piece[:4].upper()
        self._in_data = verb == b"DATA"
        answer += REPLIES.get(verb, b"250 ok\r\n")
        return True


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def serve() -> None:
    """Take messages until the standard input ends."""
    record = Record()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Talk(record), HOST, 0)
    _say(str(server.sockets[0].getsockname()[1]))
    while await asyncio.to_thread(sys.stdin.readline):
        _say(record.shown())
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
