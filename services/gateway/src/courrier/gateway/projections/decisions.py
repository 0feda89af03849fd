"""What was decided about e-mails after they came: by whom, when, by which rule, and undone or not.

Tables ``decided`` (a row a fact, by its event's id) and ``decisions`` (a row a decision and person,
which counts the rows of the other), fed by ``EMAIL``. A decision is what shares a correlation id.
Its row moves by what the statement added, so that a fact that comes again counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families import email_state as state
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email import (
    EmailErased,
    EmailLinked,
    EmailMarkedRead,
    EmailMarkedUnread,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.cursors import Cursor

from .emails import evidence_text
from .rows import columns, parsed

ADD = """
    WITH given AS (
        SELECT g.event_id, g.decision_id, g.email_id, g.person_id, g.what, g.undoes, g.reason,
               g.actor, g.at, g.seq
          FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                      $7::text[], $8::text[], $9::timestamptz[], $10::bigint[])
               AS g(event_id, decision_id, email_id, person_id, what, undoes, reason, actor, at,
                    seq)
    ), added AS (
        INSERT INTO decided
               (event_id, decision_id, email_id, person_id, what, undoes, reason, actor, at, seq)
        SELECT event_id, decision_id, email_id, person_id, what, undoes, reason::jsonb, actor, at,
               seq
          FROM given
        ON CONFLICT DO NOTHING
        RETURNING event_id
    ), fresh AS (
        SELECT g.decision_id, g.person_id, g.what, g.reason, g.actor, g.at, g.seq
          FROM given g JOIN added a ON a.event_id = g.event_id
    )
    INSERT INTO decisions AS old
           (decision_id, person_id, what, reason, actor, at, facts, seq)
    SELECT f.decision_id, f.person_id, array_agg(DISTINCT f.what ORDER BY f.what),
           (array_agg(f.reason ORDER BY f.seq))[1]::jsonb,
           (array_agg(f.actor ORDER BY f.seq))[1], min(f.at), count(*), min(f.seq)
      FROM fresh f GROUP BY f.decision_id, f.person_id
     ORDER BY f.decision_id, f.person_id
    ON CONFLICT (decision_id, person_id) DO UPDATE
       SET what = ARRAY(SELECT DISTINCT unnest(old.what || excluded.what) ORDER BY 1),
           facts = old.facts + excluded.facts
"""
FORGET = """
    DELETE FROM decided WHERE email_id = ANY($1::text[]) RETURNING decision_id, person_id
"""
DROP = """
    DELETE FROM decisions d
     USING (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS of (decision_id, person_id)
     WHERE d.decision_id = of.decision_id AND d.person_id = of.person_id
"""
TELL_ANEW = """
    INSERT INTO decisions (decision_id, person_id, what, reason, actor, at, facts, seq)
    SELECT d.decision_id, d.person_id, array_agg(DISTINCT d.what ORDER BY d.what),
           (array_agg(d.reason ORDER BY d.seq))[1], (array_agg(d.actor ORDER BY d.seq))[1],
           min(d.at), count(*), min(d.seq)
      FROM decided d
      JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[])) AS of (decision_id, person_id)
        ON d.decision_id = of.decision_id AND d.person_id = of.person_id
     GROUP BY d.decision_id, d.person_id
"""
_SHOWN = """
    SELECT d.decision_id, d.what, d.reason, d.actor, d.at,
           (SELECT count(DISTINCT e.email_id) FROM decided e
             WHERE e.decision_id = d.decision_id AND e.person_id = d.person_id) AS emails,
           (SELECT min(e.email_id) FROM decided e
             WHERE e.decision_id = d.decision_id AND e.person_id = d.person_id) AS email_id,
           (SELECT count(DISTINCT u.email_id) FROM decided u
             WHERE u.undoes = d.decision_id AND u.person_id = d.person_id) AS undone
      FROM decisions d
     WHERE d.person_id = $1 AND d.at > now() - interval '30 days'
       AND (d.at, d.decision_id) < ($2, $3)
       {which}
     ORDER BY d.at DESC, d.decision_id DESC LIMIT $4
"""
_ON = """
       AND (SELECT true FROM decided e
             WHERE e.email_id = $5 AND e.person_id = d.person_id
               AND e.decision_id = d.decision_id LIMIT 1) IS NOT NULL
"""
PAGE = _SHOWN.format(which="")
ON_EMAIL = _SHOWN.format(which=_ON)
EMAILS = """
    SELECT DISTINCT email_id FROM decided
     WHERE decision_id = $1 AND person_id = $2 AND at > now() - interval '30 days'
       AND email_id > $3
     ORDER BY email_id LIMIT $4
"""
HOW_MANY = """
    SELECT count(DISTINCT email_id) FROM decided
     WHERE decision_id = $1 AND person_id = $2 AND at > now() - interval '30 days'
"""
DECIDED_BY = """
    SELECT bool_and(actor = $3) FROM decided WHERE decision_id = $1 AND person_id = $2
"""
FOLDER_OF = """
    SELECT reason ->> 'rule_id' FROM decided
     WHERE decision_id = $1 AND person_id = $2 AND reason ->> 'rule' = 'folder-removed' LIMIT 1
"""
LAST = """
    SELECT d.decision_id FROM decided d
     WHERE d.email_id = $1 AND d.person_id = $2 AND d.actor = $3 AND d.undoes IS NULL
       AND d.at > now() - interval '30 days'
       AND NOT EXISTS (SELECT 1 FROM decided u
                        WHERE u.email_id = d.email_id AND u.person_id = d.person_id
                          AND u.undoes = d.decision_id)
     ORDER BY d.seq DESC LIMIT 1
"""
WORDS: dict[type[Any], str] = {
    EmailLinked: "linked",
    EmailRethreaded: "rethreaded",
    EmailMarkedRead: "read",
    EmailMarkedUnread: "unread",
    state.EmailMarkedImportant: "important",
    state.EmailMarkedUnimportant: "unimportant",
    state.EmailFiled: "filed",
    state.EmailArchived: "archived",
    state.EmailTrashed: "trashed",
    state.EmailRestored: "restored",
    state.EmailGivenUp: "given-up",
    state.EmailSnoozed: "snoozed",
    state.EmailWoken: "woken",
    state.ReminderSet: "reminder-set",
    state.ReminderCleared: "reminder-cleared",
}
"""The facts that are decisions, and their words; a further kind of fact is a further row."""

decisions: Projection[Db] = Projection("decisions", stream="EMAIL", version=4)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision as one person has it: what it did, to how many e-mails, undone on how many."""

    id: str
    what: list[str]
    reason: dict[str, str | None] | None
    actor: str
    at: datetime
    emails: int
    email_id: str | None
    undone: int


@decisions.on_each(*WORDS)
async def decided(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """Some facts more."""
    await db.execute(ADD, *columns([_row(recorded) for recorded in run], 10))


@decisions.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nothing is known of what was decided about these; the decisions are about the others."""
    gone = await db.fetch(FORGET, [recorded.event.email_id for recorded in run])
    of = ([row["decision_id"] for row in gone], [row["person_id"] for row in gone])
    await db.execute(DROP, *of)
    await db.execute(TELL_ANEW, *of)


async def decisions_of(
    pool: Pool, person_id: str, before: Cursor, limit: int, email_id: str | None = None
) -> list[DecisionRow]:
    """Return a person's decisions of the last 30 days, newest first, perhaps on one e-mail."""
    values = (person_id, before.moment, before.id, limit)
    if email_id is None:
        return [_decision(row) for row in await pool.fetch(PAGE, *values)]
    return [_decision(row) for row in await pool.fetch(ON_EMAIL, *values, email_id)]


async def emails_of_decision(
    pool: Pool, decision_id: str, *, person_id: str, limit: int, after: str = ""
) -> list[str]:
    """Return the e-mails of a decision that can still be undone, by id, from ``after`` on."""
    rows = await pool.fetch(EMAILS, decision_id, person_id, after, limit)
    return [row["email_id"] for row in rows]


async def count_emails(pool: Pool, decision_id: str, *, person_id: str) -> int:
    """Return how many e-mails of a decision can still be undone."""
    return int(await pool.fetchval(HOW_MANY, decision_id, person_id))


async def is_own(pool: Pool, decision_id: str, *, person_id: str, actor: str) -> bool:
    """Tell whether it was the person who decided, so that what is everybody's is undone too."""
    return bool(await pool.fetchval(DECIDED_BY, decision_id, person_id, actor))


async def removed_folder_of(pool: Pool, decision_id: str, *, person_id: str) -> str | None:
    """Return the folder whose removal this decision followed, or None."""
    found = await pool.fetchval(FOLDER_OF, decision_id, person_id)
    return str(found) if found else None


async def last_on(pool: Pool, email_id: str, *, person_id: str, actor: str) -> str | None:
    """Return a person's last decision on an e-mail that was not undone."""
    found = await pool.fetchval(LAST, email_id, person_id, actor)
    return str(found) if found else None


def _decision(row: Record) -> DecisionRow:
    return DecisionRow(
        row["decision_id"],
        row["what"],
        parsed(row["reason"]),
        row["actor"],
        row["at"],
        row["emails"],
        row["email_id"],
        row["undone"],
    )


def _row(recorded: Recorded[Any]) -> tuple[object, ...]:
    event = recorded.event
    reason = event.because if isinstance(event, EmailLinked) else event.reason
    folder = getattr(event, "folder", None)
    word = WORDS[type(event)]
    return (
        recorded.id,
        state.decision_key(recorded.correlation_id or recorded.id),
        event.email_id,
        _whose(recorded),
        f"{word}:{folder}" if folder else word,
        state.decision_key(reason.value or "") if reason and reason.rule == "undo" else None,
        evidence_text(reason) if reason else None,
        recorded.actor,
        recorded.time,
        recorded.sequence,
    )


def _whose(recorded: Recorded[Any]) -> str:
    """Return whose decision it is; what is everybody's is that of the person who decided it."""
    kind, _, name = recorded.actor.partition(":")
    return str(getattr(recorded.event, "person_id", name if kind == "user" else ""))
