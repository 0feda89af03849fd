"""Which messages a filter kept out: ``skipped``, fed by our own stream ``EMAIL``."""

from collections.abc import Iterable, Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.email import MessageSkipped
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection

SKIP = """
    INSERT INTO skipped (source_id, email_seq)
    SELECT source_id, email_seq
      FROM unnest($1::text[], $2::bigint[]) AS new (source_id, email_seq)
    ON CONFLICT (source_id) DO NOTHING
"""
SKIPPED = "SELECT source_id FROM skipped WHERE source_id = ANY($1::text[])"

skips: Projection[Db] = Projection("skips", stream="EMAIL", version=1)


@skips.on(MessageSkipped)
async def kept_out(db: Db, run: Sequence[Recorded[MessageSkipped]]) -> None:
    """No e-mail is made of it."""
    await db.execute(SKIP, [r.event.source_id for r in run], [r.sequence for r in run])


async def skipped_among(db: Db, source_ids: Iterable[str]) -> frozenset[str]:
    """Return those of these messages that were kept out."""
    return frozenset(row[0] for row in await db.fetch(SKIPPED, list(source_ids)))
