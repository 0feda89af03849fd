"""Every e-mail once, and the records it is linked to.

Tables ``emails``, ``email_links`` and ``joined_threads``, fed by ``EMAIL``. An e-mail is imported
once in its life, so that its row is inserted once; what people did with it stands in
``email_holders``. Its links are those of the last fact that tells them (``links_seq``); its thread
follows what threads are joined to, and where people put it (``rethreading.py``).
"""

import json
from collections.abc import Sequence

from courrier.events.base import Evidence, Mailbox
from courrier.events.envelope import Recorded
from courrier.events.families.email import (
    EmailErased,
    EmailImported,
    EmailLinked,
    EmailReread,
    ThreadsJoined,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.mail.headers.addresses import match_key

from . import kept, rethreading
from .rows import Columns, columns, text

ADD = """
    INSERT INTO emails
           (email_id, source_id, status, raw_digest, raw_size, account_id, message_id,
            in_reply_to, refs, thread_id, thread_reason, subject, sent_from, reply_to, sent_to,
            cc, date, snippet, attachment_count, auto_reply, replies_to, imported_at, actor,
            parties, seq, links_seq, authentication)
    SELECT g.email_id, g.source_id, g.status, g.raw_digest, g.raw_size, g.account_id,
           g.message_id, g.in_reply_to, g.refs::jsonb, g.thread_id, g.thread_reason::jsonb,
           g.subject, g.sent_from::jsonb, g.reply_to::jsonb, g.sent_to::jsonb, g.cc::jsonb,
           g.date, g.snippet, g.attachment_count, g.auto_reply, g.replies_to, g.imported_at,
           g.actor, ARRAY(SELECT jsonb_array_elements_text(g.parties::jsonb)), g.seq,
           g.seq, g.authentication::jsonb
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
                  $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                  $13::text[], $14::text[], $15::text[], $16::text[], $17::timestamptz[],
                  $18::text[], $19::int[], $20::boolean[], $21::text[], $22::timestamptz[],
                  $23::text[], $24::text[], $25::bigint[], $26::text[])
           AS g(email_id, source_id, status, raw_digest, raw_size, account_id, message_id,
                in_reply_to, refs, thread_id, thread_reason, subject, sent_from, reply_to,
                sent_to, cc, date, snippet, attachment_count, auto_reply, replies_to,
                imported_at, actor, parties, seq, authentication)
    ON CONFLICT DO NOTHING
"""
LINK = """
    INSERT INTO email_links
           (email_id, record_type, record_id, is_parent, reason, date, linked_at, seq)
    SELECT g.email_id, g.record_type, g.record_id, g.is_parent, g.reason::jsonb, e.date,
           g.linked_at, g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[],
                  $6::timestamptz[], $7::bigint[])
           AS g(email_id, record_type, record_id, is_parent, reason, linked_at, seq)
      JOIN emails e ON e.email_id = g.email_id AND e.links_seq = g.seq
    ON CONFLICT DO NOTHING
"""

UNLINK = """
    WITH told AS (
        UPDATE emails e SET links_seq = g.seq
          FROM unnest($1::text[], $2::bigint[]) AS g(email_id, seq)
         WHERE e.email_id = g.email_id AND e.links_seq < g.seq
        RETURNING e.email_id
    )
    DELETE FROM email_links l USING told WHERE l.email_id = told.email_id
"""
JOIN = """
    WITH whole AS (
        SELECT coalesce((SELECT j.thread_id FROM joined_threads j WHERE j.joined = $2), $2)
               AS thread_id
    ), earlier AS (
        UPDATE joined_threads j SET thread_id = w.thread_id FROM whole w WHERE j.thread_id = $1
    ), added AS (
        INSERT INTO joined_threads (joined, thread_id) SELECT $1, thread_id FROM whole
        ON CONFLICT DO NOTHING
    )
    UPDATE emails e SET thread_id = w.thread_id, thread_reason = $3::jsonb
      FROM whole w WHERE e.thread_id = $1
"""
FOLLOW = """
    UPDATE emails e SET thread_id = j.thread_id
      FROM joined_threads j
     WHERE e.email_id = ANY($1::text[]) AND j.joined = e.thread_id
"""  # decided while another instance joined the thread
REREAD = """
    UPDATE emails e
       SET subject = g.subject, sent_from = g.sent_from::jsonb, reply_to = g.reply_to::jsonb,
           sent_to = g.sent_to::jsonb, cc = g.cc::jsonb, snippet = g.snippet,
           attachment_count = g.attachment_count, auto_reply = g.auto_reply,
           parties = ARRAY(SELECT jsonb_array_elements_text(g.parties::jsonb)),
           reread_seq = g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                  $7::text[], $8::int[], $9::boolean[], $10::text[], $11::bigint[])
           AS g(email_id, subject, sent_from, reply_to, sent_to, cc, snippet, attachment_count,
                auto_reply, parties, seq)
     WHERE e.email_id = g.email_id AND e.reread_seq < g.seq
"""
FORGET = "DELETE FROM emails WHERE email_id = ANY($1::text[])"
FORGET_LINKS = "DELETE FROM email_links WHERE email_id = ANY($1::text[])"

emails: Projection[Db] = Projection("emails", stream="EMAIL", version=6)
rethreading.register(emails)


@emails.on(EmailImported)
async def imported(db: Db, run: Sequence[Recorded[EmailImported]]) -> None:
    """New e-mails and their first links."""
    await db.execute(ADD, *_emails(run))
    await db.execute(FOLLOW, [recorded.event.email_id for recorded in run])
    links = _links(run)
    if links[0]:
        await db.execute(LINK, *links)


@emails.on(EmailLinked)
async def linked(db: Db, run: Sequence[Recorded[EmailLinked]]) -> None:
    """What each of these e-mails concerns now; an e-mail that was erased concerns nothing."""
    newest = {recorded.event.email_id: recorded for recorded in run}
    rows = [(email_id, recorded.sequence) for email_id, recorded in newest.items()]
    await db.execute(UNLINK, *columns(rows, 2))
    links = _links(list(newest.values()))
    if links[0]:
        await db.execute(LINK, *links)


@emails.on(ThreadsJoined)
async def joined(db: Db, run: Sequence[Recorded[ThreadsJoined]]) -> None:
    """One conversation where there were two; one may be joined on in the same run."""
    for recorded in run:
        event = recorded.event
        if event.joined != event.thread_id:
            await db.execute(JOIN, event.joined, event.thread_id, evidence_text(event.reason))


@emails.on(EmailReread)
async def reread(db: Db, run: Sequence[Recorded[EmailReread]]) -> None:
    """What these e-mails say by their newest reading; thread, links and place in lists stay."""
    newest = {recorded.event.email_id: recorded for recorded in run}
    rows = [
        (
            email_id,
            text((event := recorded.event).subject),
            json.dumps(mailbox_json(event.sent_from)) if event.sent_from else None,
            mailboxes_text(event.reply_to),
            mailboxes_text(event.to),
            mailboxes_text(event.cc),
            text(event.snippet),
            event.attachment_count,
            event.auto_reply,
            json.dumps(_parties(event)),
            recorded.sequence,
        )
        for email_id, recorded in newest.items()
    ]
    await db.execute(REREAD, *columns(rows, 11))


@emails.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nothing is known of these e-mails, nor of an answer kept for a repeated request on them."""
    ids = [recorded.event.email_id for recorded in run]
    await db.execute(FORGET, ids)
    await db.execute(FORGET_LINKS, ids)
    await kept.forget(db, ids)


def mailbox_json(mailbox: Mailbox | None) -> dict[str, str | None] | None:
    """Return a mailbox as rows and answers have it."""
    return {"name": text(mailbox.name), "address": text(mailbox.address)} if mailbox else None


def mailboxes_text(mailboxes: Sequence[Mailbox]) -> str:
    """Return JSON of a list of mailboxes."""
    if not mailboxes:
        return "[]"
    return json.dumps([mailbox_json(mailbox) for mailbox in mailboxes], ensure_ascii=False)


def evidence_text(reason: Evidence) -> str:
    """Return JSON of why something was decided."""
    found = {name: text(value) for name, value in reason.model_dump().items()}
    return json.dumps(found, ensure_ascii=False)


def _emails(run: Sequence[Recorded[EmailImported]]) -> Columns:
    return columns(
        [
            (
                (event := recorded.event).email_id,
                event.source_id,
                event.status,
                event.raw.digest,
                event.raw.size,
                event.account_id,
                text(event.message_id),
                text(event.in_reply_to),
                json.dumps([text(each) for each in event.references]) if event.references else "[]",
                event.thread_id,
                evidence_text(event.thread_reason),
                text(event.subject),
                json.dumps(mailbox_json(event.sent_from)) if event.sent_from else None,
                mailboxes_text(event.reply_to),
                mailboxes_text(event.to),
                mailboxes_text(event.cc),
                event.date,
                text(event.snippet),
                event.attachment_count,
                event.auto_reply,
                event.replies_to,
                recorded.time,
                recorded.actor,
                json.dumps(_parties(event)),
                recorded.sequence,
                _authentication_text(event),
            )
            for recorded in run
        ],
        26,
    )


def _authentication_text(event: EmailImported) -> str | None:
    """Return JSON of what the receiving server said; None where it said nothing."""
    if event.authenticated_by is None:
        return None
    found = {"verdict": event.authentication, "server": text(event.authenticated_by)}
    return json.dumps(found, ensure_ascii=False)


def _parties(event: EmailImported | EmailReread) -> list[str]:
    boxes = [*((event.sent_from,) if event.sent_from else ()), *event.to, *event.cc]
    return sorted({text(match_key(box.address)) or "" for box in boxes})


def _links(run: Sequence[Recorded[EmailImported] | Recorded[EmailLinked]]) -> Columns:
    return columns(
        [
            (
                recorded.event.email_id,
                link.record.type,
                link.record.id,
                link.parent,
                evidence_text(link.reason),
                recorded.time,
                recorded.sequence,
            )
            for recorded in run
            for link in recorded.event.links
        ],
        7,
    )
