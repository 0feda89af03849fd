"""Work on an account: with a few connections, until told to stop."""

import asyncio

from courrier.events.runtime.retry import keep_running
from courrier.events.store import EventStore, StoreUnavailable
from courrier.fetcher.domain.accounts import Account
from courrier.fetcher.domain.connections import shares
from courrier.fetcher.handlers.condition import AccountCondition
from courrier.fetcher.handlers.waking import Alarm
from courrier.fetcher.handlers.watching import Means, Watcher


class Holder:
    """Works on accounts."""

    def __init__(self, means: Means, store: EventStore) -> None:
        self._means = means
        self._store = store

    async def work(self, account: Account, alarm: Alarm) -> None:
        """Work on the account until cancelled."""
        name = f"account {account.account_id}"
        await keep_running(name, lambda: self._watch(account, alarm), (StoreUnavailable,))

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
