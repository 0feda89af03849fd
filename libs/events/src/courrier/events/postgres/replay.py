"""Take parked events after all: from the log, in order, as if they came now."""

from collections.abc import Awaitable, Callable, Sequence

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.parking import Failure, Parked, failure_of, unread
from courrier.events.postgres.checkpoint import Checkpoint
from courrier.events.postgres.faults import is_events_fault
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Db, Pool
from courrier.events.store import EventStore, History

Project = Callable[[Db, History], Awaitable[None]]


async def replay_parked(
    pool: Pool, checkpoint: Checkpoint, store: EventStore, *, subject: str, project: Project
) -> tuple[History, list[Parked]]:
    """Apply what is parked of a subject; return what was applied, and what still fails.

    The consumer stands still meanwhile: rows, parked rows and what it makes of newer events of the
    subject change in one transaction. An event that was erased from the log is let go.
    """
    parked = ParkedRows(checkpoint.schema, checkpoint.consumer, checkpoint.stream)
    async with pool.acquire() as db, db.transaction():
        await checkpoint.lock_partition(db, subjects.partition_of(subject))
        sequences = await parked.of_subject(db, subject)
        history = {recorded.sequence: recorded for recorded in await store.load(subject)}
        events = [history[each] for each in sequences if each in history]
        failures = await _apply(db, events, project)
        stopped = _stop(subject, failures)
        taken = [each for each in sequences if each not in failures and each < stopped]
        for sequence, failure in failures.items():
            await parked.fails(db, sequence, failure)
        await parked.taken(db, taken)
        return [e for e in events if e.sequence in taken], await parked.standing(db, subject)


def _stop(subject: str, failures: dict[int, Failure]) -> float:
    """Return from where on everything waits."""
    return min(failures) if failures and subjects.is_ordered(subject) else float("inf")


async def _apply(db: Db, events: Sequence[Recorded[Event]], project: Project) -> dict[int, Failure]:
    """Apply all at once, or else one by one until the first that fails."""
    if not any(map(unread, events)) and await _failure(db, list(events), project) is None:
        return {}
    failures: dict[int, Failure] = {}
    for recorded in events:
        failure = unread(recorded) or await _failure(db, [recorded], project)
        if failure:
            failures[recorded.sequence] = failure
            if subjects.is_ordered(recorded.subject):
                break
    return failures


async def _failure(db: Db, events: History, project: Project) -> Failure | None:
    try:
        async with db.transaction():
            await project(db, events)
    except Exception as error:
        if not is_events_fault(error):
            raise
        return failure_of(error)
    return None
