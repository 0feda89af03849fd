"""Read messages without holding up the event loop: in slices, the large ones in a thread."""

import asyncio
from collections.abc import Sequence

import structlog

from courrier.fetcher.domain.received import Fetched
from courrier.mail.message import Summary
from courrier.mail.parse import summarise

SLICE_S = 0.004
"""Seconds of reading before others get a turn."""
LARGE_BYTES = 1024 * 1024

log = structlog.get_logger(__name__)


async def summaries(messages: Sequence[Fetched]) -> list[Summary | None]:
    """Return what each message says, in order; None where the reader itself broke."""
    loop = asyncio.get_running_loop()
    done: list[Summary | None] = []
    since = loop.time()
    for message in messages:
        if len(message.raw) > LARGE_BYTES:
            done.append(await asyncio.to_thread(_read, message))
        else:
            done.append(_read(message))
        if loop.time() - since > SLICE_S:
            await asyncio.sleep(0)
            since = loop.time()
    return done


def _read(message: Fetched) -> Summary | None:
    """The reader promises never to raise; should it, one mail must not stop a mailbox."""
    try:
        return summarise(message.raw)
    except Exception:
        log.exception("message.unreadable", uid=message.uid, size=len(message.raw))
        return None
