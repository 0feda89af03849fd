"""The events that a consumer has set aside: table ``<schema>.parked``.

``parked`` rows have a failure of their own, ``waiting`` ones stand behind one of the same subject,
``replayed`` ones have been taken after all and leave once ``DEAD`` knows (``announced``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from courrier.events import subjects
from courrier.events.parking import Blocked, Failure, Parked, announce
from courrier.events.postgres.pool import Db, Pool
from courrier.events.postgres.schemas import Schemas
from courrier.events.store import EventStore

BLOCKED = """
    SELECT subject, min(seq) FROM {schema}.parked
     WHERE consumer = $1 AND stream = $2 AND state <> 'replayed' GROUP BY subject
"""
ADD = """
    INSERT INTO {schema}.parked AS old
           (consumer, stream, seq, subject, event_id, type, state, reason, text)
    SELECT $1, $2, n.seq, n.subject, n.event_id, n.type, n.state, n.reason, n.text
      FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                  $9::text[]) AS n (seq, subject, event_id, type, state, reason, text)
    ON CONFLICT (consumer, stream, seq) DO UPDATE
       SET state = excluded.state, reason = excluded.reason, text = excluded.text,
           announced = excluded.announced
     WHERE old.state = 'replayed'
"""
OF_SUBJECT = """
    SELECT seq FROM {schema}.parked
     WHERE consumer = $1 AND stream = $2 AND subject = $3 AND state <> 'replayed' ORDER BY seq
"""
STANDING = """
    SELECT seq, event_id, type, reason, text FROM {schema}.parked
     WHERE consumer = $1 AND stream = $2 AND subject = $3 AND state = 'parked' ORDER BY seq
"""
TAKEN = """
    UPDATE {schema}.parked SET state = 'replayed', announced = false
     WHERE consumer = $1 AND stream = $2 AND seq = ANY($3::bigint[])
"""
FAILS = """
    UPDATE {schema}.parked SET state = 'parked', reason = $4, text = $5, announced = false
     WHERE consumer = $1 AND stream = $2 AND seq = $3
       AND (state, reason, text) IS DISTINCT FROM ('parked', $4, $5)
"""
UNTOLD = """
    SELECT subject, array_agg(seq) AS seqs FROM {schema}.parked
     WHERE consumer = $1 AND stream = $2 AND NOT announced AND state <> 'waiting'
     GROUP BY subject ORDER BY min(seq) LIMIT 100
"""
TOLD = """
    UPDATE {schema}.parked AS p SET announced = true
      FROM unnest($3::bigint[], $4::text[], $5::text[]) AS n (seq, reason, text)
     WHERE p.consumer = $1 AND p.stream = $2 AND p.seq = n.seq AND p.state = 'parked'
       AND p.reason = n.reason AND p.text = n.text
"""
LEAVE = """
    DELETE FROM {schema}.parked
     WHERE consumer = $1 AND stream = $2 AND seq = ANY($3::bigint[]) AND state = 'replayed'
"""
COUNT = "SELECT count(*) FROM {schema}.parked WHERE consumer = $1 AND state <> 'replayed'"


@dataclass(frozen=True, slots=True)
class ParkedRows:
    """What one consumer has set aside of one stream."""

    schema: str
    consumer: str
    stream: str

    @property
    def name(self) -> str:
        """The consumer as others know it."""
        return f"{Schemas.owner(self.schema)}.{self.consumer}"

    async def blocked(self, db: Db) -> Blocked:
        """Return from where on events of which subjects wait."""
        rows = await db.fetch(self._sql(BLOCKED), self.consumer, self.stream)
        return {row[0]: int(row[1]) for row in rows if subjects.is_ordered(row[0])}

    async def add(self, db: Db, parked: Sequence[Parked]) -> None:
        """Set events aside; those that are already stay as they are."""
        if not parked:
            return
        rows = [
            (
                each.sequence,
                each.subject,
                each.event_id,
                each.type,
                "parked" if each.failure else "waiting",
                each.failure.reason if each.failure else None,
                _plain(each.failure.text) if each.failure else None,
            )
            for each in parked
        ]
        columns = map(list, zip(*rows, strict=True))
        await db.execute(self._sql(ADD), self.consumer, self.stream, *columns)

    async def of_subject(self, db: Db, subject: str) -> list[int]:
        """Return the sequences of what is set aside of a subject, in order."""
        rows = await db.fetch(self._sql(OF_SUBJECT), self.consumer, self.stream, subject)
        return [int(row[0]) for row in rows]

    async def taken(self, db: Db, sequences: Sequence[int]) -> None:
        """Note that these have been taken after all."""
        await db.execute(self._sql(TAKEN), self.consumer, self.stream, list(sequences))

    async def fails(self, db: Db, sequence: int, failure: Failure) -> None:
        """Note why an event that is set aside cannot be taken now."""
        values = (sequence, failure.reason, _plain(failure.text))
        await db.execute(self._sql(FAILS), self.consumer, self.stream, *values)

    async def standing(self, db: Db, subject: str) -> list[Parked]:
        """Return the events of a subject that have a failure of their own."""
        rows = await db.fetch(self._sql(STANDING), self.consumer, self.stream, subject)
        return [
            Parked(self.stream, subject, int(row[0]), row[1], row[2], Failure(row[3], row[4]))
            for row in rows
        ]

    async def count(self, db: Db) -> int:
        """Return how many events the consumer has set aside, of all streams."""
        return int(await db.fetchval(self._sql(COUNT), self.consumer))

    async def announce(self, pool: Pool, store: EventStore) -> None:
        """Tell ``DEAD`` what it does not know yet; a crash in between repeats it, harmlessly.

        Raises:
            StoreUnavailable: it is told later.
        """
        async with pool.acquire() as db:
            untold = await db.fetch(self._sql(UNTOLD), self.consumer, self.stream)
        for subject, sequences in untold:
            async with pool.acquire() as db:
                standing = await self.standing(db, subject)
            await announce(store, self.name, subject=subject, standing=standing)
            async with pool.acquire() as db, db.transaction():
                await self._told(db, standing)
                await db.execute(self._sql(LEAVE), self.consumer, self.stream, sequences)

    async def _told(self, db: Db, standing: Sequence[Parked]) -> None:
        failures = [(each.sequence, each.failure) for each in standing if each.failure]
        await db.execute(
            self._sql(TOLD),
            self.consumer,
            self.stream,
            [sequence for sequence, _ in failures],
            [failure.reason for _, failure in failures],
            [failure.text for _, failure in failures],
        )

    def _sql(self, statement: str) -> str:
        return statement.format(schema=self.schema)


def _plain(text: str) -> str:
    """PostgreSQL takes neither U+0000 nor lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
