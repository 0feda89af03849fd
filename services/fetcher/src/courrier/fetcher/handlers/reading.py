"""Read messages without holding up the event loop: in slices, the large ones in a thread."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from courrier.fetcher.domain.received import Fetched
from courrier.mail.message import Summary
from courrier.mail.parse import summarise

SLICE_S = 0.004
"""Seconds of reading before others get a turn."""
LARGE_BYTES = 1024 * 1024
LIMIT_S = 60.0
"""Seconds for a large message; 90 MiB of an attachment take less than one."""

Read = Callable[[bytes], Summary]

log = structlog.get_logger(__name__)


async def summaries(
    messages: Sequence[Fetched], read: Read = summarise, limit_s: float = LIMIT_S
) -> list[Summary | None]:
    """Return what each message says, in order; None where ``read`` itself broke.

    A large one that takes longer than ``limit_s`` is None, too: it is stored and reported like any
    other, and may be read again after a fix.
    """
    loop = asyncio.get_running_loop()
    done: list[Summary | None] = []
    since = loop.time()
    for message in messages:
        if len(message.raw) > LARGE_BYTES:
            done.append(await _read_aside(message, read, limit_s))
        else:
            done.append(_read(message, read))
        if loop.time() - since > SLICE_S:
            await asyncio.sleep(0)
            since = loop.time()
    return done


async def _read_aside(message: Fetched, read: Read, limit_s: float) -> Summary | None:
    """Read in a thread, which nobody can end: it is left to itself when the time is up."""
    try:
        async with asyncio.timeout(limit_s):
            return await asyncio.to_thread(_read, message, read)
    except TimeoutError:
        log.warning("message.unreadable", uid=message.uid, size=len(message.raw), limit_s=limit_s)
        return None


def _read(message: Fetched, read: Read) -> Summary | None:
    """The reader promises never to raise; should it, one mail must not stop a mailbox."""
    try:
        return read(message.raw)
    except Exception:
        log.exception("message.unreadable", uid=message.uid, size=len(message.raw))
        return None
