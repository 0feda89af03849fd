"""What a folder's cursor knows of it in numbers, so that nobody has to take our word for it.

Everything here is folded from the folder's own events and written into each: how many messages
were received, how many are left out and why, and which ones the server owes us.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from courrier.events.families.mailbox import FolderAdvanced, LeftOut, OwedUid, SkippedUid
from courrier.fetcher.domain.scope import Scope

UNDELIVERED = "undelivered"
"""Listed by the server, asked for again, and never sent: a defect of the server."""
MOST_OWED = 200
"""Owed messages that are remembered one by one; the daily comparison finds the others."""
ASK_AGAIN = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=16),
)
COMPARE_AFTER = timedelta(hours=24)
SPREAD_S = 6 * 3600
"""Folders that were read at once are compared up to so many seconds apart."""

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The numbers of one folder under one UIDVALIDITY; ``scope`` None: nothing was read yet."""

    held: int = 0
    left_out: Counts = ()
    owed: tuple[OwedUid, ...] = ()
    scope: Scope | None = None
    compared_at: datetime | None = None

    def after(
        self, received: Iterable[int], skipped: Sequence[SkippedUid], scope: Scope, now: datetime
    ) -> "Ledger":
        """Return the ledger once these UIDs are received and those left out."""
        came = set(received)
        known = {one.uid for one in self.owed}
        counts = Counter(dict(self.left_out))
        counts.update(one.reason for one in skipped if one.uid not in known)
        counts[UNDELIVERED] -= len(known & came)
        counts[UNDELIVERED] -= len(
            {one.uid for one in skipped if one.reason != UNDELIVERED} & known
        )
        return Ledger(
            self.held + len(came),
            counted(counts),
            self._owed_after(came, skipped, now),
            scope if self.scope is None else self.scope.narrowed(scope),
            self.compared_at or now,
        )

    def due(self, now: datetime) -> tuple[int, ...]:
        """Return the UIDs that the server is to be asked for again now."""
        return tuple(one.uid for one in self.owed if one.retry_at and one.retry_at <= now)

    def wants_comparing(self, scope: Scope, now: datetime, name: str) -> bool:
        """Tell whether the folder is to be held against the server, message by message.

        That is: more is wanted than before, or it was last done a day ago. ``name`` spreads
        folders over some hours.
        """
        if self.scope is None:
            return False
        if self.compared_at is None or scope.reach_beyond(self.scope):
            return True
        spread = timedelta(seconds=crc32(name.encode()) % SPREAD_S)
        return now >= self.compared_at + COMPARE_AFTER + spread

    def _owed_after(
        self, came: set[int], skipped: Sequence[SkippedUid], now: datetime
    ) -> tuple[OwedUid, ...]:
        settled = came | {one.uid for one in skipped}
        tries = {one.uid: one.tries for one in self.owed}
        again = (one.uid for one in skipped if one.reason == UNDELIVERED)
        owed = [one for one in self.owed if one.uid not in settled]
        owed += [_owed(uid, tries.get(uid, 0) + 1, now) for uid in again]
        return tuple(owed[:MOST_OWED])

    def recounted(
        self, held: int, skipped: Sequence[SkippedUid], scope: Scope, now: datetime
    ) -> "Ledger":
        """Return the ledger after a comparison: counted anew, and read under ``scope``."""
        counts = Counter(one.reason for one in skipped)
        still = {one.uid for one in skipped if one.reason == UNDELIVERED}
        owed = [one for one in self.owed if one.uid in still]
        new = still - {one.uid for one in owed}
        owed += [_owed(uid, 1, now) for uid in sorted(new)]
        return Ledger(held, counted(counts), tuple(owed[:MOST_OWED]), scope, now)


def counted(counts: Counter[str]) -> Counts:
    """Return counts in a fixed order, without what there is none of."""
    return tuple(sorted((reason, count) for reason, count in counts.items() if count > 0))


def ledger_of(event: FolderAdvanced) -> Ledger:
    """Return what the folder's last event tells."""
    scope = Scope(event.since) if event.largest is None else Scope(event.since, event.largest)
    return Ledger(
        event.held,
        tuple((one.reason, one.count) for one in event.left_out),
        event.owed,
        scope,
        event.compared_at,
    )


def left_out(ledger: Ledger) -> tuple[LeftOut, ...]:
    """Return the counts as an event carries them."""
    return tuple(LeftOut(reason=reason, count=count) for reason, count in ledger.left_out)


def _owed(uid: int, tries: int, now: datetime) -> OwedUid:
    wait = ASK_AGAIN[tries - 1] if tries <= len(ASK_AGAIN) else None
    return OwedUid(uid=uid, tries=tries, retry_at=now + wait if wait else None)
