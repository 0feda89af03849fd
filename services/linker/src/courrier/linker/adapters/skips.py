"""Which messages a filter kept out: ``skipped``, fed by our own stream ``EMAIL``.

``stage`` is ``kept`` until it is due, then ``expired`` until the fetcher has purged it, ``purged``
from then on; ``recalled`` is what somebody took back in time. Each fact sets it, the last one wins
by its sequence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courrier.events.envelope import Recorded
from courrier.events.families.email import MessageSkipped
from courrier.events.families.skipped import (
    SkippedMessageExpired,
    SkippedMessagePurged,
    SkippedMessageRecalled,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.linker.domain.skipping import due_of

SKIP = """
    INSERT INTO skipped (source_id, stage, due_at, email_seq)
    SELECT source_id, 'kept', due_at, email_seq
      FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) AS new (source_id, due_at, email_seq)
    ON CONFLICT (source_id) DO NOTHING
"""
ADVANCE = """
    UPDATE skipped AS old SET stage = $2, email_seq = new.email_seq
      FROM unnest($1::text[], $3::bigint[]) AS new (source_id, email_seq)
     WHERE old.source_id = new.source_id AND old.email_seq < new.email_seq
"""
SKIPPED = "SELECT source_id, stage FROM skipped WHERE source_id = ANY($1::text[])"
WAITING = """
    SELECT source_id FROM skipped
     WHERE stage IN ('kept', 'expired') AND due_at <= $1 ORDER BY due_at LIMIT $2
"""

STAGES: dict[type[Any], str] = {
    SkippedMessageRecalled: "recalled",
    SkippedMessageExpired: "expired",
    SkippedMessagePurged: "purged",
}

skips: Projection[Db] = Projection("skips", stream="EMAIL", version=2)


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Sources that a filter kept out, and those of them that somebody took back."""

    sources: frozenset[str]
    recalled: frozenset[str]


@skips.on(MessageSkipped)
async def kept_out(db: Db, run: Sequence[Recorded[MessageSkipped]]) -> None:
    """No e-mail is made of it."""
    rows = [(r.event.source_id, due_of(r.time, r.event), r.sequence) for r in run]
    await db.execute(SKIP, *map(list, zip(*rows, strict=True)))


@skips.on_each(*STAGES)
async def went_on(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """It was taken back, or its time is over, or nothing of it is left."""
    ids = [r.event.source_id for r in run]
    await db.execute(ADVANCE, ids, STAGES[type(run[0].event)], [r.sequence for r in run])


async def skipped_among(db: Db, source_ids: Iterable[str]) -> KeptOut:
    """Return those of these messages that were kept out."""
    rows = [(row[0], row[1]) for row in await db.fetch(SKIPPED, list(source_ids))]
    recalled = frozenset(source_id for source_id, stage in rows if stage == "recalled")
    return KeptOut(frozenset(source_id for source_id, _ in rows), recalled)


class PostgresWaitingSkips:
    """``WaitingSkips``: what is to be purged, asked of the index's table."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def waiting(self, now: datetime, limit: int) -> list[str]:
        """Return the sources whose time is over and that are not purged yet, oldest first."""
        return [row[0] for row in await self._pool.fetch(WAITING, now, limit)]
