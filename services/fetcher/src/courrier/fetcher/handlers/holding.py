"""Hold an account: one instance of the fetcher at a time, with a few connections.

The lease keeps a second instance away; what keeps the log right without it is the cursor.
"""

import asyncio

from courrier.events.lease import LeaseLost, Leases
from courrier.events.runtime.retry import keep_running
from courrier.events.store import EventStore, StoreUnavailable
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.connections import shares
from courrier.fetcher.handlers.condition import AccountCondition
from courrier.fetcher.handlers.waking import Alarm
from courrier.fetcher.handlers.watching import Means, Watcher


class Holder:
    """Works on accounts, each under its lease."""

    def __init__(self, means: Means, store: EventStore, leases: Leases) -> None:
        self._means = means
        self._store = store
        self._leases = leases

    async def work(self, account: Account, alarm: Alarm) -> None:
        """Hold the account until cancelled; a lost lease is waited for again."""

        async def held() -> None:
            async with self._leases.hold(f"fetcher.account.{account.account_id}"):
                await self._watch(account, alarm)

        await keep_running(f"account {account.account_id}", held, (LeaseLost, StoreUnavailable))

    async def _watch(self, account: Account, alarm: Alarm) -> None:
        condition = AccountCondition(
            account.account_id, account.folders, self._store, self._means.now
        )
        async with asyncio.TaskGroup() as tasks:
            for folders in shares(account.folders):
                watcher = Watcher(
                    self._means,
                    account,
                    folders=folders,
                    condition=condition,
                    wake=alarm.listen(),
                )
                tasks.create_task(watcher.run())
