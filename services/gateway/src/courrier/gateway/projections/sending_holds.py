"""Accounts whose outgoing servers asked to be left alone: what an account's status says of it.

Table ``sending_holds``, one row an account that is held back, fed by ``OUTBOUND`` alone; replaying
from zero gives the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.envelope import Recorded
from courrier.events.families.outbound import SendingHeldBack, SendingResumed
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import text

HOLD = """
    INSERT INTO sending_holds AS h (account_id, until, times, text, seq)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id) DO UPDATE
       SET until = excluded.until, times = excluded.times, text = excluded.text, seq = excluded.seq
     WHERE h.seq < excluded.seq
"""
RELEASE = "DELETE FROM sending_holds WHERE account_id = $1 AND seq < $2"

GET = "SELECT until, times, text FROM sending_holds WHERE account_id = $1"

sending_holds: Projection[Db] = Projection("sending_holds", stream="OUTBOUND", version=1)


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is begun before ``until``; ``times`` in a row the server said something like this."""

    until: datetime
    times: int
    text: str


@sending_holds.on(SendingHeldBack)
async def held_back(db: Db, run: Sequence[Recorded[SendingHeldBack]]) -> None:
    """The server's words, and until when it is left alone."""
    for recorded in run:
        said = recorded.event
        row = (said.account_id, said.until, said.times, text(said.text), recorded.sequence)
        await db.execute(HOLD, *row)


@sending_holds.on(SendingResumed)
async def resumed(db: Db, run: Sequence[Recorded[SendingResumed]]) -> None:
    """It takes messages again."""
    for recorded in run:
        await db.execute(RELEASE, recorded.event.account_id, recorded.sequence)


async def hold_of(pool: Pool, account_id: str) -> Hold | None:
    """Return what an account's server asked for; None where messages leave as they come."""
    row = await pool.fetchrow(GET, account_id)
    return Hold(row["until"], row["times"], row["text"]) if row else None
