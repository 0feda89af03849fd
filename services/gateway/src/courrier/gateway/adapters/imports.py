"""Files handed in to be imported, as rows: for a day, or until they were run."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import asyncpg

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.csv_files import Shape
from courrier.gateway.domain.cursors import Place

ADD = """
    INSERT INTO imports (import_id, user_id, record_type, filename, shape, row_count, file)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) ON CONFLICT DO NOTHING
"""
FIND = """
    SELECT import_id, record_type, filename, shape, row_count, created_at, file IS NULL AS is_spent
      FROM imports WHERE import_id = $1 AND user_id = $2
"""
PAGE = """
    SELECT import_id, record_type, filename, shape, row_count, created_at, file IS NULL AS is_spent
      FROM imports WHERE user_id = $1 AND (created_at, import_id) < ($2, $3)
     ORDER BY created_at DESC, import_id DESC LIMIT $4
"""
FILE = "SELECT file FROM imports WHERE import_id = $1 AND user_id = $2"
SPEND = "UPDATE imports SET file = NULL WHERE import_id = $1 AND user_id = $2"
REMOVE = "DELETE FROM imports WHERE import_id = $1 AND user_id = $2"
PRUNE = "DELETE FROM imports WHERE created_at < now() - interval '24 hours'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A file to import; ``is_spent`` once it was run and is not kept any more."""

    id: str
    record_type: str
    filename: str | None
    shape: Shape
    row_count: int
    created_at: datetime
    is_spent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImport:
    """A file that somebody handed in."""

    id: str
    user_id: str
    record_type: str
    filename: str | None
    shape: Shape
    row_count: int
    file: bytes


async def add(pool: Pool, new: NewImport) -> None:
    """Keep a file; the same one twice is one."""
    shape = json.dumps(asdict(new.shape))
    values = (new.id, new.user_id, new.record_type, new.filename, shape, new.row_count, new.file)
    await pool.execute(ADD, *values)


async def find(pool: Pool, user_id: str, import_id: str) -> Import | None:
    """Return what is known of a person's file."""
    row = await pool.fetchrow(FIND, import_id, user_id)
    return _import(row) if row else None


async def page(pool: Pool, user_id: str, place: Place) -> list[Import]:
    """Return a person's files, newest first."""
    at = (place.after.moment, place.after.id, place.limit)
    return [_import(row) for row in await pool.fetch(PAGE, user_id, *at)]


async def file_of(pool: Pool, user_id: str, import_id: str) -> bytes | None:
    """Return the bytes; None once they are forgotten."""
    found: bytes | None = await pool.fetchval(FILE, import_id, user_id)
    return found


async def spend(pool: Pool, user_id: str, import_id: str) -> None:
    """Forget the bytes."""
    await pool.execute(SPEND, import_id, user_id)


async def remove(pool: Pool, user_id: str, import_id: str) -> None:
    """Forget all of it."""
    await pool.execute(REMOVE, import_id, user_id)


async def prune(pool: Pool) -> None:
    """Forget what is older than a day."""
    await pool.execute(PRUNE)


def _import(row: asyncpg.Record) -> Import:
    shape = json.loads(row["shape"])
    return Import(
        id=row["import_id"],
        record_type=row["record_type"],
        filename=row["filename"],
        shape=Shape(shape["encoding"], shape["delimiter"], tuple(shape["columns"])),
        row_count=row["row_count"],
        created_at=row["created_at"],
        is_spent=row["is_spent"],
    )
