"""Which copies lie in folders that people made: ``filed``, fed by our own stream ``EMAIL``.

A row is one holder's copy, in its folder; copies in ``inbox``, ``archive`` and the like have none.
Each fact about a copy takes its older row away, guarded by its sequence.
"""

from collections.abc import Sequence
from typing import Any

from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailErased, EmailImported, EmailShared
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.linker.domain.copies import person_key
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.places import MADE_FOR_ALL

TAKE = """
    DELETE FROM filed USING unnest($1::text[], $2::text[], $3::bigint[])
                            AS g(email_id, holder, seq)
     WHERE filed.email_id = g.email_id AND filed.holder = g.holder AND filed.email_seq < g.seq
"""
PUT = """
    INSERT INTO filed (email_id, holder, folder_id, email_seq)
    SELECT email_id, holder, folder_id, seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS g(email_id, holder, folder_id, seq)
    ON CONFLICT DO NOTHING
"""
FORGET = "DELETE FROM filed WHERE email_id = ANY($1::text[])"
ORPHANED = """
    SELECT f.folder_id FROM folders f
     WHERE NOT f.is_there
       AND (SELECT true FROM filed c
             WHERE c.folder_id = f.folder_id AND c.holder LIKE 'user:%' LIMIT 1) IS NOT NULL
     ORDER BY f.folder_id LIMIT $1
"""
IN_FOLDER = """
    SELECT DISTINCT email_id FROM filed
     WHERE folder_id = $1 AND holder LIKE 'user:%' AND email_id > $2
     ORDER BY email_id LIMIT $3
"""

filed: Projection[Db] = Projection("filed", stream="EMAIL", version=1)


@filed.on_each(EmailImported, EmailShared)
async def held(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """Copies that were filed as they came."""
    rows = [
        (r.event.email_id, holder_key(each), each.folder, r.sequence)
        for r in run
        for each in r.event.holdings
        if each.folder not in MADE_FOR_ALL
    ]
    if rows:
        await db.execute(PUT, *map(list, zip(*rows, strict=True)))


@filed.on_each(
    EmailFiled, EmailArchived, EmailTrashed, EmailRestored, EmailGivenUp, EmailSnoozed, EmailWoken
)
async def moved(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """Copies that are somewhere else."""
    newest = {(r.event.email_id, person_key(r.event.person_id)): r for r in run}
    taken = [(*key, r.sequence) for key, r in newest.items()]
    await db.execute(TAKE, *map(list, zip(*taken, strict=True)))
    into = [
        (*key, folder, r.sequence)
        for key, r in newest.items()
        if (folder := getattr(r.event, "folder", None)) and folder not in MADE_FOR_ALL
    ]
    if into:
        await db.execute(PUT, *map(list, zip(*into, strict=True)))


@filed.on(EmailErased)
async def erased(db: Db, run: Sequence[Recorded[EmailErased]]) -> None:
    """Nobody has it anywhere."""
    await db.execute(FORGET, [r.event.email_id for r in run])


class PostgresShelves:
    """``Shelves``: what lies in folders that are gone, asked of the index's tables."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def orphaned(self, limit: int) -> list[str]:
        """Return removed folders in which something lies."""
        return [row[0] for row in await self._pool.fetch(ORPHANED, limit)]

    async def inside(self, folder_id: str, after: str, limit: int) -> list[str]:
        """Return the e-mails over ``after`` of which somebody's copy lies in a folder."""
        return [row[0] for row in await self._pool.fetch(IN_FOLDER, folder_id, after, limit)]
