"""Leases in the stream ``LEASES``: one message a name that expires unless it is renewed.

Taking expects 'no message' on ``lease.<name>``, renewing expects our own last one: the same
optimistic concurrency as everywhere. Expiry is the broker's per-message TTL (ADR-43).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats.errors
import structlog
from nats.aio.client import Client

from courrier.events.lease import LEASE_S, RENEW_S, LeaseLost, LeaseTaken

ASK_TIMEOUT_S = 2.0
SHORTEST_TTL_S = 1

log = structlog.get_logger(__name__)


class JetStreamLeases:
    """``Leases`` over one connection; ``instance`` shows who holds what."""

    def __init__(self, client: Client, instance: str) -> None:
        self._client = client
        self._instance = instance

    @asynccontextmanager
    async def hold(self, name: str, *, waits: bool = True) -> AsyncIterator[None]:
        """Wait for the lease, then keep it while the body runs (see ``Leases.hold``)."""
        held = _Held(self._client, name, self._instance.encode())
        await held.take(waits=waits)
        log.info("lease.taken", lease=name)
        try:
            async with asyncio.TaskGroup() as tasks:
                keeper = tasks.create_task(held.keep())
                yield
                keeper.cancel()
        except BaseExceptionGroup as group:
            raise _cause(group) from None
        finally:
            await held.release()


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what ended the body: its own error as it was raised, or the loss of the lease.

    A task group wraps both; callers retry by type, so that they must see the error itself.
    """
    _, others = group.split(LeaseLost)
    if others is None:
        return LeaseLost(str(group.exceptions[0]))
    return others.exceptions[0] if len(others.exceptions) == 1 else others


class _Held:
    def __init__(self, client: Client, name: str, holder: bytes) -> None:
        self._client = client
        self._name = name
        self._holder = holder
        self._sequence = 0

    async def take(self, *, waits: bool) -> None:
        while not await self._write(LEASE_S):
            if not waits:
                raise LeaseTaken(f"the lease {self._name} is not free")
            await asyncio.sleep(RENEW_S / 2)  # the broker cannot tell us when it expires

    async def keep(self) -> None:
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        while True:
            await asyncio.sleep(RENEW_S)
            written = await self._write(LEASE_S)
            if written:
                renewed = loop.time()
            elif written is False or loop.time() - renewed > LEASE_S - RENEW_S:
                raise LeaseLost(f"the lease {self._name} is no longer ours")

    async def release(self) -> None:
        """Let the next one in after a second; a failure only means the longer wait."""
        if not await self._write(SHORTEST_TTL_S):
            log.info("lease.left-to-expire", lease=self._name)

    async def _write(self, ttl_s: int) -> bool | None:
        """Tell whether the lease is ours now; None when nobody answered."""
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(self._sequence),
            "Nats-TTL": f"{ttl_s}s",
        }
        try:
            answer = await self._client.request(
                f"lease.{self._name}", self._holder, timeout=ASK_TIMEOUT_S, headers=headers
            )
        except (TimeoutError, nats.errors.Error):
            return None
        self._sequence = int(json.loads(answer.data).get("seq", 0)) or self._sequence
        return "error" not in json.loads(answer.data)
