"""``Bell`` over core NATS: a message on ``ping.fetcher.<account>`` that every instance hears.

Lost when the broker is away, which costs nothing: the poll comes round.
"""

from collections.abc import Callable

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

PREFIX = "ping.fetcher."

log = structlog.get_logger(__name__)


class NatsBell:
    """Rings and hears over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ring(self, account_id: str) -> None:
        """Ask for a look at the account now (see ``Bell.ring``)."""
        try:
            await self._client.publish(PREFIX + account_id)
        except nats.errors.Error as error:
            log.warning("bell.unheard", error=repr(error))

    async def listen(self, wake: Callable[[str], None]) -> None:
        """Call ``wake`` with each account that somebody rings for, from now on."""

        async def heard(message: Msg) -> None:
            wake(message.subject.removeprefix(PREFIX))

        await self._client.subscribe(PREFIX + "*", cb=heard)
