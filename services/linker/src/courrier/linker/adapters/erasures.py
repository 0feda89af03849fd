"""Which e-mails were erased: ``erased``, so that no copy of one becomes an e-mail again.

Fed by our own stream ``EMAIL``. All that is kept are keyed hashes. Erasing takes the e-mail's own
rows away; applying it again finds none.
"""

from collections.abc import Iterable, Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailErased
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.adapters import healings
from courrier.linker.domain.words import address_keys, keys_of_words

FORGET = "DELETE FROM emails WHERE email_id = ANY($1::text[])"
FORGET_LINKS = "DELETE FROM email_links WHERE email_id = ANY($1::text[])"
FORGET_KEYS = """
    DELETE FROM thread_keys AS k USING unnest($1::bigint[], $2::text[]) AS gone (key, email_id)
     WHERE k.key = gone.key AND k.email_id = gone.email_id
"""
FORGET_ADDRESSES = """
    DELETE FROM email_addresses AS a USING unnest($1::bigint[], $2::text[]) AS gone (key, email_id)
     WHERE a.address_key = gone.key AND a.email_id = gone.email_id
"""
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
    words = [each.words for each in await healings.stored(db, ids)]
    keys = [(key, each.email_id) for each in words for key in keys_of_words(each)]
    found = [(key, each.email_id) for each in words for key in address_keys(each.parties)]
    for statement, gone in ((FORGET_KEYS, keys), (FORGET_ADDRESSES, found)):
        if gone:
            await db.execute(statement, *map(list, zip(*gone, strict=True)))
    await db.execute(FORGET, ids)
    await db.execute(FORGET_LINKS, ids)
    kept = [recorded.event.message_key for recorded in run]
    await db.execute(KEEP, ids, kept, [recorded.sequence for recorded in run])


async def erased_among(
    db: Db, email_ids: Iterable[str], message_keys: Iterable[str]
) -> dict[str, str | None]:
    """Return the key of each erased e-mail that has one of these ids or keys."""
    rows = await db.fetch(ERASED, list(email_ids), list(message_keys))
    return {row[0]: row[1] for row in rows}
