"""What each step of fetching one message costs by itself, in CPU microseconds, on one core."""

import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from courrier.events.blobs import ref_of
from courrier.events.jetstream.append import lines_of
from courrier.events.jetstream.blobs import lines_of_blobs
from courrier.events.jetstream.client import header_block
from courrier.events.packing import pack
from courrier.fetcher.adapters.imap import replies
from courrier.fetcher.adapters.imap.wire import ResponseReader
from courrier.fetcher.adapters.readers import frames
from courrier.fetcher.domain.advance import Step, append_of, steps
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.reading import Reading, Written
from courrier.fetcher.domain.received import Fetched, Origin, written
from courrier.mail.headers.origin import way_of
from courrier.mail.parse import summarise
from support.builders import ACCOUNT, NOON
from support.certificates import Certificates

T = TypeVar("T")

ORIGIN = Origin(ACCOUNT, "INBOX", 1)
READ_BYTES = 64 * 1024
BATCH = 200


@dataclass(slots=True)
class _Stopwatch:
    count: int
    costs: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, work: Callable[[], T]) -> T:
        """Do the work and note what a message of it costs."""
        started = time.process_time()
        result = work()
        self.costs[name] = round((time.process_time() - started) / self.count * 1e6, 1)
        return result


def step_costs(mail: Sequence[bytes], certificates: Certificates) -> dict[str, float]:
    """Return microseconds a message of each step; they overlap with nothing, and add up.

    ``fetcher`` is the fetcher's own process, ``reader`` those beside it that read; ``to`` and
    ``from`` are copies, without the system's part. What is not named is asyncio and the system.
    """
    watch = _Stopwatch(len(mail))
    wire = b"".join(_response(uid, raw) for uid, raw in enumerate(mail, start=1))
    client, encrypted = _encrypted(wire, certificates)
    watch.step("fetcher: decrypt", lambda: _decrypt(client, encrypted))
    fetched = watch.step("fetcher: read responses", lambda: _read(wire))
    readings = _read_beside(fetched, watch)
    _store(readings, watch)
    return watch.costs


def _read_beside(fetched: Sequence[Fetched], watch: _Stopwatch) -> list[Reading]:
    """Do what a process that reads does, and what goes there and comes back."""
    batches = [fetched[start : start + BATCH] for start in range(0, len(fetched), BATCH)]
    asked = watch.step(
        "fetcher: to reader", lambda: [_sent(*frames.request(ORIGIN, one)) for one in batches]
    )
    raws = watch.step(
        "reader: take", lambda: [m.raw for one in asked for m in frames.requested(one)[1]]
    )
    summaries = watch.step("reader: parse", lambda: [summarise(raw) for raw in raws])
    watch.step("reader: way it came", lambda: [way_of(raw, "ada@example.test") for raw in raws])
    refs = watch.step("reader: sha-256", lambda: [ref_of(raw) for raw in raws])
    blobs = watch.step("reader: zstd", lambda: pack(raws, refs))
    bodies = watch.step(
        "reader: write events (with the way)",
        lambda: [
            written(ORIGIN, one, ref, summary)
            for one, ref, summary in zip(fetched, refs, summaries, strict=True)
        ],
    )
    readings = [
        Reading(Written(one.uid, body), blob)
        for one, body, blob in zip(fetched, bodies, blobs, strict=True)
    ]
    answer = watch.step("reader: answer", lambda: _sent(*frames.answer(readings)))
    return watch.step("fetcher: from reader", lambda: frames.answered(answer))


def _store(readings: Sequence[Reading], watch: _Stopwatch) -> None:
    messages = [one.message for one in readings]
    whole = Step((), (), (1, len(messages)))
    appends = watch.step(
        "fetcher: cut into appends",
        lambda: [append_of(ORIGIN, Cursor(1), one, NOON) for one in steps(messages, whole)],
    )
    lines = watch.step(
        "fetcher: envelopes", lambda: [line for new in appends for line in lines_of(new)]
    )
    blobs = watch.step("fetcher: chunks", lambda: lines_of_blobs(one.blob for one in readings))
    watch.step(
        "fetcher: write headers",
        lambda: [header_block(headers) for _, headers, _ in (*lines, *blobs)],
    )


def _sent(head: object, parts: Sequence[bytes]) -> frames.Frame:
    """Return what arrives: the head as JSON and back, the bytes end to end."""
    return frames.decoded(frames.encoded(head)), memoryview(b"".join(parts))


def _response(uid: int, raw: bytes) -> bytes:
    items = b'UID %d FLAGS (\\Seen) INTERNALDATE "02-Mar-2026 12:00:00 +0000"' % uid
    return b"* %d FETCH (%b BODY[] {%d}\r\n%b)\r\n" % (uid, items, len(raw), raw)


def _read(wire: bytes) -> list[Fetched]:
    reader = ResponseReader()
    pieces = (wire[start : start + READ_BYTES] for start in range(0, len(wire), READ_BYTES))
    return [message for piece in pieces for message in replies.fetched(reader.feed(piece))]


def _encrypted(data: bytes, certificates: Certificates) -> tuple[ssl.SSLObject, ssl.MemoryBIO]:
    """Return a client, and the bytes as a server has encrypted them for it."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = certificates.server_context().wrap_bio(up, down, server_side=True)
    context = certificates.client_context()
    context.check_hostname = False
    client = context.wrap_bio(down, up)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    for start in range(0, len(data), 16 * 1024):
        server.write(data[start : start + 16 * 1024])
    return client, down


def _decrypt(client: ssl.SSLObject, encrypted: ssl.MemoryBIO) -> int:
    """Read all of it; return how much it was."""
    size = 0
    while encrypted.pending:
        size += len(client.read(256 * 1024))
    return size
