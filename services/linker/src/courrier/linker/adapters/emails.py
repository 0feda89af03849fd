"""Which e-mails there are: ``emails``, and the records that a thread may belong to: ``threads``.

Fed by our own stream ``EMAIL``. Importing is once for an e-mail, holders only grow and are kept
as a sorted set, a thread's record is that of its lowest sequence: applying the same events again,
or those of two instances in another order, gives the same rows. What an erased e-mail left behind
stands in ``erased`` (see ``erasures.py``).
"""

from collections.abc import Iterable, Sequence

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported, EmailShared, Holding
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.adapters import erasures
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.identity import subject_key_of
from courrier.linker.domain.known import KnownEmail

IMPORT = """
    INSERT INTO emails (email_id, thread_id, subject_key, fingerprint, holders, email_seq)
    SELECT email_id, thread_id, subject_key, fingerprint, string_to_array(holders, ','), email_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
           AS new (email_id, thread_id, subject_key, fingerprint, holders, email_seq)
    ON CONFLICT (email_id) DO NOTHING
"""
SHARE = """
    UPDATE emails AS old
       SET holders = ARRAY(SELECT DISTINCT unnest(old.holders || new.added) ORDER BY 1),
           email_seq = greatest(old.email_seq, new.email_seq)
      FROM (SELECT email_id, array_agg(holder) AS added, max(email_seq) AS email_seq
              FROM unnest($1::text[], $2::text[], $3::bigint[]) AS one (email_id, holder, email_seq)
             GROUP BY email_id) AS new
     WHERE old.email_id = new.email_id
"""
ADD_PARENTS = """
    INSERT INTO threads (email_id, thread_id, parent_type, parent_id, email_seq)
    SELECT email_id, thread_id, parent_type, parent_id, email_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
           AS new (email_id, thread_id, parent_type, parent_id, email_seq)
    ON CONFLICT (email_id) DO NOTHING
"""
EMAILS = """
    SELECT email_id, thread_id, subject_key, fingerprint, holders
      FROM emails
     WHERE email_id = ANY($1::text[])
"""
PARENTS = """
    SELECT wanted.thread_id, first.parent_type, first.parent_id
      FROM unnest($1::text[]) AS wanted (thread_id)
     CROSS JOIN LATERAL (SELECT t.parent_type, coalesce(g.into_id, t.parent_id) AS parent_id
                           FROM threads AS t
                           LEFT JOIN gone_records AS g
                             ON g.record_type = t.parent_type AND g.record_id = t.parent_id
                            AND g.gone
                           LEFT JOIN gone_records AS too
                             ON too.record_type = g.record_type AND too.record_id = g.into_id
                            AND too.gone
                          WHERE t.thread_id = wanted.thread_id
                            AND (g.record_id IS NULL OR g.into_id IS NOT NULL)
                            AND too.record_id IS NULL
                          ORDER BY t.email_seq
                          LIMIT 1) AS first
"""

emails: Projection[Db] = Projection("emails", stream="EMAIL", version=2)
erasures.register(emails)


@emails.on(EmailImported)
async def imported(db: Db, run: Sequence[Recorded[EmailImported]]) -> None:
    """The e-mail exists, and its record may be its thread's."""
    rows = [(*_row(r.event), r.sequence) for r in run]
    await db.execute(IMPORT, *map(list, zip(*rows, strict=True)))
    parents = [
        (r.event.email_id, r.event.thread_id, link.record.type, link.record.id, r.sequence)
        for r in run
        for link in r.event.links
        if link.parent
    ]
    if parents:
        await db.execute(ADD_PARENTS, *map(list, zip(*parents, strict=True)))


@emails.on(EmailShared)
async def shared(db: Db, run: Sequence[Recorded[EmailShared]]) -> None:
    """More holders."""
    rows = [(r.event.email_id, holder_key(h), r.sequence) for r in run for h in r.event.holdings]
    if rows:
        await db.execute(SHARE, *map(list, zip(*rows, strict=True)))


async def emails_of(db: Db, email_ids: Iterable[str]) -> dict[str, KnownEmail]:
    """Return those of these e-mails that exist."""
    return {
        email_id: KnownEmail(thread_id, subject_key, fingerprint, frozenset(holders))
        for email_id, thread_id, subject_key, fingerprint, holders in await db.fetch(
            EMAILS, list(email_ids)
        )
    }


async def parents_of(db: Db, thread_ids: Iterable[str]) -> dict[str, RecordRef]:
    """Return the record of each of these threads that has one, or what stands for it now."""
    rows = await db.fetch(PARENTS, list(thread_ids))
    return {row[0]: RecordRef(type=row[1], id=row[2]) for row in rows}


def _row(event: EmailImported) -> tuple[str, str, str, str, str]:
    subject_key = subject_key_of(event.subject)
    holders = _joined(event.holdings)
    return (event.email_id, event.thread_id, subject_key, event.fingerprint or "", holders)


def _joined(holdings: tuple[Holding, ...]) -> str:
    return ",".join(sorted(map(holder_key, holdings)))
