"""A message that our reader cannot read is stored and reported all the same."""

import threading

from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.handlers.reading import LARGE_BYTES, summaries
from courrier.mail.message import Summary
from courrier.mail.parse import summarise
from support.builders import raw_message

GOOD = Fetched(1, raw_message("Hello\n", subject="good"))
BAD = Fetched(2, b"bad")
LARGE = Fetched(3, b"large" * LARGE_BYTES)


def subjects(read: list[Summary | None]) -> list[str | None]:
    """What was read."""
    return [one.subject if one else None for one in read]


async def test_a_reader_that_breaks_costs_one_message_its_summary() -> None:
    """A bug, or no memory left: its neighbours are read."""

    def breaks(raw: bytes) -> Summary:
        if raw == BAD.raw:
            raise MemoryError
        return summarise(raw)

    assert ["good", None, "good"] == subjects(await summaries([GOOD, BAD, GOOD], breaks))


async def test_a_reader_that_hangs_costs_one_message_its_summary() -> None:
    """Nobody waits for a large message longer than the limit."""
    ends = threading.Event()

    def hangs(raw: bytes) -> Summary:
        if raw == LARGE.raw:
            ends.wait(10)
        return summarise(raw[:1000])

    read = await summaries([GOOD, LARGE, GOOD], hangs, limit_s=0.01)
    ends.set()

    assert ["good", None, "good"] == subjects(read)
