"""The bell that rings when rows were committed: at once here, by core NATS everywhere else.

A lost ring costs ``PATIENCE_S`` at most: whoever listens looks again by itself.
"""

import asyncio
from collections.abc import AsyncGenerator

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

SUBJECT = "ping.gateway"
PATIENCE_S = 1.0

log = structlog.get_logger(__name__)


class NatsBell:
    """``Changes`` over core NATS; one subscription a process, any number of listeners."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._rung = asyncio.Event()
        self._stopped = False

    async def start(self) -> None:
        """Hear what other instances ring."""
        await self._client.subscribe(SUBJECT, cb=self._heard)

    async def ring(self) -> None:
        """Wake the listeners of this process, then those of the others."""
        self._wake()
        try:
            await self._client.publish(SUBJECT, b"")
        except (nats.errors.Error, OSError) as error:
            log.info("bell.unheard", error=repr(error))

    def stop(self) -> None:
        """End every listener: the process is about to stop."""
        self._stopped = True
        self._wake()

    async def listen(self) -> AsyncGenerator[None, None]:
        """Yield after each ring and every ``PATIENCE_S``, until ``stop``."""
        while not self._stopped:
            rung = self._rung
            yield
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await rung.wait()
            except TimeoutError:
                continue

    def _wake(self) -> None:
        self._rung.set()
        self._rung = asyncio.Event()

    async def _heard(self, _: Msg) -> None:
        self._wake()
