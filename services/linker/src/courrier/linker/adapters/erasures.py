"""Which e-mails were erased: ``erased``, so that no copy of one becomes an e-mail again.

Fed by our own stream ``EMAIL``. All that is kept are keyed hashes. Erasing takes the e-mail's own
rows away; applying it again finds none.
"""

from collections.abc import Iterable, Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailErased
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

FORGET = "DELETE FROM emails WHERE email_id = ANY($1::text[])"
FORGET_PARENTS = "DELETE FROM threads WHERE email_id = ANY($1::text[])"
KEEP = """
    INSERT INTO erased (email_id, message_key, email_seq)
    SELECT email_id, message_key, email_seq
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (email_id, message_key, email_seq)
    ON CONFLICT (email_id) DO NOTHING
"""
ERASED = """
    SELECT email_id, message_key FROM erased WHERE email_id = ANY($1::text[])
     UNION
    SELECT email_id, message_key FROM erased WHERE message_key = ANY($2::text[])
"""


def register(emails: Projection[Db]) -> None:
    """Let the projection of e-mails take erasures, in their order among the others."""
    emails.on(EmailErased)(erased)


async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """The e-mail is gone; its key stays."""
    ids = [recorded.event.email_id for recorded in run]
    await db.execute(FORGET, ids)
    await db.execute(FORGET_PARENTS, ids)
    keys = [recorded.event.message_key for recorded in run]
    await db.execute(KEEP, ids, keys, [recorded.sequence for recorded in run])


async def erased_among(
    db: Db, email_ids: Iterable[str], message_keys: Iterable[str]
) -> dict[str, str | None]:
    """Return the key of each erased e-mail that has one of these ids or keys."""
    rows = await db.fetch(ERASED, list(email_ids), list(message_keys))
    return {row[0]: row[1] for row in rows}
