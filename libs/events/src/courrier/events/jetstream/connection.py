"""One connection to NATS a process: it heals itself and notices a frozen server in seconds."""

import asyncio
from dataclasses import dataclass
from typing import Any

import nats.errors
import structlog
from nats.aio.client import Client

from courrier.events.jetstream.client import EventClient
from courrier.events.store import StoreUnavailable

PING_INTERVAL_S = 2
CONNECT_TIMEOUT_S = 2
FIRST_CONNECT_S = 6.0
"""Seconds for the first connection, in which several tries fit."""
RECONNECT_WAIT_S = 0.25
DRAIN_TIMEOUT_S = 5
PENDING_BYTES = 16 * 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where NATS is and who we are; ``name`` shows in the broker's connection list.

    ``url`` is one URL, or several of one cluster with commas between: any that answers is used.
    """

    url: str
    name: str
    user: str | None = None
    password: str | None = None
    inbox_prefix: str = "_INBOX"


async def connect(broker: Broker) -> Client:
    """Return a connection that heals itself.

    Raises:
        StoreUnavailable: the first connection cannot be made; the text says what to check.
    """
    client = EventClient()
    trouble: list[Exception] = []

    async def report_error(error: Exception) -> None:
        trouble[:] = [error]
        if client.is_connected or client.is_reconnecting:
            log.warning("broker.error", error=repr(error))

    async def report_lost() -> None:
        if not client.is_closed:
            log.warning("broker.lost")

    try:
        # With unlimited reconnects the client would try the first connection for ever too.
        async with asyncio.timeout(FIRST_CONNECT_S):
            await client.connect(
                **_options(broker),
                error_cb=report_error,
                disconnected_cb=report_lost,
                reconnected_cb=_report_back,
            )
    except (OSError, TimeoutError, nats.errors.Error) as error:
        why = trouble[-1] if trouble else error
        raise StoreUnavailable(
            f"cannot connect to NATS at {broker.url} as {broker.user or 'anonymous'}: {why}"
        ) from error
    return client


def _options(broker: Broker) -> dict[str, Any]:
    return {
        "servers": broker.url.split(","),
        "name": broker.name,
        "user": broker.user,
        "password": broker.password,
        "inbox_prefix": broker.inbox_prefix.encode(),
        "connect_timeout": CONNECT_TIMEOUT_S,
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RECONNECT_WAIT_S,
        "ping_interval": PING_INTERVAL_S,
        "max_outstanding_pings": 2,
        "drain_timeout": DRAIN_TIMEOUT_S,
        "pending_size": PENDING_BYTES,
    }


async def _report_back() -> None:
    log.info("broker.reconnected")
