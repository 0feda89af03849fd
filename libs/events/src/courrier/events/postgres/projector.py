"""Run projections of one stream into one schema: rows and checkpoint in one transaction (I4).

The checkpoint row is the position and the fence: a batch moves it from the value it was read at,
so that of two instances, one of them frozen and late, only one can write. What cannot be applied
is parked in the same transaction, and what follows from it waits (I6).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

from courrier.events.lease import Leases
from courrier.events.parking import Failure, Parked, settle, sort_out
from courrier.events.postgres.checkpoint import Checkpoint, Fenced
from courrier.events.postgres.faults import TRANSIENT, is_events_fault
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Db, Pool
from courrier.events.postgres.replay import replay_parked
from courrier.events.postgres.watch import Watch
from courrier.events.projection import Projection
from courrier.events.store import EventStore, History, Place

__all__ = ["TRANSIENT", "Checkpoint", "Fenced", "Projector"]


class Projector:
    """Projections of one stream that share a checkpoint.

    ``after_commit`` is called with each batch once its rows can be read.
    """

    def __init__(
        self,
        pool: Pool,
        checkpoint: Checkpoint,
        projections: Sequence[Projection[Db]],
        after_commit: Callable[[History], Awaitable[None]] | None = None,
    ) -> None:
        self._pool = pool
        self._checkpoint = checkpoint
        self._projections = projections
        self._after_commit = after_commit
        self._parked = ParkedRows(checkpoint.schema, checkpoint.consumer, checkpoint.stream)
        self._turn = asyncio.Lock()
        self._seen = 0

    @property
    def name(self) -> str:
        """The consumer: ``<service>.<name>``."""
        return self._checkpoint.name

    @property
    def stream(self) -> str:
        """What it consumes."""
        return self._checkpoint.stream

    async def run(self, store: EventStore, leases: Leases, filters: Sequence[str] = ()) -> None:
        """Project for ever while the lease is ours.

        ``filters`` have ``*`` where the partition stands; a group follows its own ones.

        Raises:
            LeaseLost: another instance works on it now.
            Fenced: the same, seen at the checkpoint.
        """
        at = self._checkpoint
        async with leases.hold(at.lease):
            async with self._pool.acquire() as db:
                self._seen = await at.claim(db)
            place = Place(reached=self._seen)
            watch = Watch(self._pool, store, self._parked, at.group, place)
            wanted = at.group.filters(at.stream, filters)
            batches = store.follow(at.stream, after=self._seen, filters=wanted, place=place)
            async with watch.running(lambda: self._keep_up(place)), aclosing(batches):
                async for batch in batches:
                    async with self._turn:
                        await self.apply(batch, self._seen)
                        self._seen = batch[-1].sequence
                    if self._after_commit:
                        await self._after_commit(batch)

    async def apply(self, batch: History, seen: int) -> None:
        """Write one batch and move the checkpoint from ``seen`` to its last event.

        Where an event cannot be applied, the batch is written in parts, and it is parked.
        """
        await settle(batch, seen, self._take, is_events_fault)

    async def replay(self, store: EventStore, subject: str) -> list[Parked]:
        """Apply what is parked of a subject, from the log; return what still fails."""
        taken, standing = await replay_parked(
            self._pool, self._checkpoint, store, subject=subject, project=self._project
        )
        if taken and self._after_commit:
            await self._after_commit(taken)
        return standing

    async def _take(self, part: History, seen: int, failure: Failure | None) -> None:
        async with self._pool.acquire() as db, db.transaction():
            await self._checkpoint.lock(db, seen)
            free, aside = sort_out(part, await self._parked.blocked(db), failure)
            await self._project(db, free)
            await self._parked.add(db, aside)
            await self._checkpoint.move(db, seen, part[-1].sequence)

    async def _project(self, db: Db, batch: History) -> None:
        for projection in self._projections:
            await projection.apply(db, batch)

    async def _keep_up(self, place: Place) -> None:
        """Let a group without news go on with the stream: readers wait for the one behind most."""
        if self._checkpoint.group.is_whole:
            return
        async with self._turn:
            to = place.reached
            if to > self._seen:
                async with self._pool.acquire() as db, db.transaction():
                    await self._checkpoint.move(db, self._seen, to)
                self._seen = to
