"""A small projection whose rows depend on the order of each e-mail's events, and poison for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.email import EmailMarkedRead
from courrier.events.groups import WHOLE, Group
from courrier.events.postgres.checkpoint import Checkpoint
from courrier.events.postgres.migrations import CREATE_BOOKKEEPING
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.events.store import EventStore, History

CONSUMER = "gateway.notes"
SET_UP = CREATE_BOOKKEEPING.format(schema="gateway")
TABLE = """
    CREATE TABLE gateway.notes (
        email_id text PRIMARY KEY, people text NOT NULL, times int NOT NULL, seq bigint NOT NULL
    )
"""
WRITE = """
    INSERT INTO gateway.notes AS n (email_id, people, times, seq) VALUES ($1, $2, 1, $3)
    ON CONFLICT (email_id) DO UPDATE
       SET people = n.people || ',' || excluded.people, times = n.times + 1, seq = excluded.seq
     WHERE n.seq < excluded.seq
"""
DIGEST = """
    SELECT coalesce(md5(string_agg(n::text, E'\\n' ORDER BY email_id)), '') FROM gateway.notes n
"""
STATES = "SELECT seq, state FROM gateway.parked ORDER BY seq"
CONTEXT = Context("/courrier/linker", "user:ada", datetime(2026, 3, 2, tzinfo=UTC))


class Poison(RuntimeError):
    """What the projection cannot stand."""


def at(group: Group = WHOLE) -> Checkpoint:
    """The position of a group."""
    return Checkpoint("gateway", "notes", "EMAIL", group)


def notes(poison: frozenset[str] = frozenset()) -> Projection[Db]:
    """Who has read each e-mail, in order; it breaks on the people in ``poison``."""
    projection: Projection[Db] = Projection("notes", stream="EMAIL", version=1)

    @projection.on(EmailMarkedRead)
    async def marked(db: Db, run: Sequence[Recorded[EmailMarkedRead]]) -> None:
        for each in run:
            await db.execute(WRITE, each.event.email_id, each.event.person_id, each.sequence)
            if each.event.person_id in poison:
                raise Poison(f"hush {each.event.person_id}")

    return projection


async def put(store: EventStore, *marks: tuple[str, str]) -> None:
    """Append 'this person has read this e-mail' for each pair, in this order."""
    for email_id, person in marks:
        subject = subjects.email(email_id)
        history = await store.load(subject)
        seen = history[-1].sequence if history else 0
        event: Event = EmailMarkedRead(email_id=email_id, person_id=person)
        await store.append([NewEvent(subject, event, uuid4(), len(history) + 1, CONTEXT, seen)])


async def digest(pool: Pool) -> str:
    """Of all rows."""
    return str(await pool.fetchval(DIGEST))


async def states(pool: Pool) -> list[tuple[int, str]]:
    """What is parked: sequence and state."""
    return [(row[0], row[1]) for row in await pool.fetch(STATES)]


async def first(store: EventStore, stream: str = "EMAIL") -> History:
    """What a stream holds now."""
    found: History = []
    end = await store.end(stream)
    if end:
        async for batch in store.follow(stream):
            found += batch
            if batch[-1].sequence >= end:
                break
    return found
