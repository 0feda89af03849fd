"""E-mails as one person reads them: what was said, who holds it, what it is linked to, its fate.

Reads the tables of all streams. A look-up with LIMIT 1 stands where EXISTS would do: the planner
hashes an EXISTS and would read all of a person's mail for one page. A sent e-mail is there for its
author from the moment its sending was asked for, before ``EMAIL`` has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from courrier.events.families.settings import Privacy
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Copy, LinkedRecord, Mail

from .rows import parsed

BY_IDS = """
    SELECT e.email_id, e.source_id, e.status, e.raw_digest, e.raw_size, e.account_id,
           e.message_id, e.in_reply_to, e.refs, e.thread_id, e.thread_reason, e.subject,
           e.sent_from, e.reply_to, e.sent_to, e.cc, e.date, e.snippet, e.attachment_count,
           e.auto_reply, e.imported_at, e.actor, e.seq,
           CASE WHEN $3 THEN coalesce(t.text, d.text) END AS text, t.attachments,
           d.author_id, d.bcc, d.state, d.attempts, d.outcomes, d.explanation, d.retry_at,
           d.changed_at,
           (SELECT json_agg(json_build_object(
                       'type', h.holder_type, 'id', h.holder_id, 'name', u.name,
                       'folder', h.folder, 'account_id', h.account_id, 'is_read', h.is_read,
                       'reason', h.reason, 'at', h.held_at, 'seq', h.seq,
                       'privacy', coalesce(o.privacy, 'shared'),
                       'team_ids', u.team_ids)
                    ORDER BY h.seq, h.holder_id)
              FROM email_holders h
              LEFT JOIN users u ON u.user_id = h.holder_id
              LEFT JOIN own_accounts o ON o.account_id = h.account_id
             WHERE h.email_id = e.email_id) AS holders,
           (SELECT json_agg(json_build_object(
                       'type', l.record_type, 'id', l.record_id, 'name', r.name,
                       'is_parent', l.is_parent, 'reason', l.reason, 'at', l.linked_at,
                       'assigned', r.assigned_user_id,
                       'team_ids', r.fields -> 'team_ids')
                    ORDER BY l.is_parent DESC, l.seq, l.record_type, l.record_id)
              FROM email_links l
              LEFT JOIN records r
                ON r.record_type = l.record_type AND r.record_id = l.record_id
             WHERE l.email_id = e.email_id) AS links,
           (SELECT true FROM emails a
              JOIN email_holders ah
                ON ah.email_id = a.email_id AND ah.holder_id = $2
             WHERE a.replies_to = e.email_id AND a.status = 'sent' LIMIT 1)
               IS NOT NULL AS is_replied,
           NOT EXISTS (SELECT 1 FROM unnest(e.parties) AS p(address)
                        WHERE NOT EXISTS (SELECT 1 FROM user_addresses u
                                           WHERE u.address = p.address)
                          AND NOT EXISTS (SELECT 1 FROM own_accounts o
                                           WHERE o.address = p.address)) AS is_internal,
           ARRAY(SELECT DISTINCT o.user_id FROM mail_openings o
                  WHERE o.email_id = e.email_id AND o.opened_at > now() - interval '1 hour')
               AS opened_by
      FROM unnest($1::text[]) WITH ORDINALITY AS wanted(email_id, place)
      JOIN emails e ON e.email_id = wanted.email_id
      LEFT JOIN received_texts t ON t.event_id = e.source_id
      LEFT JOIN deliveries d ON d.email_id = e.email_id
     ORDER BY wanted.place
"""
ON_ITS_WAY = """
    SELECT email_id, author_id, account_id, raw_digest, raw_size, message_id, in_reply_to,
           sent_from, sent_to, cc, bcc, subject, snippet, text, attachment_count, date, state,
           attempts, outcomes, explanation, retry_at, changed_at, seq
      FROM deliveries WHERE email_id = $1 AND author_id = $2
"""
HELD_FROM = """
    SELECT email_id, source_id FROM email_holders
     WHERE holder_id = $1 AND (email_id = $2 OR source_id = $3) LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or group that has the e-mail, and why."""

    type: str
    id: str
    name: str | None
    folder: str
    account_id: str | None
    is_read: bool
    reason: dict[str, str | None]
    at: datetime
    seq: int
    privacy: Privacy
    team_ids: list[str] | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A record that the e-mail is linked to, and why."""

    type: str
    id: str
    name: str | None
    is_parent: bool
    reason: dict[str, str | None]
    at: datetime
    assigned: str | None
    team_ids: list[str] | None

    @property
    def access(self) -> LinkedRecord:
        """The record as far as access goes."""
        return LinkedRecord(self.type, self.assigned, tuple(self.team_ids or ()))


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """What became of a message that was sent from here."""

    author_id: str
    bcc: list[dict[str, str | None]]
    state: str
    attempts: int
    outcomes: list[dict[str, Any]]
    explanation: str
    retry_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailView:
    """An e-mail; ``text`` is None in lists, ``attachments`` None where only the bytes tell."""

    id: str
    status: str
    raw_digest: str
    raw_size: int
    account_id: str | None
    message_id: str | None
    in_reply_to: str | None
    references: list[str]
    thread_id: str | None
    thread_reason: dict[str, str | None] | None
    subject: str | None
    sent_from: dict[str, str | None] | None
    reply_to: list[dict[str, str | None]]
    to: list[dict[str, str | None]]
    cc: list[dict[str, str | None]]
    date: datetime
    snippet: str
    text: str | None
    attachments: list[dict[str, Any]] | None
    attachment_count: int
    auto_reply: bool
    is_replied: bool
    imported_at: datetime | None
    actor: str
    seq: int
    holders: list[Holder]
    links: list[LinkView]
    delivery: DeliveryView | None
    is_internal: bool
    opened_by: frozenset[str]

    @property
    def access(self) -> Mail:
        """The e-mail as far as access goes."""
        return Mail(
            copies=tuple(Copy(h.id, h.privacy, tuple(h.team_ids or ())) for h in self.holders),
            author_id=self.delivery.author_id if self.delivery else None,
            links=tuple(link.access for link in self.links),
            is_private=self.is_internal,
            opened_by=self.opened_by,
        )

    def held_by(self, person_id: str) -> Holder | None:
        """Return the person's own holding."""
        return next((holder for holder in self.holders if holder.id == person_id), None)


async def emails_by_ids(
    pool: Pool, ids: Sequence[str], person_id: str, *, with_text: bool
) -> list[EmailView]:
    """Return these e-mails in this order, as ``person_id`` has them.

    Only ``readable_emails.py`` asks: it leaves out what is not for them.
    """
    if not ids:
        return []
    return [_email(row) for row in await pool.fetch(BY_IDS, list(ids), person_id, with_text)]


async def email_by_id(pool: Pool, email_id: str, person_id: str) -> EmailView | None:
    """Return one e-mail, or what the person has sent and ``EMAIL`` does not know yet."""
    found = await emails_by_ids(pool, [email_id], person_id, with_text=True)
    if found:
        return found[0]
    row = await pool.fetchrow(ON_ITS_WAY, email_id, person_id)
    return _on_its_way(row) if row else None


async def holding_of(
    pool: Pool, holder_id: str, email_id: str, source_id: str | None
) -> str | None:
    """Return the id of the e-mail that a holder has by this id or from this source event."""
    row = await pool.fetchrow(HELD_FROM, holder_id, email_id, source_id)
    return str(row["email_id"]) if row else None


def _email(row: Record) -> EmailView:
    return EmailView(
        id=row["email_id"],
        status=row["status"],
        raw_digest=row["raw_digest"],
        raw_size=row["raw_size"],
        account_id=row["account_id"],
        message_id=row["message_id"],
        in_reply_to=row["in_reply_to"],
        references=parsed(row["refs"]),
        thread_id=row["thread_id"],
        thread_reason=parsed(row["thread_reason"]),
        subject=row["subject"],
        sent_from=parsed(row["sent_from"]),
        reply_to=parsed(row["reply_to"]),
        to=parsed(row["sent_to"]),
        cc=parsed(row["cc"]),
        date=row["date"],
        snippet=row["snippet"],
        text=row["text"],
        attachments=parsed(row["attachments"]),
        attachment_count=row["attachment_count"],
        auto_reply=row["auto_reply"],
        is_replied=row["is_replied"],
        imported_at=row["imported_at"],
        actor=row["actor"],
        seq=row["seq"],
        holders=[Holder(**_timed(each)) for each in parsed(row["holders"]) or ()],
        links=[LinkView(**_timed(each)) for each in parsed(row["links"]) or ()],
        delivery=_delivery(row) if row["state"] else None,
        is_internal=row["is_internal"],
        opened_by=frozenset(row["opened_by"]),
    )


def _timed(value: dict[str, Any]) -> dict[str, Any]:
    return value | {"at": datetime.fromisoformat(value["at"])}


def _on_its_way(row: Record) -> EmailView:
    state = row["state"]
    return EmailView(
        id=row["email_id"],
        status=state if state in {"sent", "failed"} else "sending",
        raw_digest=row["raw_digest"],
        raw_size=row["raw_size"],
        account_id=row["account_id"],
        message_id=row["message_id"],
        in_reply_to=row["in_reply_to"],
        references=[],
        thread_id=None,
        thread_reason=None,
        subject=row["subject"],
        sent_from=parsed(row["sent_from"]),
        reply_to=[],
        to=parsed(row["sent_to"]),
        cc=parsed(row["cc"]),
        date=row["date"],
        snippet=row["snippet"],
        text=row["text"],
        attachments=None,
        attachment_count=row["attachment_count"],
        auto_reply=False,
        is_replied=False,
        imported_at=None,
        actor=f"user:{row['author_id']}",
        seq=row["seq"],
        holders=[],
        links=[],
        delivery=_delivery(row),
        is_internal=False,
        opened_by=frozenset(),
    )


def _delivery(row: Record) -> DeliveryView:
    return DeliveryView(
        row["author_id"],
        parsed(row["bcc"]),
        row["state"],
        row["attempts"],
        parsed(row["outcomes"]),
        row["explanation"],
        row["retry_at"],
        row["changed_at"],
    )
