"""What teams share of conversations, their notes, and what people are told of both.

Tables ``conversations``, ``notes`` and ``notices``, fed by ``EMAIL``. A conversation's row exists
from the first thing somebody set; each fact sets one column and the row's sequence, which refuses
older ones. Notes and notices are inserted once, by the id of their fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from courrier.events.base import derived_id
from courrier.events.envelope import Recorded
from courrier.events.families.conversation import (
    ConversationAssigned,
    ConversationStatusChanged,
    ConversationTagged,
    NoteAdded,
)
from courrier.events.families.email_state import ReminderFired
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.cursors import Cursor

from . import view_changes
from .rows import text

SET = """
    INSERT INTO conversations AS c
           (thread_id, status, assignee, tags, version, changed_at, seq)
    VALUES ($1, coalesce($2::text, 'open'), $3::text, coalesce($4::text[], '{}'), $5, $6, $7)
    ON CONFLICT (thread_id) DO UPDATE
       SET status = coalesce($2::text, c.status),
           assignee = CASE WHEN $8 THEN $3::text ELSE c.assignee END,
           tags = coalesce($4::text[], c.tags), version = $5, changed_at = $6, seq = $7
     WHERE c.seq < $7
"""
NOTE = """
    INSERT INTO notes (note_id, thread_id, author_id, text, mentions, at, seq)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
NOTICE = """
    INSERT INTO notices (notice_id, person_id, kind, email_id, thread_id, actor, at, seq)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
    RETURNING notice_id
"""
ONE = """
    SELECT thread_id, status, assignee, u.name, tags, c.version, c.changed_at
      FROM conversations c LEFT JOIN users u ON u.user_id = c.assignee
     WHERE thread_id = $1
"""
OF_ASSIGNEE = """
    SELECT thread_id, status, assignee, u.name, tags, c.version, c.changed_at
      FROM conversations c LEFT JOIN users u ON u.user_id = c.assignee
     WHERE assignee = $1 AND ($2::text IS NULL OR status = $2)
       AND (changed_at, thread_id) < ($3, $4)
     ORDER BY changed_at DESC, thread_id DESC LIMIT $5
"""
CANONICAL = """
    WITH whole AS (
        SELECT coalesce((SELECT thread_id FROM joined_threads WHERE joined = $1), $1) AS thread_id
    )
    SELECT coalesce(
               (SELECT r.thread_id FROM rethreaded r, whole w
                 WHERE r.left_id = w.thread_id AND NOT r.is_apart
                   AND NOT EXISTS (SELECT 1 FROM emails e WHERE e.thread_id = w.thread_id)
                 ORDER BY r.seq DESC LIMIT 1),
               (SELECT thread_id FROM whole))
"""
NOTES = """
    SELECT n.note_id, n.author_id, u.name, n.text, n.mentions, n.at
      FROM notes n LEFT JOIN users u ON u.user_id = n.author_id
     WHERE n.thread_id = $1
        OR n.thread_id IN (SELECT joined FROM joined_threads WHERE thread_id = $1)
        OR n.thread_id IN (SELECT left_id FROM rethreaded WHERE thread_id = $1 AND NOT is_apart)
     ORDER BY n.seq LIMIT 500
"""
TAGS = """
    SELECT DISTINCT tag FROM conversations CROSS JOIN LATERAL unnest(tags) AS tag
     ORDER BY tag LIMIT 500
"""

conversations: Projection[Db] = Projection("conversations", stream="EMAIL", version=1)


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation's shared state; ``version`` 0 where nobody has set anything."""

    thread_id: str
    status: str = "open"
    assignee: str | None = None
    assignee_name: str | None = None
    tags: tuple[str, ...] = ()
    version: int = 0
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note among colleagues."""

    id: str
    author_id: str
    author_name: str | None
    text: str
    mentions: list[str]
    at: datetime


@conversations.on(ConversationStatusChanged)
async def status_changed(db: Db, run: Sequence[Recorded[ConversationStatusChanged]]) -> None:
    """Open, waiting, closed or spam."""
    for recorded in run:
        await _set(db, recorded, status=recorded.event.status)


@conversations.on(ConversationAssigned)
async def assigned(db: Db, run: Sequence[Recorded[ConversationAssigned]]) -> None:
    """Somebody else has it; they are told, unless they took it themselves."""
    for recorded in run:
        user_id = recorded.event.user_id
        await _set(db, recorded)
        if user_id and recorded.actor != f"user:{user_id}":
            await _notice(db, recorded, user_id, "assignment")


@conversations.on(ConversationTagged)
async def tagged(db: Db, run: Sequence[Recorded[ConversationTagged]]) -> None:
    """The tags it has now."""
    for recorded in run:
        await _set(db, recorded, tags=[text(tag) or "" for tag in recorded.event.tags])


@conversations.on(NoteAdded)
async def noted(db: Db, run: Sequence[Recorded[NoteAdded]]) -> None:
    """A note; who is named in it is told."""
    for recorded in run:
        event = recorded.event
        mentions = list(event.mentions)
        said = (event.note_id, event.thread_id, event.author_id, text(event.text), mentions)
        await db.execute(NOTE, *said, recorded.time, recorded.sequence)
        for person_id in event.mentions:
            if person_id != event.author_id:
                await _notice(db, recorded, person_id, "mention")


@conversations.on(ReminderFired)
async def reminded(db: Db, run: Sequence[Recorded[ReminderFired]]) -> None:
    """Nobody answered in time."""
    for recorded in run:
        await _notice(db, recorded, recorded.event.person_id, "reminder")


async def canonical(pool: Pool, thread_id: str) -> str:
    """Return the conversation that a thread is part of now."""
    return str(await pool.fetchval(CANONICAL, thread_id) or thread_id)


async def conversation(pool: Pool, thread_id: str) -> ConversationRow:
    """Return what is shared of a conversation."""
    row = await pool.fetchrow(ONE, thread_id)
    return _conversation(row) if row else ConversationRow(thread_id)


async def conversations_of(
    pool: Pool, user_id: str, *, status: str | None, before: Cursor, limit: int
) -> list[ConversationRow]:
    """Return the conversations that a person has, changed last first."""
    values = (user_id, status, before.moment, before.id, limit)
    return [_conversation(row) for row in await pool.fetch(OF_ASSIGNEE, *values)]


async def notes_of(pool: Pool, thread_id: str) -> list[NoteRow]:
    """Return a conversation's notes, oldest first, 500 at most."""
    return [NoteRow(*row) for row in await pool.fetch(NOTES, thread_id)]


async def tags_in_use(pool: Pool) -> list[str]:
    """Return the tags that conversations have."""
    return [row["tag"] for row in await pool.fetch(TAGS)]


async def _set(
    db: Db,
    recorded: Recorded[Any],
    *,
    status: str | None = None,
    tags: list[str] | None = None,
) -> None:
    """Set what the fact tells; of an assignment that is in it, None too."""
    event, when = recorded.event, (recorded.version, recorded.time, recorded.sequence)
    is_assigned = isinstance(event, ConversationAssigned)
    assignee = event.user_id if is_assigned else None
    await db.execute(SET, event.thread_id, status, assignee, tags, *when, is_assigned)


async def _notice(db: Db, recorded: Recorded[Any], person_id: str, kind: str) -> None:
    event = recorded.event
    notice_id = derived_id("notice", recorded.id, person_id).hex
    about = (getattr(event, "email_id", None), getattr(event, "thread_id", None))
    when = (recorded.actor, recorded.time, recorded.sequence)
    if await db.fetchval(NOTICE, notice_id, person_id, kind, *about, *when):
        at = (recorded.stream, recorded.sequence)
        await view_changes.add(db, person_id, kind="notification", ref=notice_id, at=at)


def _conversation(row: Record) -> ConversationRow:
    return ConversationRow(
        row["thread_id"],
        row["status"],
        row["assignee"],
        row["name"],
        tuple(row["tags"]),
        row["version"],
        row["changed_at"],
    )
