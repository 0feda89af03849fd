"""What each step of fetching one message costs by itself, in CPU microseconds, on one core."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from courrier.events.blobs import ref_of
from courrier.events.jetstream.append import lines_of
from courrier.events.jetstream.blobs import lines_of_blobs
from courrier.events.jetstream.client import header_block
from courrier.fetcher.adapters.imap import replies
from courrier.fetcher.adapters.imap.wire import ResponseReader
from courrier.fetcher.domain.advance import Step, append_of, steps
from courrier.fetcher.domain.cursor import Cursor
from courrier.fetcher.domain.received import Fetched, Origin, message_received
from courrier.mail.parse import summarise
from support.builders import ACCOUNT, NOON

T = TypeVar("T")

ORIGIN = Origin(ACCOUNT, "INBOX", 1)
READ_BYTES = 64 * 1024


def step_costs(mail: Sequence[bytes]) -> dict[str, float]:
    """Return microseconds a message of each step; they overlap with nothing, and add up."""
    wire = b"".join(_response(uid, raw) for uid, raw in enumerate(mail, start=1))
    count = len(mail)
    costs: dict[str, float] = {}

    def step(name: str, work: Callable[[], T]) -> T:
        started = time.process_time()
        result = work()
        costs[name] = round((time.process_time() - started) / count * 1e6, 1)
        return result

    fetched = step("read responses", lambda: _read(wire))
    summaries = step("parse", lambda: [summarise(each.raw) for each in fetched])
    refs = step("sha-256", lambda: [ref_of(each.raw) for each in fetched])
    packed = step("zstd", lambda: lines_of_blobs([each.raw for each in fetched], refs))
    events = step(
        "build events",
        lambda: [
            message_received(ORIGIN, one, ref, summary)
            for one, ref, summary in zip(fetched, refs, summaries, strict=True)
        ],
    )
    appends = step(
        "cut into appends",
        lambda: [
            append_of(ORIGIN, Cursor(1), one, NOON)
            for one in steps(events, Step((), (), (1, count)))
        ],
    )
    lines = step("encode events", lambda: [line for new in appends for line in lines_of(new)])
    step("write headers", lambda: [header_block(headers) for _, headers, _ in (*lines, *packed)])
    return costs


def _response(uid: int, raw: bytes) -> bytes:
    items = b'UID %d FLAGS (\\Seen) INTERNALDATE "02-Mar-2026 12:00:00 +0000"' % uid
    return b"* %d FETCH (%b BODY[] {%d}\r\n%b)\r\n" % (uid, items, len(raw), raw)


def _read(wire: bytes) -> list[Fetched]:
    reader = ResponseReader()
    pieces = (wire[start : start + READ_BYTES] for start in range(0, len(wire), READ_BYTES))
    return [message for piece in pieces for message in replies.fetched(reader.feed(piece))]
