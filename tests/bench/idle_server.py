"""An IMAP server for thousands of idle mailboxes, in a process of its own.

``python -m bench.idle_server CERTIFICATE KEY`` prints its port; each line on its standard input
names a user whose INBOX gets one more message. It knows as much IMAP as a fetcher speaks, keeps
nothing on disk, and lets everybody in.
"""

import asyncio
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from courrier.local.ports import HOST
from support.certificates import Authority, Certificates

MESSAGE = b"Message-ID: <%d.%b@idle.test>\r\nSubject: %d\r\n\r\nHello.\r\n"
BACKLOG = 2000


class Mailboxes:
    """How many messages each user has, and who is idle; with ``silent``, IDLE tells nothing.

    ``came`` are the moments of log-ins, on the event loop's clock.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self.silent = silent
        self.came: list[float] = []
        self.counts: defaultdict[bytes, int] = defaultdict(int)
        self.idle: defaultdict[bytes, set[asyncio.StreamWriter]] = defaultdict(set)

    def deliver(self, user: bytes) -> None:
        """One more message for somebody, and the notice of it."""
        self.counts[user] += 1
        for writer in () if self.silent else self.idle[user]:
            writer.write(b"* %d EXISTS\r\n" % self.counts[user])

    def restart(self) -> None:
        """Drop every connection at once, as a server does that is restarted."""
        for writers in self.idle.values():
            for writer in writers:
                writer.transport.abort()


class Talk:
    """One connection."""

    def __init__(
        self, boxes: Mailboxes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.boxes = boxes
        self.reader = reader
        self.writer = writer
        self.user = b""

    async def run(self) -> None:
        """Answer until the other side goes."""
        self.writer.write(b"* OK ready\r\n")
        idling = b""
        while line := (await self.reader.readline()).strip():
            if line.upper() == b"DONE":
                self.boxes.idle[self.user].discard(self.writer)
                self.writer.write(idling + b" OK done\r\n")
                continue
            idling, _, rest = line.partition(b" ")
            if rest.upper() == b"IDLE":
                self.boxes.idle[self.user].add(self.writer)
                self.writer.write(b"+ idling\r\n")
                continue
            self.writer.write(self.answer(rest) + idling + b" OK done\r\n")
        self.boxes.idle[self.user].discard(self.writer)
        self.writer.close()

    def answer(self, rest: bytes) -> bytes:
        """Return the untagged part of an answer."""
        words = rest.split()
        name = words[1].upper() if words[0].upper() == b"UID" else words[0].upper()
        count = self.boxes.counts[self.user]
        match name:
            case b"CAPABILITY":
                return b"* CAPABILITY IMAP4rev1 IDLE\r\n"
            case b"LOGIN":
                self.user = words[1].strip(b'"')
                self.boxes.came.append(asyncio.get_running_loop().time())
            case b"LIST":
                return b'* LIST () "/" INBOX\r\n'
            case b"EXAMINE":
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n" % count
            case b"SEARCH":
                return b"* SEARCH %b\r\n" % b" ".join(b"%d" % n for n in range(1, count + 1))
            case b"FETCH":
                return self.fetched(rest)
        return b""

    def fetched(self, rest: bytes) -> bytes:
        """Return the messages asked for by one UID or range."""
        first, _, last = rest.split()[2].partition(b":")
        found = b""
        for uid in range(int(first), int(last or first) + 1):
            raw = MESSAGE % (uid, self.user.partition(b"@")[0], uid)
            if b"BODY" in rest:
                found += b"* %d FETCH (UID %d FLAGS () BODY[] {%d}\r\n" % (uid, uid, len(raw))
                found += raw + b")\r\n"
            else:
                found += b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, uid, len(raw))
        return found


async def main(certificate: Path, key: Path) -> None:
    """Serve until the standard input ends."""
    boxes = Mailboxes()
    authority: Authority = None  # type: ignore[assignment]  # nothing is signed here
    context = Certificates(certificate, certificate, key, authority).server_context()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):  # a fetcher that is killed says no goodbye
            await Talk(boxes, reader, writer).run()

    server = await asyncio.start_server(talk, HOST, 0, ssl=context, backlog=BACKLOG)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        boxes.deliver(line.strip())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
