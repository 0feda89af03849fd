"""What a received message says: its text for reading, and the list of its files.

Tables ``received_texts`` and ``received_blobs`` (which bytes it refers to), keyed by the id of the
``MAILBOX`` event, to which the e-mail's row refers by ``source_id``. A newer reading of the message
replaces the text and the files; ``seq`` stays where the message was received.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import MessageErased, MessageReceived, MessageReread
from courrier.events.families.mailbox_state import MessagesPurged
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

from .rows import columns, json_text, text

ADD = """
    INSERT INTO received_texts (event_id, text, text_cut, attachments, list_id, seq)
    SELECT g.event_id, g.text, g.text_cut, g.attachments::jsonb, g.list_id, g.seq
      FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::bigint[])
           AS g(event_id, text, text_cut, attachments, list_id, seq)
    ON CONFLICT DO NOTHING
"""

REPLACE = """
    UPDATE received_texts t
       SET text = g.text, text_cut = g.text_cut, attachments = g.attachments::jsonb,
           reread_seq = g.seq
      FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::bigint[])
           AS g(event_id, text, text_cut, attachments, seq)
     WHERE t.event_id = g.event_id AND t.reread_seq < g.seq
"""

FORGET = "DELETE FROM received_texts WHERE event_id = ANY($1::text[])"
FORGET_BLOBS = "DELETE FROM received_blobs WHERE event_id = ANY($1::text[])"
REFER = """
    INSERT INTO received_blobs (event_id, digest)
    SELECT g.event_id, g.digest FROM unnest($1::text[], $2::text[]) AS g(event_id, digest)
    ON CONFLICT DO NOTHING
"""

texts: Projection[Db] = Projection("texts", stream="MAILBOX", version=3)


@texts.on(MessageReceived)
async def received(db: Db, run: Sequence[Recorded[MessageReceived]]) -> None:
    """The text and the files of each message."""
    rows = [
        (
            recorded.id,
            text(recorded.event.text),
            recorded.event.text_cut,
            json_text(recorded.event.attachments),
            recorded.event.list_id and text(recorded.event.list_id),
            recorded.sequence,
        )
        for recorded in run
    ]
    await db.execute(ADD, *columns(rows, 6))
    await db.execute(
        REFER, [recorded.id for recorded in run], [recorded.event.raw.digest for recorded in run]
    )


@texts.on(MessageReread)
async def reread(db: Db, run: Sequence[Recorded[MessageReread]]) -> None:
    """What these messages say by their newest reading; of an erased one there is no row."""
    newest = {recorded.event.source_id: recorded for recorded in run}
    rows = [
        (
            source_id,
            text(recorded.event.text),
            recorded.event.text_cut,
            json_text(recorded.event.attachments),
            recorded.sequence,
        )
        for source_id, recorded in newest.items()
    ]
    await db.execute(REPLACE, *columns(rows, 5))


@texts.on(MessagesPurged)
async def purged(db: Db, run: Sequence[Recorded[MessagesPurged]]) -> None:
    """Nothing of these messages is known; no e-mail was made of them."""
    ids = [each.source_id for recorded in run for each in recorded.event.messages]
    await db.execute(FORGET, ids)
    await db.execute(FORGET_BLOBS, ids)


@texts.on(MessageErased)
async def erased(db: Db, run: Sequence[Recorded[MessageErased]]) -> None:
    """Nothing of these messages is known, and they refer to no bytes any more."""
    ids = [source for recorded in run for source in recorded.event.source_ids]
    await db.execute(FORGET, ids)
    await db.execute(FORGET_BLOBS, ids)
