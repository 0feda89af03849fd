"""Say how it goes: one account to whoever asks, sums of all to Prometheus."""

import asyncio
from collections import Counter
from typing import get_args

from courrier.events.commands.figures import AccountFigures, Push, State
from courrier.fetcher.handlers.figures import Figures
from courrier.fetcher.handlers.gauges import ACCOUNTS, CONNECTIONS, LAG, PUSH
from courrier.fetcher.handlers.storing import Clock

COUNT_S = 5.0
"""Seconds between two counts for Prometheus."""


class Enquiries:
    """Knows the figures of the accounts that this instance holds."""

    def __init__(self, figures: dict[str, Figures], instance: str, now: Clock) -> None:
        self._figures = figures
        self._instance = instance
        self._now = now

    def answer(self, account_id: str) -> AccountFigures | None:
        """Return an account's figures; None: another instance holds it, or none."""
        figures = self._figures.get(account_id)
        return figures.told(self._instance, self._now()) if figures else None

    async def count(self) -> None:
        """Keep the sums for Prometheus up to date, until cancelled."""
        while True:
            self._count()
            await asyncio.sleep(COUNT_S)

    def _count(self) -> None:
        now, all_of_them = self._now(), list(self._figures.values())
        states = Counter(one.state for one in all_of_them)
        pushes = Counter(one.push for one in all_of_them)
        for state in get_args(State):
            ACCOUNTS.labels(state).set(states[state])
        for push in get_args(Push):
            PUSH.labels(push).set(pushes[push])
        CONNECTIONS.set(sum(one.connections for one in all_of_them))
        healthy = (one.lag_s(now) for one in all_of_them if one.state in {"idle", "syncing"})
        LAG.set(max((lag for lag in healthy if lag is not None), default=0.0))
