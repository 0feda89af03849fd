"""``CaseAgenda``: which mail waits for a case, and what there is to decide on."""

from typing import Any

from courrier.events.base import RecordRef
from courrier.events.postgres.pool import Db, Pool
from courrier.linker.adapters.directory import owners_of
from courrier.linker.adapters.index import BY_INDEX
from courrier.linker.adapters.people import people_at
from courrier.linker.domain.case_mail import Candidate, CaseMail, Claimed, Writer
from courrier.linker.domain.group_mail import CASE
from courrier.linker.domain.words import Party, address_keys
from courrier.linker.ports import Asked, Waiting
from courrier.mail.headers.addresses import match_key
from courrier.mail.headers.origin import Verdict

WAITING = """
    SELECT m.email_id, m.account_id, m.template_id, coalesce(j.thread_id, e.thread_id)
      FROM case_mail AS m
      JOIN emails AS e ON e.email_id = m.email_id
      LEFT JOIN joined_threads AS j ON j.joined = e.thread_id
     WHERE NOT m.settled
       AND (m.request_id IS NULL
            OR EXISTS (SELECT 1 FROM cases AS c WHERE c.request_id = m.request_id))
     ORDER BY m.email_seq
     LIMIT $1
"""
OPEN = "SELECT count(*) FROM case_mail WHERE NOT settled"
CLAIMED = """
    SELECT q.claim, q.email_id, q.request_id, q.email_seq,
           c.case_id IS NOT NULL, m.email_id IS NULL OR m.settled,
           CASE WHEN g.record_id IS NULL OR g.into_id IS NOT NULL
                THEN coalesce(g.into_id, c.case_id) END,
           c.number, c.user_id
      FROM case_requests AS q
      LEFT JOIN case_mail AS m ON m.email_id = q.email_id
      LEFT JOIN cases AS c ON c.request_id = q.request_id
      LEFT JOIN gone_records AS g
        ON g.record_type = 'case' AND g.record_id = c.case_id AND g.gone
     WHERE q.claim = ANY(ARRAY[$1::text, $2::text] || ARRAY(
               SELECT t.joined FROM joined_threads AS t WHERE t.thread_id = $2::text))
     ORDER BY q.email_seq
"""
OF_THREAD = """
    SELECT coalesce(g.into_id, l.record_id)
      FROM unnest($1::text || ARRAY(
               SELECT t.joined FROM joined_threads AS t WHERE t.thread_id = $1::text)) AS whole (id)
      JOIN emails AS e ON e.thread_id = whole.id
      JOIN email_links AS l ON l.email_id = e.email_id AND l.record_type = 'case'
      LEFT JOIN gone_records AS g
        ON g.record_type = 'case' AND g.record_id = l.record_id AND g.gone
     WHERE g.record_id IS NULL OR g.into_id IS NOT NULL
     ORDER BY e.email_seq DESC
     LIMIT 1
"""
OF_NUMBER = """
    SELECT coalesce(g.into_id, c.case_id)
      FROM cases AS c
      LEFT JOIN gone_records AS g
        ON g.record_type = 'case' AND g.record_id = c.case_id AND g.gone
     WHERE c.number = $1 AND (g.record_id IS NULL OR g.into_id IS NOT NULL)
     ORDER BY c.case_id
     LIMIT 1
"""
CANDIDATE = """
    SELECT c.account_id, c.contact_ids, c.lead_id,
           EXISTS (SELECT 1 FROM email_links AS l
                     JOIN email_addresses AS a ON a.email_id = l.email_id
                    WHERE l.record_type = 'case' AND l.record_id = c.case_id
                      AND a.address_key = $2),
           EXISTS (SELECT 1 FROM email_links AS l
                    WHERE l.record_type = 'case' AND l.record_id = c.case_id
                      AND l.email_id = ANY($3::text[]))
      FROM cases AS c
     WHERE c.case_id = $1
"""


class PostgresCaseDesk:
    """``CaseAgenda`` over the index's tables."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self) -> int:
        """Return how much mail has no case yet."""
        return int(await self._pool.fetchval(OPEN))

    async def waiting(self, limit: int) -> list[Waiting]:
        """Return mail without a verdict, oldest first, but for what waits for its own case."""
        async with self._pool.acquire() as db, db.transaction(readonly=True):
            await db.execute(BY_INDEX)
            return [Waiting(*row) for row in await db.fetch(WAITING, limit)]

    async def known_of(self, mail: Waiting, asked: Asked) -> tuple[CaseMail, Writer]:
        """Return what there is to decide on, on one snapshot."""
        async with (
            self._pool.acquire() as db,
            db.transaction(isolation="repeatable_read", readonly=True),
        ):
            await db.execute(BY_INDEX)
            of_thread = await db.fetchval(OF_THREAD, mail.thread_id)
            of_number = None
            if asked.number is not None:
                of_number = await db.fetchval(OF_NUMBER, asked.number)
            rows = await db.fetch(CLAIMED, mail.email_id, mail.thread_id)
            known = CaseMail(
                mail.email_id,
                mail.thread_id,
                mail.account_id,
                asked.number,
                await _candidate(db, of_thread, asked),
                await _candidate(db, of_number, asked),
                tuple(_claimed(row) for row in rows),
            )
            return known, await _writer(db, asked.address, asked.verdict)


async def _candidate(db: Db, case_id: str | None, asked: Asked) -> Candidate | None:
    """Return a case and what ties the writer to it; one that was never told has no customer."""
    if case_id is None:
        return None
    keys = address_keys([Party("from", match_key(asked.address))]) if asked.address else [0]
    row = await db.fetchrow(CANDIDATE, case_id, keys[0], list(asked.proven))
    case = RecordRef(type=CASE, id=case_id)
    if row is None:
        return Candidate(case)
    named = [("account", row[0]), ("lead", row[2]), *(("contact", each) for each in row[1])]
    customers = frozenset((kind, record_id) for kind, record_id in named if record_id)
    is_party = bool(row[3]) and asked.address is not None
    return Candidate(case, is_party, bool(row[4]), customers)


async def _writer(db: Db, address: str | None, verdict: Verdict) -> Writer:
    if address is None:
        return Writer(verdict=verdict)
    key = match_key(address)
    found = (await owners_of(db, [key])).get(key, ())
    records = {(owner.record.type, owner.record.id) for owner in found}
    records |= {("account", owner.account_id) for owner in found if owner.account_id}
    is_ours = key in await people_at(db, [key])
    return Writer(frozenset(records), is_ours, verdict)


def _claimed(row: Any) -> Claimed:
    claim, email_id, request_id, sequence, is_opened, is_settled, case_id, *rest = row
    case = RecordRef(type=CASE, id=case_id) if case_id else None
    return Claimed(claim, email_id, request_id, sequence, is_opened, is_settled, case, *rest)
