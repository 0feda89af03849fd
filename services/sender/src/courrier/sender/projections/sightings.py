"""Our own messages as they were met in mailboxes: in a Sent folder, or at a recipient's.

Table ``sightings``, one row a place where a message was met, fed by ``MAILBOX`` alone. It is asked
about messages whose delivery is uncertain, whichever of the two came first; the first place counts.
Of the Message-ID only a digest stays; the log of the message itself tells whether it is the one.
"""

import re
from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import MessageErased, MessageReceived
from courrier.events.families.mailbox_state import MessagesPurged
from courrier.events.postgres.pool import Db
from courrier.events.postgres.projector import Checkpoint
from courrier.events.projection import Projection
from courrier.sender.domain.orders import digest_of

CHECKPOINT = Checkpoint("sender", "sightings", "MAILBOX")

INSERT = """
    INSERT INTO sightings (source_id, email_id, message_digest, place, mailbox_seq)
    SELECT n.source_id, n.email_id, n.digest, n.place, n.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
           AS n (source_id, email_id, digest, place, seq)
    ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM sightings WHERE source_id = ANY($1::text[])"

_OURS = re.compile(r"([0-9a-f]{32})\.[^@\s]+@")

sightings: Projection[Db] = Projection("sightings", stream="MAILBOX", version=2)


@sightings.on(MessageReceived)
async def received(db: Db, run: Sequence[Recorded[MessageReceived]]) -> None:
    """Remember those whose Message-ID may be one of ours; drafts and imports prove nothing."""
    rows = [row for recorded in run if (row := _sighting(recorded)) is not None]
    if rows:
        await db.execute(INSERT, *(list(column) for column in zip(*rows, strict=True)))


@sightings.on(MessageErased)
async def erased(db: Db, run: Sequence[Recorded[MessageErased]]) -> None:
    """These messages were never met."""
    await db.execute(FORGET, [each for recorded in run for each in recorded.event.source_ids])


@sightings.on(MessagesPurged)
async def purged(db: Db, run: Sequence[Recorded[MessagesPurged]]) -> None:
    """Nor were these."""
    ids = [each.source_id for recorded in run for each in recorded.event.messages]
    await db.execute(FORGET, ids)


def _sighting(recorded: Recorded[MessageReceived]) -> tuple[str, str, str, str, int] | None:
    said = recorded.event
    ours = _OURS.match(said.message_id or "")
    if ours is None or said.message_id is None:
        return None
    if said.uidvalidity == 0 or said.special_use == r"\Drafts":
        return None
    place = "sent" if said.special_use == r"\Sent" else "received"
    return recorded.id, ours[1], digest_of(said.message_id), place, recorded.sequence
