"""The index behind every decision, brought up to the log before each batch.

One reading of ``CRM``, ``SETTINGS`` and ``EMAIL`` up to their ends as they are when asked, then
look-ups: so a message is decided with all that was on the log when it was taken, and an instance
that takes over starts deciding only when its index has reached the end. Our own appends enter the
index directly, in the transaction that moves the consumer on, and are not read again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial

import structlog

from courrier.events.groups import WHOLE, Group
from courrier.events.parking import Blocked, Failure, Parked, settle, sort_out
from courrier.events.postgres.faults import is_events_fault
from courrier.events.postgres.parked import ParkedRows
from courrier.events.postgres.pool import Db, Pool
from courrier.events.postgres.projector import Checkpoint, Fenced
from courrier.events.postgres.schemas import Schemas
from courrier.events.postgres.views import Feed, Views
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.adapters import healings
from courrier.linker.adapters.case_rows import case_mail, cases
from courrier.linker.adapters.directory import addresses, owners_of
from courrier.linker.adapters.due import due
from courrier.linker.adapters.emails import emails, emails_of, threads_of
from courrier.linker.adapters.erasures import erased_among
from courrier.linker.adapters.filed import filed
from courrier.linker.adapters.filters import filters, rules_for
from courrier.linker.adapters.group_accounts import group_accounts, groups_of
from courrier.linker.adapters.people import account_owners_of, customers, people, people_at
from courrier.linker.adapters.skips import skipped_among, skips
from courrier.linker.adapters.standing import OF_CUSTOMERS, standing
from courrier.linker.domain.arrivals import Keys
from courrier.linker.domain.healing import Addressed, Asked, Met, Named, Stored, Themselves
from courrier.linker.domain.known import Known
from courrier.linker.ports import INTAKE, Concerned, Progress

SCHEMA = "linker"
INDEX = "index"
"""Names the marks of the index: the checkpoints that stand beside its rows."""
LONG_WAY = 10_000
"""Events: a longer catching up is worth a line in the log."""

BY_INDEX = """
    SET LOCAL enable_seqscan = off
"""  # a plan made while a table was small would read all of it later, until it is analysed
ONE_INDEX = """
    LOCK TABLE checkpoints IN ACCESS SHARE MODE
"""  # before the snapshot is taken: a rebuilt index cannot take this one's place between look-ups
ADD_MARK = """
    INSERT INTO checkpoints (consumer, stream, seq) VALUES ('index', $1, 0)
    ON CONFLICT DO NOTHING
"""
LOCK_MARK = """
    SELECT seq FROM checkpoints WHERE consumer = 'index' AND stream = $1 FOR UPDATE
"""
MARKS = "SELECT stream, seq FROM checkpoints WHERE consumer = 'index'"
RAISE_MARK = """
    UPDATE checkpoints SET seq = greatest(seq, $2) WHERE consumer = 'index' AND stream = $1
"""

log = structlog.get_logger(__name__)


_EMAIL = Feed(INDEX, emails.stream, (emails, skips, due, case_mail, filed))
_SOURCES = (
    Feed(INDEX, addresses.stream, (addresses, standing, cases)),
    Feed(INDEX, people.stream, (people, filters, group_accounts)),
    _EMAIL,
)
VIEWS = Views(SCHEMA, "courrier.linker", _SOURCES)
"""The index can be thrown away and built anew; how far the consumer group is cannot."""


class PostgresIndex:
    """``Index`` in schema ``linker``. One object belongs to one worker at a time."""

    def __init__(self, pool: Pool, store: EventStore, group: Group = WHOLE) -> None:
        self._pool = pool
        self._store = store
        self._group = group
        self._reached: dict[str, int] = {}

    async def catch_up(self) -> int:
        """Take in all that the three streams hold now (see ``Index.catch_up``)."""
        await self._see_others()
        ends = await asyncio.gather(*(self._store.end(source.stream) for source in _SOURCES))
        for source, end in zip(_SOURCES, ends, strict=True):
            await self._catch_up(source, end)
        return self._reached[_EMAIL.stream]

    async def look_up(self, keys: Keys) -> Known:
        """Return what is known about these keys, in a dozen queries on one snapshot."""
        async with self._snapshot() as db:
            found = await emails_of(db, keys.email_ids)
            parents = {email.parent for email in found.values() if email.parent}
            owned = [each for each in parents if each.type in OF_CUSTOMERS]
            holders = await account_owners_of(db, keys.account_ids)
            groups = await groups_of(db, keys.account_ids, keys.addresses)
            kept_out = await skipped_among(db, keys.source_ids)
            return Known(
                emails=found,
                threads=await threads_of(db, keys.thread_keys),
                accounts_of=await healings.accounts_of(db, owned),
                owners=await owners_of(db, keys.addresses),
                people=await people_at(db, keys.addresses),
                account_owners=holders,
                erased=await erased_among(db, keys.email_ids, keys.message_keys),
                rules=await rules_for(db, keys.account_ids, set(holders.values())),
                skipped=kept_out.sources,
                recalled=kept_out.recalled,
                b2c=await customers(db),
                groups=groups,
                group_addresses=frozenset(each.address for each in groups.values()),
            )

    async def apart(self, keys: Sequence[tuple[str, int]]) -> list[Met]:
        """Return the threads that meet (see ``HealingIndex.apart``)."""
        async with self._snapshot() as db:
            return await healings.apart(db, keys)

    async def kept_apart(self, threads: Sequence[str]) -> frozenset[frozenset[str]]:
        """Return which of these conversations people set apart."""
        async with self._snapshot() as db:
            return await healings.kept_apart(db, threads)

    async def concerned(self, asked: Asked, after: str, limit: int) -> Concerned:
        """Return what a change concerns (see ``HealingIndex.concerned``)."""
        async with self._snapshot() as db:
            if isinstance(asked, Named):
                return await healings.naming(db, asked.keys, after, limit)
            if isinstance(asked, Addressed):
                return await healings.addressed(db, asked.keys, after, limit)
            if isinstance(asked, Themselves):
                return healings.themselves(asked.email_ids, after, limit)
            return await healings.of_records(db, asked.records, after, limit)

    async def stored(self, email_ids: Sequence[str]) -> list[Stored]:
        """Return those of these e-mails that exist."""
        async with self._snapshot() as db:
            return await healings.stored(db, email_ids)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Db]:
        async with (
            self._pool.acquire() as db,
            db.transaction(isolation="repeatable_read", readonly=True),
        ):
            await db.execute(ONE_INDEX)
            await db.execute(BY_INDEX)
            yield db

    async def position(self, stream: str, consumer: str = INTAKE) -> int:
        """Return how far the consumer group has dealt with a stream."""
        async with self._pool.acquire() as db:
            return await checkpoint_of(consumer, stream, self._group).claim(db)

    def reached(self, stream: str) -> int:
        """Return how far the index has taken a stream in."""
        return self._reached.get(stream, 0)

    async def blocked(self, stream: str, consumer: str = INTAKE) -> Blocked:
        """Return what waits (see ``Index.blocked``)."""
        async with self._pool.acquire() as db:
            return await _aside(consumer, stream).blocked(db)

    async def record(self, own: History, progress: Progress, aside: Sequence[Parked] = ()) -> None:
        """Take in our own events and move the consumer on (see ``Index.record``)."""
        stream = _EMAIL.stream
        joins = bool(own) and own[0].sequence == self._reached.get(stream, -1) + 1
        async with self._pool.acquire() as db, db.transaction():
            await _lock(db, stream)
            consumer = checkpoint_of(progress.consumer, progress.stream, self._group)
            await consumer.lock(db, progress.seen)
            await _set_aside(db, progress, aside)
            await consumer.move(db, progress.seen, progress.to)
            if joins:  # else others wrote between, and the next catching up brings all in order
                for projection in _EMAIL.projections:
                    await projection.apply(db, own)
                await db.execute(RAISE_MARK, stream, own[-1].sequence)
        if joins:
            self._reached[stream] = own[-1].sequence

    async def _catch_up(self, source: Feed, end: int) -> None:
        stream = source.stream
        if stream not in self._reached:
            async with self._pool.acquire() as db:
                self._reached[stream] = await _lock(db, stream)
        start = self._reached[stream]
        if end <= start:
            return
        take = partial(self._apply, source)
        async with aclosing(self._store.follow(stream, after=start)) as batches:
            async for batch in batches:
                await settle(batch, self._reached[stream], take, is_events_fault)
                if self._reached[stream] >= end:
                    break
        if end - start > LONG_WAY:
            log.info("index.caught-up", stream=stream, events=end - start)

    async def _see_others(self) -> None:
        """Skip what other groups have taken into the same index."""
        async with self._pool.acquire() as db:
            for stream, mark in await db.fetch(MARKS):
                if stream in self._reached:
                    self._reached[stream] = max(self._reached[stream], int(mark))

    async def _apply(
        self, source: Feed, batch: History, seen: int, failure: Failure | None
    ) -> None:
        to = batch[-1].sequence
        parked = ParkedRows(SCHEMA, INDEX, source.stream)
        async with self._pool.acquire() as db, db.transaction():
            if await _lock(db, source.stream) < seen:
                raise Fenced(f"the index of {source.stream} was set back below {seen}")
            free, aside = sort_out(batch, await parked.blocked(db), failure)
            for projection in source.projections:
                await projection.apply(db, free)
            await parked.add(db, aside)
            await db.execute(RAISE_MARK, source.stream, to)
        self._reached[source.stream] = to


def checkpoint_of(consumer: str, stream: str, group: Group = WHOLE) -> Checkpoint:
    """Return how far a group of the intake, or of the healing, is."""
    return Checkpoint(Schemas(SCHEMA).state, consumer, stream, group)


def _aside(consumer: str, stream: str) -> ParkedRows:
    return ParkedRows(Schemas(SCHEMA).state, consumer, stream)


async def _set_aside(db: Db, progress: Progress, aside: Sequence[Parked]) -> None:
    """Set events aside; one may wait only as long as there is something to wait for."""
    rows = _aside(progress.consumer, progress.stream)
    culprits = {each.subject for each in aside if each.failure}
    waiting = {each.subject for each in aside if not each.failure} - culprits
    if waiting - set(await rows.blocked(db) if waiting else ()):
        raise Conflict(f"what events of {progress.stream} wait for was replayed meanwhile")
    await rows.add(db, aside)


async def _lock(db: Db, stream: str) -> int:
    """Return the stream's mark, locked: writers of its rows take turns and cannot deadlock."""
    await db.execute(ADD_MARK, stream)
    return int(await db.fetchval(LOCK_MARK, stream) or 0)
