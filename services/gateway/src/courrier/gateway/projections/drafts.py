"""What people write and have not sent: one row a draft, gone when its message is sent.

Table ``drafts``, fed by ``OUTBOUND``. ``fields`` are the draft's as its last fact has them,
``digests`` the blobs it needs, ``version`` the draft's own count of facts. A draft that was given
to be sent is ``submitted`` until the message is sent, and a draft again when it is taken back.
Every statement refuses to go back; the author's screen is told in the same transaction.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.drafts import (
    DraftDiscarded,
    DraftFields,
    DraftSaved,
    DraftSubmitted,
)
from courrier.events.families.outbound import MessageSent, OutboundCancelled, OutboundErased
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

from . import view_changes
from .rows import json_text

PUT = """
    INSERT INTO drafts AS d
           (email_id, author_id, team_ids, state, fields, digests, begun_at, saved_at, version,
            seq)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9, $10)
    ON CONFLICT (email_id) DO UPDATE
       SET team_ids = excluded.team_ids, state = excluded.state, fields = excluded.fields,
           digests = excluded.digests, saved_at = excluded.saved_at, version = excluded.version,
           seq = excluded.seq
     WHERE d.seq < excluded.seq
    RETURNING author_id
"""
REOPEN = """
    UPDATE drafts SET state = 'draft', saved_at = $2, seq = $3
     WHERE email_id = $1 AND seq < $3
    RETURNING author_id
"""
REMOVE = "DELETE FROM drafts WHERE email_id = $1 AND seq < $2 RETURNING author_id"

drafts: Projection[Db] = Projection("drafts", stream="OUTBOUND", version=1)


@drafts.on(DraftSaved)
async def saved(db: Db, run: Sequence[Recorded[DraftSaved]]) -> None:
    """The draft as it reads now."""
    for recorded in run:
        await _put(db, recorded, "draft")


@drafts.on(DraftSubmitted)
async def submitted(db: Db, run: Sequence[Recorded[DraftSubmitted]]) -> None:
    """The sender has it."""
    for recorded in run:
        await _put(db, recorded, "submitted")


@drafts.on(OutboundCancelled)
async def cancelled(db: Db, run: Sequence[Recorded[OutboundCancelled]]) -> None:
    """It is a draft again."""
    for recorded in run:
        email_id = recorded.event.email_id
        author = await db.fetchval(REOPEN, email_id, recorded.time, recorded.sequence)
        await _tell(db, author, email_id, recorded.sequence)


@drafts.on_each(DraftDiscarded, MessageSent, OutboundErased)
async def gone(
    db: Db,
    run: Sequence[Recorded[DraftDiscarded] | Recorded[MessageSent] | Recorded[OutboundErased]],
) -> None:
    """Thrown away, an e-mail now, or erased."""
    for recorded in run:
        email_id = recorded.event.email_id
        author = await db.fetchval(REMOVE, email_id, recorded.sequence)
        await _tell(db, author, email_id, recorded.sequence)


def digests_of(fields: DraftFields) -> list[str]:
    """Return the blobs that a draft needs."""
    texts = [ref for ref in (fields.text, fields.html) if ref is not None]
    refs = [*texts, *(file.content for file in fields.files)]
    return sorted({ref.digest for ref in refs})


async def _put(db: Db, recorded: Recorded[DraftSaved] | Recorded[DraftSubmitted], to: str) -> None:
    event = recorded.event
    author = await db.fetchval(
        PUT,
        event.email_id,
        event.author_id,
        list(event.fields.team_ids),
        to,
        json_text(event.fields.model_dump(mode="json", by_alias=True)),
        digests_of(event.fields),
        event.begun_at,
        recorded.time,
        recorded.version,
        recorded.sequence,
    )
    await _tell(db, author, event.email_id, recorded.sequence)


async def _tell(db: Db, author: str | None, email_id: str, sequence: int) -> None:
    if author is not None:
        at = ("OUTBOUND", sequence)
        await view_changes.add(db, author, kind="email", ref=email_id, at=at)
