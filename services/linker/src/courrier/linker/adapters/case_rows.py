"""Mail that may open a case, requests for cases, and cases: filled from ``EMAIL`` and ``CRM``.

Tables ``case_mail``, ``case_requests`` and ``cases``. A row of mail is settled by the fact that
links it to a case or that a person decided; applying a fact again changes nothing. What is asked of
them stands in ``case_desk.py``.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.crm import CaseOpened, RecordChanged, RecordCreated, RecordErased
from courrier.events.families.email import (
    CaseRequested,
    EmailErased,
    EmailImported,
    EmailLinked,
    EmailShared,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.domain.group_mail import CASE

ADD_MAIL = """
    INSERT INTO case_mail (email_id, account_id, template_id, email_seq)
    SELECT email_id, account_id, template_id, email_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS new (email_id, account_id, template_id, email_seq)
    ON CONFLICT (email_id) DO NOTHING
"""
ASKED = """
    UPDATE case_mail AS m SET request_id = new.request_id
      FROM unnest($1::text[], $2::text[]) AS new (email_id, request_id)
     WHERE m.email_id = new.email_id
"""
REQUEST = """
    INSERT INTO case_requests AS old (claim, email_id, request_id, email_seq)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (claim) DO UPDATE
       SET email_id = excluded.email_id, request_id = excluded.request_id,
           email_seq = excluded.email_seq
     WHERE old.email_seq < excluded.email_seq
"""
SETTLE = """
    UPDATE case_mail SET settled = true WHERE email_id = ANY($1::text[])
"""
FORGET = "DELETE FROM case_mail WHERE email_id = ANY($1::text[])"
WRITE_CASES = """
    INSERT INTO cases AS old (case_id, number, account_id, contact_ids, lead_id, crm_seq)
    SELECT case_id, number, account_id, string_to_array(contact_ids, ','), lead_id, crm_seq
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
           AS new (case_id, number, account_id, contact_ids, lead_id, crm_seq)
    ON CONFLICT (case_id) DO UPDATE
       SET number = excluded.number, account_id = excluded.account_id,
           contact_ids = excluded.contact_ids, lead_id = excluded.lead_id,
           crm_seq = excluded.crm_seq
     WHERE old.crm_seq < excluded.crm_seq
"""
OPEN_CASES = """
    INSERT INTO cases AS old (case_id, number, request_id, user_id, crm_seq)
    SELECT case_id, number, request_id, user_id, crm_seq
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
           AS new (case_id, number, request_id, user_id, crm_seq)
    ON CONFLICT (case_id) DO UPDATE
       SET request_id = excluded.request_id, user_id = excluded.user_id
"""
FORGET_CASES = "DELETE FROM cases WHERE case_id = ANY($1::text[])"

case_mail: Projection[Db] = Projection("case_mail", stream="EMAIL", version=1)
cases: Projection[Db] = Projection("cases", stream="CRM", version=1)


@case_mail.on_each(EmailImported, EmailShared)
async def came(db: Db, run: Sequence[Recorded[EmailImported | EmailShared]]) -> None:
    """Mail came to a group account whose mail opens cases."""
    rows: dict[str, tuple[str, str | None, int]] = {}
    for r in run:
        group = r.event.group
        if group is not None and group.opens_case:
            row = (group.account_id, group.template_id, r.sequence)
            rows.setdefault(r.event.email_id, row)
    if rows:
        columns = [(email_id, *row) for email_id, row in rows.items()]
        await db.execute(ADD_MAIL, *map(list, zip(*columns, strict=True)))


@case_mail.on(CaseRequested)
async def requested(db: Db, run: Sequence[Recorded[CaseRequested]]) -> None:
    """A case was asked for."""
    newest = {r.event.email_id: r.id for r in run}
    await db.execute(ASKED, list(newest), list(newest.values()))
    for r in run:
        await db.execute(
            REQUEST, r.event.claim or r.event.email_id, r.event.email_id, r.id, r.sequence
        )


@case_mail.on(EmailLinked)
async def linked(db: Db, run: Sequence[Recorded[EmailLinked]]) -> None:
    """It is known what the mail is about: a case, or what a person said."""
    ids = [
        r.event.email_id
        for r in run
        if r.event.by != "machine" or any(link.record.type == CASE for link in r.event.links)
    ]
    if ids:
        await db.execute(SETTLE, ids)


@case_mail.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nothing is opened for it; what it asked for under its conversation's name stays asked."""
    await db.execute(FORGET, [r.event.email_id for r in run])


@cases.on_each(RecordCreated, RecordChanged)
async def written(db: Db, run: Sequence[Recorded[RecordCreated | RecordChanged]]) -> None:
    """A case is there, and whose it is."""
    rows = {
        r.event.record.id: (
            r.event.record.id,
            r.event.fields.number,
            r.event.fields.account_id,
            ",".join(r.event.fields.contact_ids),
            r.event.fields.lead_id,
            r.sequence,
        )
        for r in run
        if r.event.record.type == CASE
    }
    if rows:
        await db.execute(WRITE_CASES, *map(list, zip(*rows.values(), strict=True)))


@cases.on(CaseOpened)
async def opened(db: Db, run: Sequence[Recorded[CaseOpened]]) -> None:
    """A request was met; what the case says follows in the same batch."""
    said = [(r.event, r.sequence) for r in run]
    rows = [(e.record.id, e.number, e.request_id, e.assigned_user_id, seq) for e, seq in said]
    await db.execute(OPEN_CASES, *map(list, zip(*rows, strict=True)))


@cases.on(RecordErased)
async def forgotten(db: Db, run: Sequence[Recorded[RecordErased]]) -> None:
    """Nothing of it is found by number any more."""
    gone = [r.event.record.id for r in run if r.event.record.type == CASE]
    if gone:
        await db.execute(FORGET_CASES, gone)
