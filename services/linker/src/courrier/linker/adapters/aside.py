"""What the intake has set aside: table ``parked`` in the state, where no rebuild sees it."""

from courrier.events import subjects
from courrier.events.parking import Failure, Parked
from courrier.events.postgres.checkpoint import Checkpoint
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Pool


class PostgresAside:
    """``Aside`` of the consumer that a checkpoint belongs to, on that checkpoint's stream."""

    def __init__(self, pool: Pool, checkpoint: Checkpoint) -> None:
        self._pool = pool
        self._checkpoint = checkpoint
        self._rows = ParkedRows(checkpoint.schema, checkpoint.consumer, checkpoint.stream)
        self.name = checkpoint.name
        self.stream = checkpoint.stream

    async def sequences(self, subject: str) -> list[int]:
        """Return what is set aside of a subject, in order."""
        async with self._pool.acquire() as db:
            return await self._rows.of_subject(db, subject)

    async def taken(self, subject: str, sequence: int) -> None:
        """Note that an event has been dealt with; the intake stands still for that moment."""
        async with self._pool.acquire() as db, db.transaction():
            await self._checkpoint.lock_partition(db, subjects.partition_of(subject))
            await self._rows.taken(db, [sequence])

    async def fails(self, sequence: int, failure: Failure) -> None:
        """Note why an event cannot be dealt with now."""
        async with self._pool.acquire() as db:
            await self._rows.fails(db, sequence, failure)

    async def standing(self, subject: str) -> list[Parked]:
        """Return the events of a subject that have a failure of their own."""
        async with self._pool.acquire() as db:
            return await self._rows.standing(db, subject)
