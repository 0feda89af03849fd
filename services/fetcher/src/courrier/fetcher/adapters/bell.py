"""``Bell`` over core NATS: a message on ``ping.fetcher.<account>`` that every instance hears.

Lost when the broker is away, which costs nothing: the poll comes round. Whoever asks for an
account's figures is heard the same way, and answered by the instance that holds it.
"""

from collections.abc import Callable

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from courrier.events.commands.figures import FIGURES_SUBJECT, AccountFigures

PREFIX = "ping.fetcher."
COMPARE = b"compare"

log = structlog.get_logger(__name__)


class NatsBell:
    """Rings and hears over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ring(self, account_id: str, *, compare: bool = False) -> None:
        """Ask for a look at the account now (see ``Bell.ring``)."""
        try:
            await self._client.publish(PREFIX + account_id, COMPARE if compare else b"")
        except nats.errors.Error as error:
            log.warning("bell.unheard", error=repr(error))

    async def listen(self, wake: Callable[[str], None], compare: Callable[[str], None]) -> None:
        """Call ``wake`` with each account that somebody rings for, from now on.

        Before it ``compare``, where its folders are to be compared with the server.
        """

        async def heard(message: Msg) -> None:
            account_id = message.subject.removeprefix(PREFIX)
            if message.data == COMPARE:
                compare(account_id)
            wake(account_id)

        await self._client.subscribe(PREFIX + "*", cb=heard)

    async def answer(self, figures_of: Callable[[str], AccountFigures | None]) -> None:
        """Answer with what ``figures_of`` knows of an account, from now on; else keep silent."""

        async def asked(message: Msg) -> None:
            figures = figures_of(message.subject.removeprefix(FIGURES_SUBJECT))
            if figures is None or not message.reply:
                return
            try:
                await message.respond(figures.model_dump_json().encode())
            except nats.errors.Error as error:
                log.warning("figures.untold", error=repr(error))

        await self._client.subscribe(FIGURES_SUBJECT + "*", cb=asked)
