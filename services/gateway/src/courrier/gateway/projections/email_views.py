"""E-mails as one person reads them: what was said, who holds it, what it is linked to, its fate.

Reads the tables of all streams. A sent e-mail is there for its author from the moment its sending
was asked for, before ``EMAIL`` has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from asyncpg import Record

from courrier.events.base import RecordRef
from courrier.events.families.settings import Privacy
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Copy, LinkedRecord, Mail, Person

from .draft_views import DraftView
from .email_statements import BY_IDS
from .rows import parsed
from .team_copies import HERE

ON_ITS_WAY = """
    SELECT email_id, author_id, account_id, raw_digest, raw_size, message_id, in_reply_to,
           sent_from, sent_to, cc, bcc, subject, snippet, text, attachment_count, date, state,
           attempts, outcomes, explanation, retry_at, changed_at, seq, attachments
      FROM deliveries WHERE email_id = ANY($1::text[]) AND author_id = $2
"""
HELD_FROM = """
    SELECT email_id, source_id FROM email_holders
     WHERE holder_id = $1 AND (email_id = $2 OR source_id = $3) LIMIT 1
"""


SHOWN_STATES = {"scheduled", "sent", "failed"}
"""States of a delivery that are the e-mail's status; in the others it is being sent."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or group that has the e-mail, and why."""

    type: str
    id: str
    name: str | None
    folder: str
    account_id: str | None
    is_read: bool
    is_important: bool
    reason: dict[str, str | None]
    at: datetime
    seq: int
    privacy: Privacy
    team_ids: list[str] | None


@dataclass(frozen=True, slots=True)
class MembersCopy:
    """What the reader did with mail of a team of theirs; ``folder``: see ``team_copies.py``."""

    folder: str
    is_read: bool
    is_important: bool


@dataclass(frozen=True, slots=True)
class LinkView:
    """A record that the e-mail is linked to, and why; what was merged is what it became."""

    type: str
    id: str
    name: str | None
    is_parent: bool
    reason: dict[str, str | None]
    at: datetime
    assigned: str | None
    team_ids: list[str] | None
    account_id: str | None

    def belongs_to(self, record: RecordRef) -> bool:
        """Tell whether the link puts the e-mail into a record's history."""
        if (self.type, self.id) == (record.type, record.id):
            return True
        return record.type == "account" and self.account_id == record.id

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
    """An e-mail; ``text`` is None in lists, ``attachments`` None where only the bytes tell.

    ``draft`` is what it is while it is written; then there are no bytes yet.
    """

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
    authentication: dict[str, str] | None
    is_replied: bool
    imported_at: datetime | None
    actor: str
    seq: int
    holders: list[Holder]
    links: list[LinkView]
    delivery: DeliveryView | None
    is_internal: bool
    opened_by: frozenset[str]
    members_copy: MembersCopy | None = None
    draft: DraftView | None = None

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

    def link_to(self, record: RecordRef) -> LinkView | None:
        """Return why the e-mail is in a record's history: its own link, else that of a part."""
        family = [link for link in self.links if link.belongs_to(record)]
        own = (link for link in family if link.type == record.type)
        return next(own, family[0] if family else None)

    def held_by(self, person: Person) -> Holder | None:
        """Return the copy of the person who reads: their own, or that of their first team."""
        own = next((holder for holder in self.holders if holder.id == person.id), None)
        if own is not None:
            return own
        shared = (each for each in self.holders if each.id in person.team_ids)
        first = min(shared, key=lambda each: each.id, default=None)
        copy = self.members_copy
        if first is None or copy is None:
            return first
        if not copy.folder:
            return None
        folder = first.folder if copy.folder == HERE else copy.folder
        return replace(first, folder=folder, is_read=copy.is_read, is_important=copy.is_important)


async def emails_by_ids(
    pool: Pool, ids: Sequence[str], person_id: str, *, with_text: bool
) -> list[EmailView]:
    """Return these e-mails in this order, as ``person_id`` has them.

    Only ``readable_emails.py`` asks: it leaves out what is not for them.
    """
    return [_email(row) for row in await pool.fetch(BY_IDS, list(ids), person_id, with_text)]


async def emails_on_their_way(pool: Pool, ids: Sequence[str], person_id: str) -> list[EmailView]:
    """Return those of these messages that the person has given to be sent, in order."""
    views = map(_on_its_way, await pool.fetch(ON_ITS_WAY, list(ids), person_id))
    return sorted(views, key=lambda view: ids.index(view.id))


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
        authentication=parsed(row["authentication"]),
        is_replied=row["is_replied"],
        imported_at=row["imported_at"],
        actor=row["actor"],
        seq=row["seq"],
        holders=[Holder(**_timed(each)) for each in parsed(row["holders"]) or ()],
        links=[LinkView(**_timed(each)) for each in parsed(row["links"]) or ()],
        delivery=_delivery(row) if row["state"] else None,
        is_internal=row["is_internal"],
        opened_by=frozenset(row["opened_by"]),
        members_copy=_members_copy(row),
    )


def _members_copy(row: Record) -> MembersCopy | None:
    if row["copy_folder"] is None:
        return None
    return MembersCopy(row["copy_folder"], row["copy_is_read"], row["copy_is_important"])


def _timed(value: dict[str, Any]) -> dict[str, Any]:
    return value | {"at": datetime.fromisoformat(value["at"])}


def _on_its_way(row: Record) -> EmailView:
    state = row["state"]
    return EmailView(
        id=row["email_id"],
        status=state if state in SHOWN_STATES else "sending",
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
        attachments=parsed(row["attachments"]),
        attachment_count=row["attachment_count"],
        auto_reply=False,
        authentication=None,
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
