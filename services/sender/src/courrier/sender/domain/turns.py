"""Whose turn it is: fair between accounts, within what an account and a domain may be given.

Counters of one process, over times that are handed in. Every account with something due gets a
line before one that had its turn later; limits are messages a minute, as a bucket that fills
evenly, and dialogues at once.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

MINUTE_S = 60.0
KNOWN = 10_000
"""Accounts and domains whose last turn and speed are remembered."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose next attempt is due, as far as the tables know.

    ``was_held``: its account's server asked to be left alone the last time. ``turn_at`` is since
    when it is due.
    """

    email_id: str
    account_id: str
    domains: tuple[str, ...] = ()
    was_held: bool = False
    turn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Dialogues at once, in all, with one account's server, and to one domain; messages a minute.

    0 a minute means as many as there are.
    """

    overall: int = 20
    per_account: int = 2
    per_domain: int = 10
    account_per_minute: int = 300
    domain_per_minute: int = 600


class Turns:
    """Who is being served, who was served when, and how fast."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._open: Counter[str] = Counter()
        self._count = 0
        self._served: OrderedDict[str, int] = OrderedDict()
        self._number = 0
        self._speed: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    @property
    def free(self) -> int:
        """Return how many dialogues may begin now, in all."""
        return self._limits.overall - self._count

    def choose(self, due: Iterable[Due], now: datetime) -> Iterator[Due]:
        """Yield those that may begin, the accounts that waited longest for a turn first.

        ``begin`` is to be called with each one before the next is taken.
        """
        waiting: OrderedDict[str, list[Due]] = OrderedDict()
        for each in due:
            waiting.setdefault(each.account_id, []).append(each)
        while waiting and self.free > 0:
            account = min(waiting, key=lambda key: self._served.get(key, 0))
            queue = waiting[account]
            chosen = next((d for d in queue if self._wait_s(d, now) == 0.0), None)
            if chosen is None or self._open[f"a{account}"] >= self._limits.per_account:
                del waiting[account]
                continue
            queue.remove(chosen)
            yield chosen

    def begin(self, due: Due, now: datetime) -> None:
        """A dialogue begins."""
        self._count += 1
        self._number += 1
        _remember(self._served, due.account_id, self._number)
        for key, _ in self._concurrent(due):
            self._open[key] += 1
        for key, rate in self._rates(due):
            level, _ = self._level(key, rate, now)
            _remember(self._speed, key, (level - 1.0, now))

    def end(self, due: Due) -> None:
        """It is over."""
        self._count -= 1
        for key, _ in self._concurrent(due):
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def next_free(self, due: Iterable[Due], now: datetime) -> datetime | None:
        """Return when the first of these that go too fast may begin; None: none does."""
        waits = [wait for each in due if (wait := self._speed_wait_s(each, now)) > 0]
        return now + timedelta(seconds=min(waits)) if waits else None

    def _wait_s(self, due: Due, now: datetime) -> float:
        if any(self._open[key] >= most for key, most in self._concurrent(due)):
            return MINUTE_S
        return self._speed_wait_s(due, now)

    def _speed_wait_s(self, due: Due, now: datetime) -> float:
        waits = [0.0]
        for key, rate in self._rates(due):
            level, per_s = self._level(key, rate, now)
            waits.append(max(0.0, (1.0 - level) / per_s))
        return max(waits)

    def _level(self, key: str, rate: int, now: datetime) -> tuple[float, float]:
        """Return what is left in a bucket, a minute's worth at most, and how fast it fills."""
        per_s = rate / MINUTE_S
        level, at = self._speed.get(key, (float(rate), now))
        return min(float(rate), level + max(0.0, (now - at).total_seconds()) * per_s), per_s

    def _concurrent(self, due: Due) -> list[tuple[str, int]]:
        domains = [(f"d{domain}", self._limits.per_domain) for domain in due.domains]
        return [(f"a{due.account_id}", self._limits.per_account), *domains]

    def _rates(self, due: Due) -> list[tuple[str, int]]:
        account = (f"a{due.account_id}", self._limits.account_per_minute)
        domains = [(f"d{domain}", self._limits.domain_per_minute) for domain in due.domains]
        return [(key, rate) for key, rate in (account, *domains) if rate]


def _remember(known: "OrderedDict[str, T]", key: str, value: T) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > KNOWN:
        known.popitem(last=False)
