"""Who did not get a message that had left: told to its author, and marked among people.

Table ``bounces``, one row a message and address, fed by ``OUTBOUND`` alone: ``deliveries`` stands
before it, from where author and subject come. ``address`` is as ``match_key`` has it. An address
that somebody is later reported to have been reached at works again.
"""

from collections.abc import Collection, Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.outbound import DeliveryReported, OutboundErased
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.mail.headers.addresses import match_key

from . import view_changes
from .rows import text

BOUNCED, DELIVERED = "bounced", "delivered"

PUT = """
    INSERT INTO bounces AS b (email_id, address, author_id, subject, is_hard, at, seq)
    SELECT $1, $2, d.author_id, d.subject, $3, $4, $5 FROM deliveries d WHERE d.email_id = $1
    ON CONFLICT (email_id, address) DO UPDATE
       SET is_hard = excluded.is_hard, at = excluded.at, seq = excluded.seq
     WHERE b.seq < excluded.seq
    RETURNING author_id
"""
WORKS = "UPDATE bounces SET is_hard = false WHERE address = $1 AND seq < $2"
FORGET = "DELETE FROM bounces WHERE email_id = ANY($1::text[])"
AMONG = "SELECT DISTINCT address FROM bounces WHERE is_hard AND address = ANY($1::text[])"

bounces: Projection[Db] = Projection("bounces", stream="OUTBOUND", version=1)


@bounces.on(DeliveryReported)
async def reported(db: Db, run: Sequence[Recorded[DeliveryReported]]) -> None:
    """The author is told of a bounce; a delay says nothing of the address."""
    for recorded in run:
        for outcome in recorded.event.outcomes:
            address = text(match_key(outcome.address)) or ""
            if outcome.outcome == DELIVERED:
                await db.execute(WORKS, address, recorded.sequence)
            elif outcome.outcome == BOUNCED:
                at = (recorded.event.is_hard, recorded.time, recorded.sequence)
                author = await db.fetchval(PUT, recorded.event.email_id, address, *at)
                await _tell(db, author, recorded, address)


@bounces.on(OutboundErased)
async def erased(db: Db, run: Sequence[Recorded[OutboundErased]]) -> None:
    """Nothing is known of it any more."""
    await db.execute(FORGET, [recorded.event.email_id for recorded in run])


async def bounced_among(pool: Pool, addresses: Collection[str]) -> frozenset[str]:
    """Return those of these addresses, as ``match_key`` has them, that will never work."""
    keys = sorted({match_key(address).replace("\0", "") for address in addresses})
    return frozenset(row["address"] for row in await pool.fetch(AMONG, keys))


async def _tell(
    db: Db, author: str | None, recorded: Recorded[DeliveryReported], address: str
) -> None:
    if author is not None:
        at = (recorded.stream, recorded.sequence)
        ref = f"bounce-{recorded.event.email_id}-{address}"
        await view_changes.add(db, author, kind="notification", ref=ref, at=at)
