"""How far a consumer has come: a row for each group of partitions, position and fence in one.

The rows of one consumer and stream never overlap. A group that finds others in its place takes
its partitions from them and starts where the one furthest behind stands; they keep what is left.
So a change of the number of groups loses nothing, and whoever still works in the old cut is fenced.
"""

from dataclasses import dataclass

from courrier.events.groups import WHOLE, Group
from courrier.events.postgres.pool import Db
from courrier.events.postgres.schemas import Schemas

READ = """
    SELECT coalesce(min(seq), 0) FROM {schema}.checkpoints WHERE consumer = $1 AND stream = $2
"""
LOCK_ALL = "SELECT pg_advisory_xact_lock(hashtext($1))"
ALL = """
    SELECT first_partition, last_partition, seq FROM {schema}.checkpoints
     WHERE consumer = $1 AND stream = $2
     ORDER BY first_partition
       FOR UPDATE
"""
TAKE_AWAY = """
    DELETE FROM {schema}.checkpoints WHERE consumer = $1 AND stream = $2 AND first_partition = $3
"""
PUT = """
    INSERT INTO {schema}.checkpoints (consumer, stream, first_partition, last_partition, seq)
    VALUES ($1, $2, $3, $4, $5)
"""
START = """
    INSERT INTO {schema}.checkpoints (consumer, stream, first_partition, last_partition, seq)
    SELECT $1, $2, $3, $4, 0
     WHERE NOT EXISTS (SELECT 1 FROM {schema}.checkpoints WHERE consumer = $1 AND stream = $2)
    ON CONFLICT DO NOTHING
"""
LOCK = """
    SELECT seq FROM {schema}.checkpoints
     WHERE consumer = $1 AND stream = $2 AND first_partition = $3 AND last_partition = $4
       FOR UPDATE
"""
LOCK_PARTITION = """
    SELECT seq FROM {schema}.checkpoints
     WHERE consumer = $1 AND stream = $2 AND first_partition <= $3 AND last_partition >= $3
       FOR UPDATE
"""
MOVE = """
    UPDATE {schema}.checkpoints SET seq = $5
     WHERE consumer = $1 AND stream = $2 AND first_partition = $3 AND last_partition = $4
       AND seq = $6
"""


class Fenced(RuntimeError):
    """Another instance has moved the checkpoint: this one must stop writing."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The position of one consumer, or one group of it, in one stream.

    It stands in the service's schema beside the rows of views, and in ``<service>_state`` for a
    consumer that acts on events, which no rebuild may set back.
    """

    schema: str
    consumer: str
    stream: str
    group: Group = WHOLE

    @property
    def name(self) -> str:
        """The consumer as others know it: ``<service>.<consumer>``."""
        return f"{Schemas.owner(self.schema)}.{self.consumer}"

    @property
    def lease(self) -> str:
        """Who holds this lease works on the group."""
        whole = f"{self.name}.{self.stream}"
        return whole if self.group.is_whole else f"{whole}.{self.group}"

    async def read(self, db: Db) -> int:
        """Return the sequence up to which every group has come; 0 at the start."""
        return int(await db.fetchval(self._sql(READ), self.consumer, self.stream))

    async def claim(self, db: Db) -> int:
        """Take the group's partitions, from others if need be; return where to go on after."""
        async with db.transaction():
            await db.execute(LOCK_ALL, f"{self.name}.{self.stream}")
            rows = await db.fetch(self._sql(ALL), self.consumer, self.stream)
            others = {Group(row[0], row[1]): int(row[2]) for row in rows}
            if self.group in others:
                return others[self.group]
            met = {group: seq for group, seq in others.items() if group.overlaps(self.group)}
            new = self.group.last - self.group.first + 1
            covered = sum(new - sum(map(_size, self.group.without(group))) for group in met)
            start = min(met.values()) if covered == new else 0
            for group, seq in met.items():
                await db.execute(self._sql(TAKE_AWAY), self.consumer, self.stream, group.first)
                for rest in group.without(self.group):
                    await self._put(db, rest, seq)
            await self._put(db, self.group, start)
            return start

    async def lock(self, db: Db, seen: int) -> None:
        """Keep others from moving it until the caller's transaction ends; comes before any row.

        Views are swapped between two transactions, never within one: whoever swaps locks the
        table of checkpoints first, so that all names after this line mean one schema.

        Raises:
            Fenced: it does not stand at ``seen``.
        """
        at = await db.fetchval(self._sql(LOCK), *self._key)
        if at is None and seen == 0:
            await db.execute(self._sql(START), *self._key)
            at = await db.fetchval(self._sql(LOCK), *self._key)
        if at != seen:
            raise Fenced(f"{self.name} {self.group} on {self.stream} is not at {seen}")

    async def lock_partition(self, db: Db, partition: int) -> None:
        """Keep whichever group a partition belongs to from moving on."""
        await db.execute(self._sql(LOCK_PARTITION), self.consumer, self.stream, partition)

    async def move(self, db: Db, seen: int, to: int) -> None:
        """Move the checkpoint inside the caller's transaction.

        Raises:
            Fenced: it no longer stands at ``seen``.
        """
        if seen == 0:
            await db.execute(self._sql(START), *self._key)
        moved = await db.execute(self._sql(MOVE), *self._key, to, seen)
        if moved != "UPDATE 1":
            raise Fenced(f"{self.name} {self.group} on {self.stream} is not at {seen}")

    @property
    def _key(self) -> tuple[str, str, int, int]:
        return self.consumer, self.stream, self.group.first, self.group.last

    async def _put(self, db: Db, group: Group, seq: int) -> None:
        key = (self.consumer, self.stream, group.first, group.last)
        await db.execute(self._sql(PUT), *key, seq)

    def _sql(self, statement: str) -> str:
        return statement.format(schema=self.schema)


def _size(group: Group) -> int:
    return group.last - group.first + 1
