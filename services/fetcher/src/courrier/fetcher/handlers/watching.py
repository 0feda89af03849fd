"""One connection of one account, for ever: bring its folders in step, wait for news, repeat.

A failure closes the connection and is waited out here; it touches no other account.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey, SecretMissing, Vault
from courrier.fetcher.domain import backoff
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.failures import CannotFetch, FolderMissing
from courrier.fetcher.domain.folders import Folder, find, special_use
from courrier.fetcher.domain.received import Origin
from courrier.fetcher.handlers.condition import AccountCondition
from courrier.fetcher.handlers.stopping import stop_if_asked
from courrier.fetcher.handlers.storing import Clock
from courrier.fetcher.handlers.syncing import Synchroniser
from courrier.fetcher.ports import MailConnection, MailServers

LONGEST_IDLE_S = 540.0
"""Seconds of one IDLE: routers forget a silent connection after ten minutes or more."""
PASSING = frozenset({"disconnected", "timed-out"})
"""What happens to any connection now and then: told only when it happens twice in a row."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What watching needs; ``chance`` gives numbers between 0 and 1."""

    servers: MailServers
    vault: Vault
    synchroniser: Synchroniser
    now: Clock
    chance: Callable[[], float]
    poll_s: float


class Watcher:
    """Watches ``folders`` of an account over one connection; the first one by push."""

    def __init__(
        self,
        means: Means,
        account: Account,
        *,
        folders: Sequence[str],
        condition: AccountCondition,
        wake: asyncio.Event,
    ) -> None:
        self._means = means
        self._account = account
        self._folders = folders
        self._condition = condition
        self._wake = wake
        self._failures = 0

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            stop_if_asked()
            try:
                await self._session()
            except CannotFetch as failure:
                await self._wait_out(failure)
            except StoreUnavailable as error:
                log.warning("account.waits", account=self._account.account_id, error=str(error))
                self._failures += 1
                await self._sleep(backoff.log_wait_s(self._failures, self._means.chance()))
            except Exception as error:  # a bug must stop one account only
                log.exception("account.broken", account=self._account.account_id)
                text = f"Courrier failed on this account ({type(error).__name__}); see its log."
                await self._wait_out(CannotFetch("server-error", text))

    async def _session(self) -> None:
        password = await self._password()
        async with self._means.servers.connect(self._account.imap, password) as connection:
            listing = await connection.folders()
            while True:
                self._wake.clear()
                if not await self._look(connection, listing):
                    listing = await connection.folders()
                stop_if_asked()
                wait_s = min(self._means.poll_s, LONGEST_IDLE_S)
                await connection.wait_for_news(wait_s, self._wake)

    async def _look(self, connection: MailConnection, listing: Sequence[Folder]) -> bool:
        """Bring every folder in step, the first one last: it stays open and is watched.

        Return False when a folder was not in the listing, which may have become old.
        """
        missing: list[FolderMissing] = []
        for wanted in (*self._folders[1:], self._folders[0]):
            try:
                await self._sync(connection, wanted, listing)
                await self._condition.succeeded(wanted)
            except FolderMissing as failure:
                missing.append(failure)
                await self._tell(wanted, failure, self._means.poll_s)
        self._begin_anew()
        if len(missing) == len(self._folders):
            raise missing[0]
        return not missing

    async def _sync(
        self, connection: MailConnection, wanted: str, listing: Sequence[Folder]
    ) -> None:
        folder = find(wanted, listing)
        if folder is None:
            raise FolderMissing(wanted)
        opened = await connection.open(folder.name)
        origin = Origin(
            self._account.account_id,
            folder.name,
            opened.uidvalidity,
            special_use(folder, listing),
        )
        since = self._account.fetch_since
        await self._means.synchroniser.sync(connection, origin, since, self._begin_anew)

    def _begin_anew(self) -> None:
        """Something was recorded: the next failure is the first in a row."""
        self._failures = 0

    async def _password(self) -> str:
        try:
            secret = await self._means.vault.get(self._account.secret)
        except (SecretMissing, BadMasterKey) as error:
            raise CannotFetch(
                "log-in-refused", "No password is stored for this account: enter it again."
            ) from error
        return secret.value.decode()

    async def _wait_out(self, failure: CannotFetch) -> None:
        self._failures += 1
        wait_s = backoff.wait_s(failure.reason, self._failures, self._means.chance())
        log.info(
            "account.failed",
            account=self._account.account_id,
            reason=failure.reason,
            wait_s=round(wait_s, 1),
        )
        if failure.reason not in PASSING or self._failures > 1:
            with suppress(StoreUnavailable):  # it is told again after the next try
                for folder in self._folders:
                    await self._tell(folder, failure, wait_s)
        await self._sleep(wait_s)

    async def _sleep(self, wait_s: float) -> None:
        stop_if_asked()
        with suppress(TimeoutError):  # wait_for of Python 3.11 can lose a cancellation
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        self._wake.clear()

    async def _tell(self, folder: str, failure: CannotFetch, wait_s: float) -> None:
        retry_at = self._means.now() + timedelta(seconds=wait_s)
        await self._condition.failed(folder, failure, retry_at)
