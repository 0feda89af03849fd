"""What is set up: one row for each folder, filter, template, way out, and person's preferences.

Table ``configured``, fed by ``SETTINGS`` alone and read by the pages and resources of each kind.
``version`` counts the facts of the thing, ``seq`` is the last one's place; no statement goes back,
so that replaying from zero gives the same rows. Removed things stay, marked: mail names them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from asyncpg import Record

from courrier.events.base import Event, Value
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import SystemFields
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.configured import KINDS, SYSTEM, SYSTEM_ID, Kind
from courrier.gateway.domain.settings_access import audience_of

from .rows import json_text, parsed, text

PUT = """
    INSERT INTO configured AS c
           (kind, id, audience, name, place, fields, changed_at, version, seq)
    VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9)
    ON CONFLICT (kind, id) DO UPDATE
       SET audience = excluded.audience, name = excluded.name, place = excluded.place,
           fields = excluded.fields, changed_at = excluded.changed_at,
           version = excluded.version, seq = excluded.seq, removed = false
     WHERE c.seq < excluded.seq
"""
REMOVE = """
    UPDATE configured
       SET removed = true, changed_at = $3, version = $4, seq = $5
     WHERE kind = $1 AND id = $2 AND seq < $5
"""
BY_IDS = """
    SELECT id, fields, version FROM configured
     WHERE kind = $1 AND id = ANY($2::text[]) AND NOT removed
"""
WITH_KEYS = """
    SELECT id, fields, version FROM configured
     WHERE kind = $1 AND NOT removed AND audience && $2::text[]
     ORDER BY place, name, id
     LIMIT $3
"""
NAMING = """
    SELECT id, fields, version FROM configured
     WHERE kind = $1 AND NOT removed AND fields->>$2 = $3
     ORDER BY id
"""

MOST = 1_000
"""Things of a kind that one list shows."""

F = TypeVar("F", bound=Value)

configured: Projection[Db] = Projection("configured", stream="SETTINGS", version=1)

_KIND_OF: dict[type[Event], Kind[Any]] = {
    event: kind for kind in KINDS for event in (kind.added, kind.changed, kind.removed) if event
}
_PUTS = [event for event, kind in _KIND_OF.items() if event is not kind.removed]
_REMOVALS = [kind.removed for kind in KINDS if kind.removed]


@configured.on_each(*_PUTS)
async def put(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """The thing as it is now."""
    for recorded in run:
        kind, fields = _KIND_OF[type(recorded.event)], recorded.event.fields
        await db.execute(
            PUT,
            kind.name,
            kind.id_of(recorded.event),
            list(audience_of(fields)),
            text(getattr(fields, "name", "")),
            getattr(fields, "order", 0),
            json_text(fields.model_dump(mode="json", by_alias=True)),
            recorded.time,
            recorded.version,
            recorded.sequence,
        )


@configured.on_each(*_REMOVALS)
async def removed(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """Out of every list."""
    for recorded in run:
        kind = _KIND_OF[type(recorded.event)]
        when = (recorded.time, recorded.version, recorded.sequence)
        await db.execute(REMOVE, kind.name, kind.id_of(recorded.event), *when)


@dataclass(frozen=True, slots=True)
class ItemRow(Generic[F]):
    """A thing as it is set up."""

    id: str
    fields: F
    version: int


async def item_by_id(pool: Pool, kind: Kind[F], item_id: str) -> ItemRow[F] | None:
    """Return a thing that was not removed."""
    found = await items_by_id(pool, kind, [item_id])
    return found[0] if found else None


async def items_by_id(pool: Pool, kind: Kind[F], ids: Collection[str]) -> list[ItemRow[F]]:
    """Return those of these things that are there."""
    return [_item(kind, row) for row in await pool.fetch(BY_IDS, kind.name, list(ids))]


async def items_for(pool: Pool, kind: Kind[F], keys: Collection[str]) -> list[ItemRow[F]]:
    """Return what has one of these keys in its audience, by place and name."""
    return [_item(kind, row) for row in await pool.fetch(WITH_KEYS, kind.name, list(keys), MOST)]


async def items_naming(pool: Pool, kind: Kind[F], field: str, value: str) -> list[ItemRow[F]]:
    """Return the things of a kind that have this value in this field."""
    return [_item(kind, row) for row in await pool.fetch(NAMING, kind.name, field, value)]


async def system_settings(pool: Pool) -> SystemFields:
    """Return what holds for everybody."""
    row = await item_by_id(pool, SYSTEM, SYSTEM_ID)
    return row.fields if row else SystemFields()


def _item(kind: Kind[F], row: Record) -> ItemRow[F]:
    fields = kind.fields.model_validate(parsed(row["fields"]))
    return ItemRow(row["id"], fields, row["version"])
