"""Who did what to people, rights and settings, and who looked into private mail.

Table ``audit``, fed by ``SETTINGS`` alone: a row for each fact, by its id. What was said is not
kept here, only who did it, to what, and the names of what changed: the log has the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from courrier.events.base import Event
from courrier.events.catalogue import EVENTS, short_name
from courrier.events.envelope import Recorded
from courrier.events.families import configuration, identity, settings
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.cursors import Cursor, Place

from .rows import columns, text

ADD = """
    INSERT INTO audit (event_id, at, actor, kind, object, changed, reason, seq)
    SELECT g.event_id, g.at, g.actor, g.kind, g.object, string_to_array(g.changed, ' '),
           g.reason, g.seq
      FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                  $7::text[], $8::bigint[])
           AS g(event_id, at, actor, kind, object, changed, reason, seq)
    ON CONFLICT DO NOTHING
"""
PAGE = """
    SELECT event_id, at, actor, kind, object, changed, reason, seq FROM audit
     WHERE (at, seq) < ($1, $2) AND ($3::text IS NULL OR actor = $3)
       AND ($4::text IS NULL OR object = $4)
     ORDER BY at DESC, seq DESC LIMIT $5
"""
NO_SEQUENCE = 2**63 - 1
"""Greater than any: where the first page begins."""
MODULES = (settings.__name__, identity.__name__, configuration.__name__)

audit: Projection[Db] = Projection("audit", stream="SETTINGS", version=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did; ``object`` is ``user.<id>``, ``role.<id>`` and the like."""

    id: str
    at: datetime
    actor: str
    kind: str
    object: str
    changed: list[str]
    reason: str | None
    seq: int

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with this entry ended."""
        return Cursor(self.at, str(self.seq))


@audit.on_each(*(event for event in EVENTS if event.__module__ in MODULES))
async def done(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """Somebody did something."""
    await db.execute(ADD, *columns([_row(recorded) for recorded in run], 8))


async def entries(pool: Pool, place: Place, *, actor: str | None, about: str | None) -> list[Entry]:
    """Return what was done, newest first: by somebody, to something, or everything."""
    text_id = place.after.id
    before = int(text_id) if text_id.isascii() and text_id.isdigit() else NO_SEQUENCE
    found = (place.after.moment, min(before, NO_SEQUENCE), actor, about, place.limit)
    return [_entry(row) for row in await pool.fetch(PAGE, *found)]


def _row(recorded: Recorded[Event]) -> tuple[object, ...]:
    changed = getattr(recorded.event, "changed", ())
    reason = getattr(recorded.event, "reason", None)
    return (
        recorded.id,
        recorded.time,
        text(recorded.actor),
        short_name(recorded.type),
        recorded.subject.split(".", 2)[2],
        " ".join(changed),
        text(reason) if isinstance(reason, str) else None,
        recorded.sequence,
    )


def _entry(row: Record) -> Entry:
    return Entry(
        row["event_id"],
        row["at"],
        row["actor"],
        row["kind"],
        row["object"],
        list(row["changed"]),
        row["reason"],
        row["seq"],
    )
