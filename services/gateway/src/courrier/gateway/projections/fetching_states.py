"""Whether each account can be fetched: the last fact of its ``state``, a row an account.

Fed by ``MAILBOX`` through the projection ``fetching``; read with the account it belongs to. A row
is whole after each fact, and guarded by the sequence it has seen: replaying gives the same.
"""

from collections.abc import Sequence
from datetime import datetime

from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import (
    FetchingFailed,
    FetchingRecovered,
    FetchingResumed,
    FetchingSuspended,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

from .rows import json_text, text

SET_STATE = """
    INSERT INTO fetching_states AS s
           (account_id, failing, suspended, reason, text, retry_at, since, tries, texts, changed_at,
            seq)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (account_id) DO UPDATE
       SET failing = excluded.failing, suspended = excluded.suspended, reason = excluded.reason,
           text = excluded.text, retry_at = excluded.retry_at, since = excluded.since,
           tries = excluded.tries, texts = excluded.texts,
           changed_at = excluded.changed_at, seq = excluded.seq
     WHERE s.seq < excluded.seq
"""
BEGIN_ANEW = "DELETE FROM fetching_states WHERE account_id = $1 AND seq < $2"

fetching: Projection[Db] = Projection("fetching", stream="MAILBOX", version=1)


@fetching.on(FetchingFailed)
async def failed(db: Db, run: Sequence[Recorded[FetchingFailed]]) -> None:
    """The account cannot be read; people see why, and when it is tried again."""
    for recorded in run:
        await _set(db, recorded, suspended=False, retry_at=recorded.event.retry_at)


@fetching.on(FetchingSuspended)
async def suspended(db: Db, run: Sequence[Recorded[FetchingSuspended]]) -> None:
    """It is not tried any more until somebody acts."""
    for recorded in run:
        await _set(db, recorded, suspended=True, retry_at=None)


@fetching.on(FetchingResumed)
async def resumed(db: Db, run: Sequence[Recorded[FetchingResumed]]) -> None:
    """It is tried again: nothing is known of it until that has ended."""
    for recorded in run:
        await db.execute(BEGIN_ANEW, recorded.event.account_id, recorded.sequence)


@fetching.on(FetchingRecovered)
async def recovered(db: Db, run: Sequence[Recorded[FetchingRecovered]]) -> None:
    """The account is read again."""
    for recorded in run:
        at = (recorded.time, recorded.sequence)
        nothing = (None, None, None, None, 0, "{}")
        await db.execute(SET_STATE, recorded.event.account_id, False, False, *nothing, *at)


async def _set(
    db: Db,
    recorded: Recorded[FetchingFailed] | Recorded[FetchingSuspended],
    *,
    suspended: bool,
    retry_at: datetime | None,
) -> None:
    event = recorded.event
    await db.execute(
        SET_STATE,
        event.account_id,
        True,
        suspended,
        text(event.reason),
        text(event.text),
        retry_at,
        event.since or recorded.time,
        event.tries,
        json_text(event.texts),
        recorded.time,
        recorded.sequence,
    )
