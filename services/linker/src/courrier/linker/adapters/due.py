"""What waits for a time or an answer: ``due``, ``human_mail``, ``resting``, ``given_up``.

Fed by our own stream ``EMAIL``. A row goes when a fact says that it is over; finding what is due
writes nothing, so that a tick that was late, or came twice, fires once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from courrier.events.envelope import Recorded
from courrier.events.families.conversation import ConversationStatusChanged
from courrier.events.families.email import EmailErased, EmailImported
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
    ReminderCleared,
    ReminderFired,
    ReminderSet,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

KEPT_DAYS = 30
"""What nobody holds any more goes so many days later."""

WAIT = """
    INSERT INTO due AS old (email_id, person_id, kind, at, until_answer, email_seq)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (email_id, person_id, kind) DO UPDATE
       SET at = excluded.at, until_answer = excluded.until_answer, email_seq = excluded.email_seq
     WHERE old.email_seq < excluded.email_seq
"""
OVER = """
    DELETE FROM due USING unnest($1::text[], $2::text[], $4::bigint[])
                          AS g(email_id, person_id, seq)
     WHERE due.email_id = g.email_id AND due.person_id = g.person_id AND due.kind = $3
       AND due.email_seq < g.seq
"""
HUMAN = """
    INSERT INTO human_mail (email_id, email_seq)
    SELECT email_id, seq FROM unnest($1::text[], $2::bigint[]) AS g(email_id, seq)
    ON CONFLICT DO NOTHING
"""
REST = """
    INSERT INTO resting AS old (thread_id, email_seq) VALUES ($1, $2)
    ON CONFLICT (thread_id) DO UPDATE SET email_seq = excluded.email_seq
     WHERE old.email_seq < excluded.email_seq
"""
STIR = "DELETE FROM resting WHERE thread_id = $1 AND email_seq < $2"
GIVE_UP = """
    INSERT INTO given_up AS old (email_id, holder, at, email_seq) VALUES ($1, $2, $3, $4)
    ON CONFLICT (email_id, holder) DO UPDATE SET at = excluded.at, email_seq = excluded.email_seq
     WHERE old.email_seq < excluded.email_seq
"""
TAKE_BACK = """
    DELETE FROM given_up USING unnest($1::text[], $2::text[], $3::bigint[])
                               AS g(email_id, person_id, seq)
     WHERE given_up.email_id = g.email_id AND given_up.holder = 'user:' || g.person_id
       AND given_up.email_seq < g.seq
"""
FORGET = (
    "DELETE FROM due WHERE email_id = ANY($1::text[])",
    "DELETE FROM human_mail WHERE email_id = ANY($1::text[])",
    "DELETE FROM given_up WHERE email_id = ANY($1::text[])",
)
DUE = """
    SELECT email_id, person_id, kind, 'due' AS why, NULL::text AS answer
      FROM due WHERE at <= $1
    UNION ALL
    SELECT d.email_id, d.person_id, d.kind, 'answered', reply.email_id
      FROM due d
      JOIN emails e ON e.email_id = d.email_id
      LEFT JOIN joined_threads j ON j.joined = e.thread_id
     CROSS JOIN LATERAL (
           SELECT a.email_id
             FROM (SELECT coalesce(j.thread_id, e.thread_id) AS thread_id
                   UNION ALL
                   SELECT p.joined FROM joined_threads p
                    WHERE p.thread_id = coalesce(j.thread_id, e.thread_id)) part
             JOIN emails a ON a.thread_id = part.thread_id
             JOIN human_mail h ON h.email_id = a.email_id
            WHERE h.email_seq > d.email_seq
            ORDER BY h.email_seq LIMIT 1) AS reply
     WHERE d.until_answer
     LIMIT $2
"""
OPENED = """
    SELECT r.thread_id, answer.email_id
      FROM resting r
     CROSS JOIN LATERAL (
           SELECT a.email_id
             FROM (SELECT r.thread_id
                   UNION ALL
                   SELECT p.joined FROM joined_threads p WHERE p.thread_id = r.thread_id) part
             JOIN emails a ON a.thread_id = part.thread_id
             JOIN human_mail h ON h.email_id = a.email_id
            WHERE h.email_seq > r.email_seq
            ORDER BY h.email_seq LIMIT 1) AS answer
     LIMIT $1
"""
UNHELD = """
    SELECT g.email_id
      FROM given_up g JOIN emails e ON e.email_id = g.email_id AND g.holder = ANY(e.holders)
     GROUP BY g.email_id, e.holders
    HAVING count(*) = cardinality(e.holders)
       AND max(g.at) < $1::timestamptz - $2::int * interval '1 day'
     LIMIT $3
"""  # what members of a team gave up for themselves is still the team's

IS_ABSENT = "SELECT is_absent FROM absent_people WHERE user_id = $1"

due: Projection[Db] = Projection("due", stream="EMAIL", version=1)

Kind = Literal["snooze", "reminder"]


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for a person, and why; ``answer`` is the e-mail that answered."""

    email_id: str
    person_id: str
    kind: Kind
    why: Literal["due", "answered"]
    answer: str | None


@due.on(EmailImported)
async def imported(db: Db, run: Sequence[Recorded[EmailImported]]) -> None:
    """A human's answer ends what waits for one; what was sent from here is none."""
    rows = [
        (r.event.email_id, r.sequence)
        for r in run
        if not r.event.auto_reply
        and r.event.status == "archived"
        and not any(each.folder in {"sent", "junk"} for each in r.event.holdings)
    ]
    if rows:
        await db.execute(HUMAN, *map(list, zip(*rows, strict=True)))


@due.on(EmailSnoozed)
async def snoozed(db: Db, run: Sequence[Recorded[EmailSnoozed]]) -> None:
    """It is to come back."""
    for r in run:
        wish = ("snooze", r.event.until, r.event.until_answer)
        await db.execute(WAIT, r.event.email_id, r.event.person_id, *wish, r.sequence)


@due.on_each(EmailWoken, EmailFiled, EmailArchived, EmailTrashed, EmailRestored)
async def moved(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """It is somewhere else: it waits no longer, and whoever gave it up has it again."""
    await _over(db, run, "snooze")
    if isinstance(run[0].event, EmailRestored):
        await db.execute(TAKE_BACK, *_keys(run))


@due.on(ReminderSet)
async def reminding(db: Db, run: Sequence[Recorded[ReminderSet]]) -> None:
    """Somebody is to be reminded, unless an answer comes."""
    for r in run:
        wish = ("reminder", r.event.at, True)
        await db.execute(WAIT, r.event.email_id, r.event.person_id, *wish, r.sequence)


@due.on_each(ReminderCleared, ReminderFired)
async def reminded(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """There is nothing to be reminded of any more."""
    await _over(db, run, "reminder")


@due.on(ConversationStatusChanged)
async def arranged(db: Db, run: Sequence[Recorded[ConversationStatusChanged]]) -> None:
    """What is closed or waits is opened by an answer."""
    for r in run:
        statement = REST if r.event.status in {"closed", "waiting"} else STIR
        await db.execute(statement, r.event.thread_id, r.sequence)


@due.on(EmailGivenUp)
async def given_up(db: Db, run: Sequence[Recorded[EmailGivenUp]]) -> None:
    """Somebody holds it no more."""
    await _over(db, run, "snooze")
    for r in run:
        holder = f"user:{r.event.person_id}"
        await db.execute(GIVE_UP, r.event.email_id, holder, r.time, r.sequence)


@due.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nothing waits for it."""
    for statement in FORGET:
        await db.execute(statement, [r.event.email_id for r in run])


class PostgresAgenda:
    """``Agenda``: what is due, asked of the index's tables."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def due(self, now: datetime, limit: int) -> list[Due]:
        """Return copies that are to be woken, and reminders to be fired or cleared."""
        return [Due(*row) for row in await self._pool.fetch(DUE, now, limit)]

    async def opened(self, limit: int) -> list[tuple[str, str]]:
        """Return conversations that were answered since they rest, and the answer."""
        rows = await self._pool.fetch(OPENED, limit)
        return [(row["thread_id"], row["email_id"]) for row in rows]

    async def is_absent(self, user_id: str) -> bool:
        """Tell whether somebody is not here any more."""
        return bool(await self._pool.fetchval(IS_ABSENT, user_id))

    async def unheld(self, now: datetime, limit: int) -> list[str]:
        """Return e-mails that nobody has held for ``KEPT_DAYS``."""
        rows = await self._pool.fetch(UNHELD, now, KEPT_DAYS, limit)
        return [row["email_id"] for row in rows]


async def _over(db: Db, run: Sequence[Recorded[Any]], kind: Kind) -> None:
    ids, people, sequences = _keys(run)
    await db.execute(OVER, ids, people, kind, sequences)


def _keys(run: Sequence[Recorded[Any]]) -> tuple[list[str], list[str], list[int]]:
    events = [r.event for r in run]
    return [e.email_id for e in events], [e.person_id for e in events], [r.sequence for r in run]
