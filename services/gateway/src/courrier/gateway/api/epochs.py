"""Whether the log is still the one that clients know: after a restore everybody starts anew."""

import asyncio

import structlog
from nats.aio.client import Client

from courrier.events.jetstream.epoch import epoch_of
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import view_changes

LOOK_EVERY_S = 3.0

log = structlog.get_logger(__name__)


async def begin_epoch(gateway: Gateway, client: Client) -> bool:
    """Learn which log this is; return whether it is another one than this process knew.

    Raises:
        StoreUnavailable: the broker did not answer.
    """
    number = await epoch_of(client)
    if await view_changes.begin_epoch(gateway.pool, number):
        log.warning("log.restored", epoch=number)
    was, gateway.epoch.number = gateway.epoch.number, number
    return was != number


async def watch_epoch(gateway: Gateway, client: Client) -> None:
    """Look again and again, and wake whoever listens when the log has become another."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        if await begin_epoch(gateway, client):
            await gateway.changes.ring()
