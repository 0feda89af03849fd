"""Uncertain messages that were met in a mailbox have left: what the Sent folder says is recorded.

It looks whenever ``MAILBOX`` or ``OUTBOUND`` moved the rows, whichever came first of the doubt and
the copy, and at times anyway.
"""

import asyncio

import structlog

from courrier.events.store import History
from courrier.sender.domain.orders import Prove
from courrier.sender.handlers.attempts import Attempts
from courrier.sender.handlers.patience import patiently
from courrier.sender.ports import Queue

LOOK_S = 30.0
PLACES = {
    "sent": "A copy of it was found in a Sent folder: it has left.",
    "received": "A copy of it was found in a mailbox: it has arrived.",
}

log = structlog.get_logger(__name__)


class Proving:
    """Settles what is uncertain by what was seen."""

    def __init__(self, queue: Queue, attempts: Attempts) -> None:
        self._queue = queue
        self._attempts = attempts
        self._changed = asyncio.Event()

    async def noted(self, _batch: History) -> None:
        """Take notice that the rows moved."""
        self._changed.set()

    async def run(self) -> None:
        """Look for ever; any number of processes may."""
        while True:
            self._changed.clear()
            await self.settle_seen()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def settle_seen(self) -> None:
        """Record what is seen of the messages that are uncertain now."""
        for seen in await patiently("delivery.seen", self._queue.seen):
            proof = Prove(seen.message_digest, PLACES[seen.place])
            await self._attempts.order(seen.email_id, proof)
