"""Which messages to ask for together: newest first, bounded in number and bytes, each once.

A *window* is a run of missing UIDs whose sizes are asked for in one go; a window is cut into
*batches*, and a batch is one FETCH and one atomic append. Each covers a range of UIDs with no
hole: what lies in it and is in no batch is settled already or does not exist, because the server
was asked for all UIDs there and a UID, once passed, is never given out again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import takewhile

from courrier.events.blobs import BLOB_LIMIT
from courrier.events.families.mailbox import SkippedUid
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import Span, UidSet

WINDOW_UIDS = 500
BATCH_MESSAGES = 100
BATCH_BYTES = 4 * 1024 * 1024
"""Bytes of raw messages in one FETCH, by RFC822.SIZE; one larger message goes alone."""
MAX_SPANS = 200
"""Ranges that a cursor may have before its holes are filled first."""

TOO_OLD = "too-old"
TOO_LARGE = "too-large"
VANISHED = "vanished"
UNDELIVERED = "undelivered"
"""Listed before and after, asked for twice, and never sent: a defect of the server."""

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server says of a message before it is fetched: ``size`` in bytes, INTERNALDATE."""

    uid: int
    size: int
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Missing ``uids``, descending, and the range that is settled once they are."""

    uids: tuple[int, ...]
    covers: Span


@dataclass(frozen=True, slots=True)
class Batch:
    """UIDs to fetch, descending, with their sizes; others left out with a reason; the range."""

    messages: tuple[Listed, ...]
    skipped: tuple[SkippedUid, ...]
    covers: Span

    @property
    def size(self) -> int:
        """Bytes announced by the server."""
        return sum(message.size for message in self.messages)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a batch; ``undelivered`` are still on the server and were not sent."""

    batch: Batch
    messages: tuple[Fetched, ...]
    undelivered: frozenset[int] = frozenset()

    @property
    def settled(self) -> int:
        """How many UIDs need no other look: fetched, or left out with a reason."""
        return len(self.batch.messages) + len(self.batch.skipped)

    @property
    def skipped(self) -> tuple[SkippedUid, ...]:
        """All of the batch that did not come, with reasons."""
        came = {message.uid for message in self.messages}
        missed = (one.uid for one in self.batch.messages if one.uid not in came)
        return (
            *self.batch.skipped,
            *(SkippedUid(uid=uid, reason=self._reason(uid)) for uid in missed),
        )

    def _reason(self, uid: int) -> str:
        return UNDELIVERED if uid in self.undelivered else VANISHED


def windows(settled: UidSet, existing: Sequence[int], size: int = WINDOW_UIDS) -> list[Window]:
    """Cut what ``existing`` has and ``settled`` has not into windows, newest first.

    Above the highest existing UID nothing is covered: more will come there.
    """
    missing = settled.missing_of(existing)[::-1]
    runs = [missing[start : start + size] for start in range(0, len(missing), size)]
    if not runs:
        return []
    tops = [runs[0][0], *(run[-1] - 1 for run in runs)]
    bottoms = [*(run[-1] for run in runs[:-1]), 1]
    cut = [
        Window(tuple(run), (bottom, top))
        for run, bottom, top in zip(runs, bottoms, tops, strict=False)
    ]
    if len(settled.spans) < MAX_SPANS:
        return cut
    return _holes_first(settled, cut)


def _holes_first(settled: UidSet, cut: list[Window]) -> list[Window]:
    """Put windows below the newest settled UID first: they join ranges, where others add one."""
    newest = settled.spans[-1][1]
    return [w for w in cut if w.covers[0] <= newest] + [w for w in cut if w.covers[0] > newest]


def batches(window: Window, listed: Mapping[int, Listed], since: date | None) -> list[Batch]:
    """Cut a window into batches, newest first; together they cover exactly the window.

    A UID that the server did not list has vanished since the search.
    """
    cut: list[Batch] = []
    left, top = list(window.uids), window.covers[1]
    while left:
        taken = _take(left, listed, since)
        del left[: len(taken)]
        bottom = taken[-1] if left else window.covers[0]
        cut.append(_batch(taken, listed, since, (bottom, top)))
        top = bottom - 1
    return cut


def _take(uids: Sequence[int], listed: Mapping[int, Listed], since: date | None) -> list[int]:
    """Return how many of the first UIDs fit into one FETCH, one at least."""
    count, size = 0, 0

    def fits(uid: int) -> bool:
        nonlocal count, size
        if refusal(listed.get(uid), since) is None:
            count, size = count + 1, size + listed[uid].size
        return count <= 1 or (count <= BATCH_MESSAGES and size <= BATCH_BYTES)

    return list(takewhile(fits, uids))


def _batch(
    uids: Sequence[int], listed: Mapping[int, Listed], since: date | None, covers: Span
) -> Batch:
    reasons = {uid: refusal(listed.get(uid), since) for uid in uids}
    wanted = tuple(listed[uid] for uid, reason in reasons.items() if reason is None)
    skipped = tuple(SkippedUid(uid=u, reason=r) for u, r in reasons.items() if r is not None)
    return Batch(wanted, skipped, covers)


def refusal(message: Listed | None, since: date | None) -> str | None:
    """Return why a message is not fetched, or None."""
    if message is None:
        return VANISHED
    if message.size > BLOB_LIMIT:
        return TOO_LARGE
    return TOO_OLD if since and is_older(message.received_at, since) else None


def known_old(uid: int) -> Listed:
    """Return what stands for a message that the server's own SINCE left out: not asked about."""
    return Listed(uid, 0, LONG_AGO)


def is_older(received_at: datetime | None, since: date) -> bool:
    """Tell whether a message is from before ``since``, in UTC and in the server's own zone.

    A person's zone is unknown: in doubt the message counts as young.
    """
    if received_at is None:
        return False
    return max(received_at.date(), received_at.astimezone(UTC).date()) < since
