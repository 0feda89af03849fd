"""Which mailboxes are set up, for whom, and whether they can be fetched.

``email_accounts`` is fed by ``SETTINGS``, ``fetching_states`` and ``fetched_folders`` (see there)
by ``MAILBOX``: the streams may be ahead of each other, the rows meet when they are read. Sums are
guarded by the sequence that the row has seen, so that an event counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import json_text, parsed, text

ADD = """
    INSERT INTO email_accounts AS a
           (account_id, owner_id, name, address, imap, smtp, monitored_folders, fetch_since,
            keep_unread, options, is_group, team_ids, version, added_at, seq)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8, $9, $10::jsonb, $11, $12, $13,
            $14, $15)
    ON CONFLICT (account_id) DO UPDATE
       SET owner_id = excluded.owner_id, name = excluded.name, address = excluded.address,
           imap = excluded.imap, smtp = excluded.smtp,
           monitored_folders = excluded.monitored_folders, fetch_since = excluded.fetch_since,
           keep_unread = excluded.keep_unread, options = excluded.options,
           is_group = excluded.is_group, team_ids = excluded.team_ids,
           version = excluded.version, seq = excluded.seq
     WHERE a.seq < excluded.seq
"""
PAUSE = """
    UPDATE email_accounts SET paused = $2, version = $3, seq = $4
     WHERE account_id = $1 AND seq < $4
"""
REMOVE = """
    UPDATE email_accounts SET removed = true, seq = $2 WHERE account_id = $1 AND seq < $2
"""
OF_OWNER = """
    SELECT a.account_id, a.owner_id, a.name, a.address, a.imap, a.smtp, a.monitored_folders,
           a.fetch_since, a.keep_unread, a.options, a.is_group, a.team_ids, a.version,
           a.paused, a.added_at,
           s.failing, s.suspended, s.reason, s.text, s.texts, s.retry_at, s.since, s.tries,
           s.changed_at
      FROM email_accounts a LEFT JOIN fetching_states s USING (account_id)
     WHERE NOT a.removed AND a.is_group = $2 AND ($1::text IS NULL OR a.owner_id = $1)
     ORDER BY a.added_at, a.account_id
"""
BY_ID = """
    SELECT a.account_id, a.owner_id, a.name, a.address, a.imap, a.smtp, a.monitored_folders,
           a.fetch_since, a.keep_unread, a.options, a.is_group, a.team_ids, a.version,
           a.paused, a.added_at,
           s.failing, s.suspended, s.reason, s.text, s.texts, s.retry_at, s.since, s.tries,
           s.changed_at
      FROM email_accounts a LEFT JOIN fetching_states s USING (account_id)
     WHERE NOT a.removed AND a.account_id = $1
"""
FILING_INTO = """
    SELECT account_id FROM email_accounts
     WHERE NOT removed AND paused IS NULL
       AND (options->>'folder_id' = $1 OR options->'group'->>'group_folder_id' = $1
            OR $1 IN (SELECT value FROM jsonb_each_text(options->'folder_map')))
     ORDER BY account_id
"""
FOLDERS = """
    SELECT folder, received, skipped, advanced_at
      FROM fetched_folders WHERE account_id = $1 ORDER BY folder
"""

OPTIONS = {
    "fetch_period_s", "folder_id", "folder_map", "store_sent", "sent_folder", "sync", "privacy",
    "signature_html", "group",
}  # fmt: skip

email_accounts: Projection[Db] = Projection("email-accounts", stream="SETTINGS", version=1)


@email_accounts.on_each(EmailAccountAdded, EmailAccountChanged)
async def set_up(db: Db, run: Sequence[Recorded[EmailAccountAdded | EmailAccountChanged]]) -> None:
    """A mailbox to fetch or to write from, as it is now."""
    for recorded in run:
        event = recorded.event
        await db.execute(
            ADD,
            event.account_id,
            event.owner_id,
            text(event.name),
            text(event.address),
            json_text(event.imap) if event.imap else None,
            json_text(event.smtp) if event.smtp else None,
            json_text(event.monitored_folders),
            event.fetch_since,
            event.keep_unread,
            json_text(event.model_dump(mode="json", include=OPTIONS)),
            event.group is not None,
            list(event.group.team_ids) if event.group else [],
            recorded.version,
            recorded.time,
            recorded.sequence,
        )


@email_accounts.on(EmailAccountPaused)
async def paused(db: Db, run: Sequence[Recorded[EmailAccountPaused]]) -> None:
    """Nothing is fetched until further notice."""
    for recorded in run:
        event = recorded.event
        reason, at = text(event.reason), (recorded.version, recorded.sequence)
        await db.execute(PAUSE, event.account_id, reason, *at)


@email_accounts.on(EmailAccountResumed)
async def resumed(db: Db, run: Sequence[Recorded[EmailAccountResumed]]) -> None:
    """Fetched again."""
    for recorded in run:
        at = (recorded.version, recorded.sequence)
        await db.execute(PAUSE, recorded.event.account_id, None, *at)


@email_accounts.on(EmailAccountRemoved)
async def removed(db: Db, run: Sequence[Recorded[EmailAccountRemoved]]) -> None:
    """Gone from every list; the row stays, because e-mails name it."""
    for recorded in run:
        await db.execute(REMOVE, recorded.event.account_id, recorded.sequence)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as it is set up, and how fetching goes; ``paused`` is the reason or None."""

    id: str
    owner_id: str
    name: str
    address: str
    imap: dict[str, Any] | None
    smtp: dict[str, Any] | None
    monitored_folders: list[str]
    fetch_since: object
    keep_unread: bool
    paused: str | None
    added_at: object
    failure: dict[str, Any] | None
    last_change: object
    options: dict[str, Any]
    is_group: bool
    team_ids: tuple[str, ...]
    version: int
    is_suspended: bool = False
    failure_texts: Mapping[str, str] = field(default_factory=dict)

    def failure_in(self, language: str) -> dict[str, Any] | None:
        """Return the failure in a person's language, else in English."""
        if self.failure is None:
            return None
        return self.failure | {"text": self.failure_texts.get(language, self.failure["text"])}

    @property
    def state(self) -> str:
        """One word: paused, needs_person, failing, waiting (never read so far), or working."""
        if self.paused is not None:
            return "paused"
        if self.failure:
            return "needs_person" if self.is_suspended else "failing"
        return "working" if self.last_change else "waiting"


async def accounts_of(
    pool: Pool, owner_id: str | None, *, is_group: bool = False
) -> list[AccountRow]:
    """Return the accounts of one owner, or (None) of everybody, oldest first."""
    return [_account(row) for row in await pool.fetch(OF_OWNER, owner_id, is_group)]


async def account_by_id(pool: Pool, account_id: str) -> AccountRow | None:
    """Return one account that was not removed."""
    row = await pool.fetchrow(BY_ID, account_id)
    return _account(row) if row else None


async def accounts_filing_into(pool: Pool, folder_id: str) -> list[str]:
    """Return the accounts, not paused, whose mail is filed into this folder."""
    return [row["account_id"] for row in await pool.fetch(FILING_INTO, folder_id)]


async def folders_of(pool: Pool, account_id: str) -> list[dict[str, Any]]:
    """Return what came from each folder of an account."""
    return [
        {
            "folder": row["folder"],
            "received": row["received"],
            "skipped": row["skipped"],
            "at": row["advanced_at"],
        }
        for row in await pool.fetch(FOLDERS, account_id)
    ]


def _account(row: Record) -> AccountRow:
    failure = {"reason": row["reason"], "text": row["text"], "at": row["changed_at"]}
    failure |= {name: row[name] for name in ("retry_at", "since", "tries")}
    return AccountRow(
        row["account_id"],
        row["owner_id"],
        row["name"],
        row["address"],
        parsed(row["imap"]),
        parsed(row["smtp"]),
        parsed(row["monitored_folders"]),
        row["fetch_since"],
        row["keep_unread"],
        row["paused"],
        row["added_at"],
        failure if row["failing"] else None,
        row["changed_at"],
        parsed(row["options"]),
        row["is_group"],
        tuple(row["team_ids"]),
        row["version"],
        bool(row["suspended"]),
        parsed(row["texts"]) if row["failing"] else {},
    )
