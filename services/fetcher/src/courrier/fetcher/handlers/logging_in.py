"""Log in to an account's mail server: with what, and when it is this account's turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.failures import SIGN_IN_ENDED, CannotFetch
from courrier.fetcher.handlers.hosts import Hosts
from courrier.fetcher.handlers.secrets import AccountSecrets
from courrier.fetcher.ports import MailConnection, MailServers


@dataclass(frozen=True, slots=True)
class LogIn:
    """Logs in to accounts' servers."""

    servers: MailServers
    secrets: AccountSecrets
    hosts: Hosts

    @asynccontextmanager
    async def to(self, account: Account) -> AsyncIterator[MailConnection]:
        """Yield a connection that is logged in, once there is room at the server.

        Raises:
            CannotFetch: there is no password, or the server cannot be used.
        """
        secret = await self.secrets.of(account.login)
        async with self.hosts.place(account.imap.host, waits=True) as place:
            await place.enter()
            try:
                async with self.servers.connect(account.login, secret) as connection:
                    place.entered()
                    yield connection
            except CannotFetch as failure:
                place.failed(failure)
                if failure.problem == SIGN_IN_ENDED:
                    await self.secrets.refused(account.login)
                raise
