"""E-mails that people put into other conversations: split off, merged, or an undo of either.

An e-mail's ``thread_id`` in ``emails`` is where it was put last (``thread_seq``); table
``rethreaded`` has the last word on two conversations, so that the notes of one that was merged are
found and its old id leads on. Both fed by ``EMAIL``; what is older than a row changes nothing.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import columns, json_text

MOVE = """
    UPDATE emails e
       SET thread_id = coalesce((SELECT j.thread_id FROM joined_threads j
                                  WHERE j.joined = g.thread_id), g.thread_id),
           thread_reason = g.reason::jsonb, thread_seq = g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS g(email_id, thread_id, reason, seq)
     WHERE e.email_id = g.email_id AND e.thread_seq < g.seq
"""
SAY = """
    INSERT INTO rethreaded AS old (one, other, left_id, thread_id, is_apart, seq)
    SELECT DISTINCT ON (least(g.left_id, g.thread_id), greatest(g.left_id, g.thread_id))
           least(g.left_id, g.thread_id), greatest(g.left_id, g.thread_id), g.left_id,
           g.thread_id, g.is_apart, g.seq
      FROM unnest($1::text[], $2::text[], $3::boolean[], $4::bigint[])
           AS g(left_id, thread_id, is_apart, seq)
     ORDER BY 1, 2, g.seq DESC
    ON CONFLICT (one, other) DO UPDATE
       SET left_id = excluded.left_id, thread_id = excluded.thread_id,
           is_apart = excluded.is_apart, seq = excluded.seq
     WHERE old.seq < excluded.seq
"""
EMAILS = "SELECT email_id FROM emails WHERE thread_id = $1 ORDER BY email_id LIMIT $2"
STAND = """
    SELECT count(*) AS emails, coalesce(max(greatest(seq, thread_seq)), 0) AS newest
      FROM emails WHERE thread_id = $1
"""


def register(emails: Projection[Db]) -> None:
    """Let the projection of e-mails take what people do, in its order among the other facts."""
    emails.on(EmailRethreaded)(_rethreaded)


async def _rethreaded(db: Db, run: Sequence[Recorded[EmailRethreaded]]) -> None:
    """These e-mails are elsewhere now."""
    newest = {recorded.event.email_id: recorded for recorded in run}
    moved = [
        (email_id, r.event.thread_id, json_text(r.event.reason), r.sequence)
        for email_id, r in newest.items()
    ]
    await db.execute(MOVE, *columns(moved, 4))
    said = [(r.event.left, r.event.thread_id, r.event.apart, r.sequence) for r in run]
    await db.execute(SAY, *columns(said, 4))


async def emails_of_thread(pool: Pool, thread_id: str, limit: int) -> list[str]:
    """Return the e-mails of a conversation, whoever may read them."""
    return [row["email_id"] for row in await pool.fetch(EMAILS, thread_id, limit)]


async def stand_of(pool: Pool, thread_id: str) -> tuple[int, int]:
    """Return how many e-mails a conversation has, and the sequence of the newest fact on them."""
    row = await pool.fetchrow(STAND, thread_id)
    return (row["emails"], row["newest"]) if row else (0, 0)
