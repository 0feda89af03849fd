"""What a received message says: its text for reading, and the list of its files.

Table ``received_texts``, keyed by the id of the ``MAILBOX`` event, to which the e-mail's row
refers by ``source_id``. Inserted once, never changed.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.mailbox import MessageReceived
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

from .rows import columns, json_text, text

ADD = """
    INSERT INTO received_texts (event_id, text, text_cut, attachments, seq)
    SELECT g.event_id, g.text, g.text_cut, g.attachments::jsonb, g.seq
      FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::bigint[])
           AS g(event_id, text, text_cut, attachments, seq)
    ON CONFLICT DO NOTHING
"""

texts: Projection[Db] = Projection("texts", stream="MAILBOX", version=1)


@texts.on(MessageReceived)
async def received(db: Db, run: Sequence[Recorded[MessageReceived]]) -> None:
    """The text and the files of each message."""
    rows = [
        (
            recorded.id,
            text(recorded.event.text),
            recorded.event.text_cut,
            json_text(recorded.event.attachments),
            recorded.sequence,
        )
        for recorded in run
    ]
    await db.execute(ADD, *columns(rows, 5))
