"""Which messages to ask for together: newest first, bounded in number and bytes, each once.

A *window* is a run of missing UIDs whose sizes are asked for in one go; a window is cut into
*batches*, and a batch is one FETCH and one atomic append. Each covers a range of UIDs with no
hole: what lies in it and is in no batch is settled already or does not exist, because the server
was asked for all UIDs there and a UID, once passed, is never given out again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile

from courrier.events.blobs import BLOB_LIMIT
from courrier.events.families.mailbox import SkippedUid
from courrier.fetcher.domain.doubts import Doubts
from courrier.fetcher.domain.ledger import UNDELIVERED
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.scope import EVERYTHING, Scope, is_older
from courrier.fetcher.domain.uids import Span, UidSet

WINDOW_UIDS = 500
BATCH_MESSAGES = 200
"""Each append costs the broker some milliseconds, however small it is."""
BATCH_BYTES = 4 * 1024 * 1024
"""Bytes of raw messages in one FETCH, by RFC822.SIZE; one larger message goes alone."""
MAX_SPANS = 200
"""Ranges that a cursor may have before its holes are filled first."""

TOO_OLD = "too-old"
TOO_LARGE = "too-large"
VANISHED = "vanished"

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a server says of a message before it is fetched: ``size`` in bytes, INTERNALDATE."""

    uid: int
    size: int
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked for: within ``scope``, and with care where there are ``doubts``."""

    scope: Scope = EVERYTHING
    doubts: Doubts = field(default_factory=Doubts)


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
    """What came of a batch; ``undelivered`` are still on the server and were not sent.

    Of ``server`` messages in the folder, ``missing`` are still to come after these.
    """

    batch: Batch
    messages: tuple[Fetched, ...]
    undelivered: frozenset[int] = frozenset()
    server: int | None = None
    missing: int | None = None

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


def windows(missing: Sequence[int], floor: int = 1, size: int = WINDOW_UIDS) -> list[Window]:
    """Cut missing UIDs, in any order, into windows, newest first.

    Together they settle everything from ``floor`` to the highest missing UID; above it more will
    come.
    """
    ordered = sorted(missing, reverse=True)
    runs = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    if not runs:
        return []
    tops = [runs[0][0], *(run[-1] - 1 for run in runs)]
    bottoms = [*(run[-1] for run in runs[:-1]), floor]
    return [
        Window(tuple(run), (bottom, top))
        for run, bottom, top in zip(runs, bottoms, tops, strict=False)
    ]


def holes_first(settled: UidSet, cut: list[Window]) -> list[Window]:
    """Put windows below the newest settled UID first where a cursor has many ranges already.

    They join ranges, where others add one.
    """
    if len(settled.spans) < MAX_SPANS:
        return cut
    newest = settled.spans[-1][1]
    return [w for w in cut if w.covers[0] <= newest] + [w for w in cut if w.covers[0] > newest]


def batches(window: Window, listed: Mapping[int, Listed], rules: Rules) -> Iterator[Batch]:
    """Cut a window into batches, newest first; together they cover exactly the window.

    A UID that the server did not list has vanished since the search. What ``rules`` suspect is
    looked at anew for each batch, since the one before may have cleared or condemned it.
    """
    left, top = list(window.uids), window.covers[1]
    while left:
        taken = _take(left, listed, rules)
        del left[: len(taken)]
        bottom = taken[-1] if left else window.covers[0]
        yield _batch(taken, listed, rules, (bottom, top))
        top = bottom - 1


def _take(uids: Sequence[int], listed: Mapping[int, Listed], rules: Rules) -> list[int]:
    """Return how many of the first UIDs fit into one FETCH, one at least.

    Suspects go by themselves and few at a time.
    """
    count, size = 0, 0
    suspects = rules.doubts.suspects
    suspicious = uids[0] in suspects
    most = rules.doubts.most if suspicious else BATCH_MESSAGES

    def fits(uid: int) -> bool:
        nonlocal count, size
        if suspects and (uid in suspects) != suspicious:
            return False
        if refusal(uid, listed, rules) is None:
            count, size = count + 1, size + listed[uid].size
        return count <= 1 or (count <= most and size <= BATCH_BYTES)

    return list(takewhile(fits, uids))


def _batch(uids: Sequence[int], listed: Mapping[int, Listed], rules: Rules, covers: Span) -> Batch:
    reasons = {uid: refusal(uid, listed, rules) for uid in uids}
    wanted = tuple(listed[uid] for uid, reason in reasons.items() if reason is None)
    skipped = tuple(SkippedUid(uid=u, reason=r) for u, r in reasons.items() if r is not None)
    return Batch(wanted, skipped, covers)


def refusal(uid: int, listed: Mapping[int, Listed], rules: Rules) -> str | None:
    """Return why a message is not fetched, or None."""
    message = listed.get(uid)
    if message is None:
        return VANISHED
    since, largest = rules.scope.since, rules.scope.largest
    if since and is_older(message.received_at, since):
        return TOO_OLD
    if message.size > min(largest, BLOB_LIMIT):
        return TOO_LARGE
    return UNDELIVERED if uid in rules.doubts.given_up else None


def known_old(uid: int) -> Listed:
    """Return what stands for a message that the server's own SINCE left out: not asked about."""
    return Listed(uid, 0, LONG_AGO)
