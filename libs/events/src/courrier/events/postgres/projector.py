"""Run projections of one stream into one schema: rows and checkpoint in one transaction (I4).

The checkpoint row is the position and the fence: a batch moves it from the value it was read at,
so that of two instances, one of them frozen and late, only one can write.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import asyncpg
import structlog

from courrier.events.lease import Leases
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.events.store import EventStore, History

log = structlog.get_logger(__name__)

READ = "SELECT seq FROM {schema}.checkpoints WHERE consumer = $1 AND stream = $2"
LOCK = "SELECT seq FROM {schema}.checkpoints WHERE consumer = $1 AND stream = $2 FOR UPDATE"
START = """
    INSERT INTO {schema}.checkpoints (consumer, stream, seq) VALUES ($1, $2, 0)
    ON CONFLICT DO NOTHING
"""
MOVE = """
    UPDATE {schema}.checkpoints SET seq = $4
     WHERE consumer = $1 AND stream = $2 AND seq = $3
"""


class Fenced(RuntimeError):
    """Another instance has moved the checkpoint: this one must stop writing."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The position of one consumer in one stream.

    It stands in the service's schema beside the rows of views, and in ``<service>_state`` for a
    consumer that acts on events, which no rebuild may set back.
    """

    schema: str
    consumer: str
    stream: str

    async def read(self, db: Db) -> int:
        """Return the sequence of the last event applied; 0 at the start."""
        seq = await db.fetchval(READ.format(schema=self.schema), self.consumer, self.stream)
        return int(seq or 0)

    async def lock(self, db: Db, seen: int) -> None:
        """Keep others from moving it until the caller's transaction ends; comes before any row.

        Views are swapped between two transactions, never within one: whoever swaps locks the
        table of checkpoints first, so that all names after this line mean one schema.

        Raises:
            Fenced: it does not stand at ``seen``.
        """
        at = await db.fetchval(LOCK.format(schema=self.schema), self.consumer, self.stream)
        if at is None:
            await db.execute(START.format(schema=self.schema), self.consumer, self.stream)
            at = await db.fetchval(LOCK.format(schema=self.schema), self.consumer, self.stream)
        if at != seen:
            raise Fenced(f"{self.schema}.{self.consumer} on {self.stream} is not at {seen}")

    async def move(self, db: Db, seen: int, to: int) -> None:
        """Move the checkpoint inside the caller's transaction.

        Raises:
            Fenced: it no longer stands at ``seen``.
        """
        await db.execute(START.format(schema=self.schema), self.consumer, self.stream)
        moved = await db.execute(
            MOVE.format(schema=self.schema), self.consumer, self.stream, seen, to
        )
        if moved != "UPDATE 1":
            raise Fenced(f"{self.schema}.{self.consumer} on {self.stream} is not at {seen}")


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

    async def run(self, store: EventStore, leases: Leases, filters: Sequence[str] = ()) -> None:
        """Project for ever while the lease is ours.

        Raises:
            LeaseLost: another instance works on it now.
            Fenced: the same, seen at the checkpoint.
        """
        at = self._checkpoint
        async with leases.hold(f"{at.schema}.{at.consumer}.{at.stream}"):
            async with self._pool.acquire() as db:
                after = await at.read(db)
            batches = store.follow(at.stream, after=after, filters=filters)
            async with aclosing(batches):
                async for batch in batches:
                    await self.apply(batch, after)
                    after = batch[-1].sequence
                    if self._after_commit:
                        await self._after_commit(batch)

    async def apply(self, batch: History, seen: int) -> None:
        """Write one batch and move the checkpoint from ``seen`` to its last event, or neither."""
        async with self._pool.acquire() as db, db.transaction():
            await self._checkpoint.lock(db, seen)
            for projection in self._projections:
                await projection.apply(db, batch)
            await self._checkpoint.move(db, seen, batch[-1].sequence)


TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,  # a shutdown ends the statement under way; then it restarts
    asyncpg.InsufficientResourcesError,  # too many connections while the old ones die
    asyncpg.InternalClientError,  # what asyncpg 0.32 says of a COMMIT on a line just cut
)
"""What a lost or restarting PostgreSQL raises: wait and try again."""
