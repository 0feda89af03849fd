"""What filters kept out, and until when it can be taken back: ``skipped_messages``.

Fed by ``EMAIL``. A row is one message, by its source's id: where it stands on its server and on
``MAILBOX`` (``place``), the filter, and its ``stage``: kept, recalled, expired, purged. Nothing of
what it said. A later fact sets the stage, guarded by its sequence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.email import MessageSkipped
from courrier.events.families.email_state import decision_key
from courrier.events.families.skipped import (
    SkippedMessageExpired,
    SkippedMessagePurged,
    SkippedMessageRecalled,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.cursors import Cursor

from .rows import columns, text

ADD = """
    INSERT INTO skipped_messages
           (source_id, decision_id, account_id, folder, uidvalidity, uid, place, filter_id, stage,
            at, due_at, seq)
    SELECT g.source_id, g.decision_id, g.account_id, g.folder, g.uidvalidity, g.uid, g.place,
           g.filter_id, 'kept', g.at, g.due_at, g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
                  $7::bigint[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::bigint[])
           AS g(source_id, decision_id, account_id, folder, uidvalidity, uid, place, filter_id, at,
                due_at, seq)
    ON CONFLICT DO NOTHING
"""
GO_ON = """
    UPDATE skipped_messages s SET stage = $2, seq = g.seq
      FROM unnest($1::text[], $3::bigint[]) AS g(source_id, seq)
     WHERE s.source_id = g.source_id AND s.seq < g.seq
"""
SHOWN = """
    SELECT source_id, decision_id, account_id, folder, uid, place, filter_id, stage, at, due_at
      FROM skipped_messages
"""
PAGE = (
    SHOWN
    + """
     WHERE account_id = ANY($1::text[]) AND (at, decision_id) < ($2, $3)
       AND at > now() - interval '30 days'
     ORDER BY at DESC, decision_id DESC LIMIT $4
"""
)
BY_DECISION = (
    SHOWN
    + """
     WHERE decision_id = $1 AND account_id = ANY($2::text[])
"""
)
COUNTS = """
    SELECT folder, uidvalidity, coalesce(filter_id, '') AS filter_id, count(*) AS number
      FROM skipped_messages
     WHERE account_id = $1 AND stage <> 'recalled'
     GROUP BY 1, 2, 3
"""
STAGES: dict[type[Any], str] = {
    SkippedMessageRecalled: "recalled",
    SkippedMessageExpired: "expired",
    SkippedMessagePurged: "purged",
}

skipped_messages: Projection[Db] = Projection("skipped-messages", stream="EMAIL", version=1)


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A message kept out; ``due_at`` is until when it can be taken back."""

    source_id: str
    decision_id: str
    account_id: str
    folder: str
    uid: int
    place: int
    filter_id: str | None
    stage: str
    at: datetime
    due_at: datetime


@skipped_messages.on(MessageSkipped)
async def kept_out(db: Db, run: Sequence[Recorded[MessageSkipped]]) -> None:
    """No e-mail is made of it."""
    await db.execute(ADD, *columns([_row(recorded) for recorded in run], 11))


@skipped_messages.on_each(*STAGES)
async def went_on(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """It was taken back, or its time is over, or nothing of it is left."""
    ids = [recorded.event.source_id for recorded in run]
    sequences = [recorded.sequence for recorded in run]
    await db.execute(GO_ON, ids, STAGES[type(run[0].event)], sequences)


async def skipped_of(
    pool: Pool, account_ids: Sequence[str], before: Cursor, limit: int
) -> list[SkippedRow]:
    """Return what was kept out of these accounts in the last 30 days, newest first."""
    if not account_ids:
        return []
    rows = await pool.fetch(PAGE, list(account_ids), before.moment, before.id, limit)
    return [_skipped(row) for row in rows]


async def skipped_by(pool: Pool, decision_id: str, account_ids: Sequence[str]) -> SkippedRow | None:
    """Return the message that this decision kept out of one of these accounts."""
    row = await pool.fetchrow(BY_DECISION, decision_id, list(account_ids))
    return _skipped(row) if row else None


async def counts_of(pool: Pool, account_id: str) -> dict[tuple[str, int], dict[str, int]]:
    """Return how many messages each filter keeps out, by folder and UIDVALIDITY."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for row in await pool.fetch(COUNTS, account_id):
        by_filter = found.setdefault((row["folder"], row["uidvalidity"]), {})
        by_filter[f"rule:{row['filter_id']}"] = row["number"]
    return found


def _row(recorded: Recorded[MessageSkipped]) -> tuple[object, ...]:
    event = recorded.event
    return (
        event.source_id,
        decision_key(recorded.correlation_id or recorded.id),
        event.account_id,
        text(event.folder),
        event.uidvalidity,
        event.uid,
        event.source_sequence,
        event.reason.rule_id,
        recorded.time,
        recorded.time + timedelta(seconds=event.recovery_s),
        recorded.sequence,
    )


def _skipped(row: Record) -> SkippedRow:
    return SkippedRow(*row)
