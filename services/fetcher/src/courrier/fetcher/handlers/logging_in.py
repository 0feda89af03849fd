"""Log in to an account's mail server: with what, and when it is this account's turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from courrier.events.vault import BadMasterKey, SecretMissing, Vault
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.failures import CannotFetch
from courrier.fetcher.handlers.hosts import Hosts
from courrier.fetcher.ports import MailConnection, MailServers


@dataclass(frozen=True, slots=True)
class LogIn:
    """Logs in to accounts' servers."""

    servers: MailServers
    vault: Vault
    hosts: Hosts

    @asynccontextmanager
    async def to(self, account: Account) -> AsyncIterator[MailConnection]:
        """Yield a connection that is logged in, once there is room at the server.

        Raises:
            CannotFetch: there is no password, or the server cannot be used.
        """
        password = await password_of(self.vault, account)
        async with self.hosts.place(account.imap.host, waits=True) as place:
            await place.enter()
            try:
                async with self.servers.connect(account.imap, password) as connection:
                    place.entered()
                    yield connection
            except CannotFetch as failure:
                place.failed(failure)
                raise


async def password_of(vault: Vault, account: Account) -> str:
    """Return an account's password.

    Raises:
        CannotFetch: there is none, or it cannot be opened.
    """
    try:
        secret = await vault.get(account.secret)
    except (SecretMissing, BadMasterKey) as error:
        raise CannotFetch(
            "log-in-refused", "No password is stored for this account: enter it again."
        ) from error
    return secret.value.decode()
