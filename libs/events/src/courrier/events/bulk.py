"""Append many decisions that have nothing to do with each other, in as few batches as can be.

A batch is stored whole or refused whole, so that one decision on old news refuses all that share
its batch. Here the refused batch is filtered, by what the log says of the guarded aggregates, and
repeated: each decision is stored or declined by itself, as if it had been appended alone.
"""

from collections.abc import Sequence

from courrier.events.base import Event
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.store import BATCH_EVENTS, BatchTooLarge, Conflict, EventStore

Decision = Sequence[NewEvent]
"""Events of one decision on one stream: all of them are stored or none."""

Latest = dict[str, Recorded[Event]]

REPEATS = 8
"""Times a refused batch is filtered; others write to the same aggregates meanwhile."""


async def append_each(store: EventStore, decisions: Sequence[Decision]) -> list[Decision]:
    """Store each decision that fits the log; return those that did not, to be decided again.

    All decisions are of one stream. One that is stored already, by an earlier try of ours, counts
    as stored (I3); of two on one aggregate the second has not seen the first, and does not fit.

    Raises:
        BatchTooLarge: one decision alone does not fit into a batch.
        StoreUnavailable: some are stored and some are not; repeating all of them is safe.
    """
    first, refused = _one_an_aggregate(decisions)
    for batch in _batches(first):
        refused += await _append(store, batch)
    return refused


def _one_an_aggregate(decisions: Sequence[Decision]) -> tuple[list[Decision], list[Decision]]:
    first: list[Decision] = []
    others: list[Decision] = []
    seen: set[str] = set()
    for decision in decisions:
        about = set(_guarded(decision))
        (others if about & seen else first).append(decision)
        seen |= about
    return first, others


def _batches(decisions: Sequence[Decision]) -> list[list[Decision]]:
    batches: list[list[Decision]] = []
    room = 0
    for decision in decisions:
        if len(decision) > room:
            batches.append([])
            room = BATCH_EVENTS
        batches[-1].append(decision)
        room -= len(decision)
    return batches


async def _append(store: EventStore, batch: list[Decision]) -> list[Decision]:
    """Append one batch without those that the log has outrun; return these."""
    refused: list[Decision] = []
    for _ in range(REPEATS):
        if not batch:
            return refused
        try:
            await store.append([new for decision in batch for new in decision])
        except BatchTooLarge:
            return refused + await _halve(store, batch)
        except Conflict:
            latest = await store.last([subject for each in batch for subject in _guarded(each)])
            refused += [each for each in batch if _is_outrun(each, latest)]
            batch = [each for each in batch if _fits(each, latest)]
        else:
            return refused
    return refused + batch


async def _halve(store: EventStore, batch: list[Decision]) -> list[Decision]:
    """Take what is too many bytes for one atomic batch in two."""
    half = len(batch) // 2
    if half == 0:
        raise BatchTooLarge(f"one decision alone, {len(batch[0])} events on {batch[0][0].subject}")
    return await _append(store, batch[:half]) + await _append(store, batch[half:])


def _guarded(decision: Decision) -> list[str]:
    return [new.subject for new in decision if new.expected is not None]


def _fits(decision: Decision, latest: Latest) -> bool:
    """Tell whether every aggregate still stands where the decision saw it."""
    return all(
        new.expected == _sequence(latest, new.subject)
        for new in decision
        if new.expected is not None
    )


def _is_outrun(decision: Decision, latest: Latest) -> bool:
    return not _fits(decision, latest) and not _is_stored(decision, latest)


def _is_stored(decision: Decision, latest: Latest) -> bool:
    last = {new.subject: str(new.id) for new in decision}
    return all(
        subject in latest and latest[subject].id == last[subject] for subject in _guarded(decision)
    )


def _sequence(latest: Latest, subject: str) -> int:
    return latest[subject].sequence if subject in latest else 0
