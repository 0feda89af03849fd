"""The ledger of each folder: what its cursor says. A row of ``fetched_folders`` is one folder.

Fed by ``MAILBOX`` through the projection ``fetching``. Numbers are the event's own and replace the
older ones; two sums, and what is remembered of earlier events (when a synchronisation began, the
last gap), are guarded by the sequence that the row has seen, so that an event counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import FolderAdvanced
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from . import fetching_states
from .rows import json_text, parsed, text

ADVANCE = """
    INSERT INTO fetched_folders AS f
           (account_id, folder, uidvalidity, received, skipped, advanced_at, seq,
            held, left_out, owed, since, largest, on_server, missing,
            began_at, began_with, comparison, compared_at, gap, gap_closed_at)
    VALUES ($1, $2, $3, $4::bigint, $5, $6::timestamptz, $7, $8::bigint, $9::jsonb, $10, $11,
            $12, $13, $14, $6::timestamptz, $8::bigint - $4::bigint, $15::jsonb,
            CASE WHEN $15::jsonb IS NOT NULL THEN $6::timestamptz END,
            $16::bigint, CASE WHEN $16::bigint > 0 THEN $6::timestamptz END)
    ON CONFLICT (account_id, folder) DO UPDATE
       SET uidvalidity = excluded.uidvalidity, received = f.received + excluded.received,
           skipped = f.skipped + excluded.skipped, advanced_at = excluded.advanced_at,
           seq = excluded.seq, held = excluded.held, left_out = excluded.left_out,
           owed = excluded.owed, since = excluded.since, largest = excluded.largest,
           on_server = COALESCE(excluded.on_server, f.on_server), missing = excluded.missing,
           began_at = CASE WHEN COALESCE(f.missing, 0) = 0 THEN excluded.began_at
                           ELSE f.began_at END,
           began_with = CASE WHEN COALESCE(f.missing, 0) = 0 THEN excluded.began_with
                             ELSE f.began_with END,
           renumbered_at = CASE WHEN f.uidvalidity <> excluded.uidvalidity
                                THEN excluded.advanced_at ELSE f.renumbered_at END,
           comparison = COALESCE(excluded.comparison, f.comparison),
           compared_at = COALESCE(excluded.compared_at, f.compared_at),
           gap = CASE WHEN excluded.gap > 0 THEN excluded.gap ELSE f.gap END,
           gap_closed_at = COALESCE(excluded.gap_closed_at, f.gap_closed_at)
     WHERE f.seq < excluded.seq
"""
LEDGER = """
    SELECT folder, uidvalidity, held, left_out, owed, since, largest, on_server, missing,
           began_at, began_with, advanced_at, renumbered_at, comparison, compared_at, gap,
           gap_closed_at
      FROM fetched_folders WHERE account_id = $1 ORDER BY folder
"""

fetching: Projection[Db] = fetching_states.fetching
"""All of the projection, once this module is loaded."""


@fetching.on(FolderAdvanced)
async def advanced(db: Db, run: Sequence[Recorded[FolderAdvanced]]) -> None:
    """A folder is read some way further, or was compared with the server."""
    for recorded in run:
        event = recorded.event
        comparison = event.comparison
        await db.execute(
            ADVANCE,
            event.account_id,
            text(event.folder),
            event.uidvalidity,
            event.received,
            len(event.skipped),
            recorded.time,
            recorded.sequence,
            event.held,
            json_text({one.reason: one.count for one in event.left_out}),
            len(event.owed),
            event.since,
            event.largest,
            event.server,
            event.missing,
            json_text(comparison) if comparison else None,
            comparison.recovered if comparison else 0,
        )


@dataclass(frozen=True, slots=True)
class FolderLedger:
    """One folder: ``held`` were received, ``missing`` are still to come, ``left_out`` by reason.

    ``comparison`` is the last one with the server (see ``FolderComparison``), or None.
    """

    folder: str
    uidvalidity: int
    held: int
    left_out: dict[str, int]
    owed: int
    since: date | None
    largest: int | None
    server: int | None
    missing: int | None
    began_at: datetime
    began_with: int
    advanced_at: datetime
    renumbered_at: datetime | None
    comparison: dict[str, Any] | None
    compared_at: datetime | None
    gap: int
    gap_closed_at: datetime | None


async def ledgers_of(pool: Pool, account_id: str) -> list[FolderLedger]:
    """Return the ledger of each folder of an account that was ever read."""
    return [_ledger(row) for row in await pool.fetch(LEDGER, account_id)]


def _ledger(row: Record) -> FolderLedger:
    return FolderLedger(
        row["folder"],
        row["uidvalidity"],
        row["held"],
        parsed(row["left_out"]),
        row["owed"],
        row["since"],
        row["largest"],
        row["on_server"],
        row["missing"],
        row["began_at"] or row["advanced_at"],
        row["began_with"],
        row["advanced_at"],
        row["renumbered_at"],
        parsed(row["comparison"]),
        row["compared_at"],
        row["gap"],
        row["gap_closed_at"],
    )
