"""``MailServers`` over IMAP4rev1 and IMAP4rev2: connections are made, lent, and given back."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from aioimaplib.aioimaplib import LOGOUT

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import Contexts
from courrier.fetcher.adapters.imap import session
from courrier.fetcher.adapters.imap.connection import ImapConnection
from courrier.fetcher.adapters.imap.errors import FAILURES, failure
from courrier.fetcher.adapters.imap.inspecting import inspect
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.domain.addresses import is_allowed
from courrier.fetcher.ports import Inspected, MailConnection

CONNECTING = 20
"""Connections being made at once in one process: TLS handshakes cost CPU on both sides."""
GOODBYE_TIMEOUT_S = 1.0


class ImapMailServers:
    """Reaches mail servers; certificates are checked by ``context`` unless an account adds to it.

    ``private_servers``: whether one may be at a private or loopback address.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        extra_ca_file: Path | None = None,
        private_servers: bool = True,
    ) -> None:
        self._contexts = Contexts(context, extra_ca_file)
        self._may_be_at = partial(is_allowed, private=private_servers)
        self._connecting = asyncio.Semaphore(CONNECTING)

    @asynccontextmanager
    async def connect(self, server: Server, secret: str) -> AsyncIterator[MailConnection]:
        """Connect and log in (see ``MailServers.connect``); log out when the body ends."""
        try:
            async with self._connecting:
                protocol = await session.connect(server, self.way_to(server))
                try:
                    can = await session.log_in(protocol, server, secret)
                except BaseException:
                    protocol.abort()
                    raise
        except FAILURES as error:
            raise failure(error, server) from error
        try:
            connection = ImapConnection(protocol, server, can)
            await connection.enable_utf8_names()
            yield connection
            await _say_goodbye(protocol)
        finally:
            protocol.abort()

    async def inspect(self, server: Server, secret: str, folders: Sequence[str]) -> Inspected:
        """Try a mailbox (see ``MailServers.inspect``)."""
        try:
            way = self.way_to(server)
        except ssl.SSLError as error:
            return Inspected("tls", failure=failure(error, server))
        return await inspect(way, server, secret, folders)

    def way_to(self, server: Server) -> session.Way:
        """Return how this server is reached; raises ``ssl.SSLError`` for bad authorities."""
        return session.Way(self._contexts.of(server), self._may_be_at)


async def _say_goodbye(protocol: ImapProtocol) -> None:
    """Log out politely; the connection is closed in any case."""
    with suppress(*FAILURES):
        async with asyncio.timeout(GOODBYE_TIMEOUT_S):
            await protocol.ask("LOGOUT")
    protocol.enter(LOGOUT)
