"""Accounts whose servers asked to be left alone.

Table ``holds``, one row an account that is held back, fed by ``OUTBOUND`` alone and read by the
delivery loop. ``SendingResumed`` removes the row; replaying from zero gives the same rows.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.outbound import SendingHeldBack, SendingResumed
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

HOLD = """
    INSERT INTO holds AS h (account_id, until, outbound_seq) VALUES ($1, $2, $3)
    ON CONFLICT (account_id) DO UPDATE
       SET until = excluded.until, outbound_seq = excluded.outbound_seq
     WHERE h.outbound_seq < excluded.outbound_seq
"""

RELEASE = "DELETE FROM holds WHERE account_id = ANY($1::text[])"

holds: Projection[Db] = Projection("holds", stream="OUTBOUND", version=1)


@holds.on(SendingHeldBack)
async def held_back(db: Db, run: Sequence[Recorded[SendingHeldBack]]) -> None:
    """Nothing is begun for this account before that time."""
    last = {recorded.event.account_id: recorded for recorded in run}
    rows = [(key, each.event.until, each.sequence) for key, each in last.items()]
    await db.executemany(HOLD, rows)


@holds.on(SendingResumed)
async def resumed(db: Db, run: Sequence[Recorded[SendingResumed]]) -> None:
    """The server takes messages again."""
    await db.execute(RELEASE, [recorded.event.account_id for recorded in run])
