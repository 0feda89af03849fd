"""Numbered plain-SQL migrations that travel in each service's package, applied once, in order.

``migrations/NNNN_*.sql`` makes the service's views, ``migrations/state/NNNN_*.sql`` its state;
both name tables without a schema (see ``schemas.py``).
"""

from importlib.resources import files

import asyncpg

from courrier.events.postgres.pool import DatabaseUnavailable, Db
from courrier.events.postgres.schemas import Schemas

TIMEOUT_S = 60

CREATE_BOOKKEEPING = """
    CREATE TABLE IF NOT EXISTS {schema}.migrations (
        name       text PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS {schema}.checkpoints (
        consumer text   NOT NULL,
        stream   text   NOT NULL,
        seq      bigint NOT NULL,
        PRIMARY KEY (consumer, stream)
    );
    ALTER TABLE {schema}.checkpoints
        ADD COLUMN IF NOT EXISTS first_partition smallint NOT NULL DEFAULT 0,
        ADD COLUMN IF NOT EXISTS last_partition  smallint NOT NULL DEFAULT 63,
        DROP CONSTRAINT IF EXISTS checkpoints_pkey;
    CREATE UNIQUE INDEX IF NOT EXISTS checkpoints_of_groups
        ON {schema}.checkpoints (consumer, stream, first_partition);
    CREATE TABLE IF NOT EXISTS {schema}.parked (
        consumer  text COLLATE "C" NOT NULL,
        stream    text COLLATE "C" NOT NULL,
        seq       bigint NOT NULL,
        subject   text COLLATE "C" NOT NULL,
        event_id  text COLLATE "C" NOT NULL,
        type      text NOT NULL,
        state     text NOT NULL CHECK (state IN ('parked', 'waiting', 'replayed')),
        reason    text,
        text      text,
        announced boolean NOT NULL DEFAULT false,
        parked_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, stream, seq)
    );
"""
APPLIED = "SELECT name FROM {schema}.migrations"
RECORD = "INSERT INTO {schema}.migrations (name) VALUES ($1)"
SCHEMA_EXISTS = "SELECT true FROM pg_namespace WHERE nspname = $1"
CREATE_SCHEMA = "SELECT format('CREATE SCHEMA %I', $1::text)"
SET_PATH = "SELECT set_config('search_path', $1, false)"
LOCK = "SELECT pg_advisory_lock(hashtext($1))"


class NewerDatabase(RuntimeError):
    """The schema has migrations that this version does not know: a newer Courrier made it."""


def migrations_of(package: str, part: str = "migrations") -> list[tuple[str, str]]:
    """Return name and SQL of a package's numbered migrations, in order.

    ``part`` is their folder: ``migrations`` for views, ``migrations/state`` for the state.
    """
    folder = files(package).joinpath(*part.split("/"))
    if not folder.is_dir():
        return []
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted((file.name, file.read_text("utf-8")) for file in found)


async def migrate(url: str, *, package: str, schema: str) -> list[str]:
    """Apply what is missing to views and state of a service, and return the names applied.

    Each migration has its own transaction. ``schema`` is the service's; a missing one is made.

    Raises:
        NewerDatabase: a schema is ahead of this version.
        DatabaseUnavailable: PostgreSQL cannot be reached.
    """
    try:
        connection = await asyncpg.connect(url, timeout=TIMEOUT_S, command_timeout=TIMEOUT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailable(f"cannot migrate {schema}: {error}") from error
    try:
        await connection.execute(LOCK, schema)
        state = migrations_of(package, "migrations/state")
        done = await _apply(connection, Schemas(schema).state, state)
        views = await create_views(connection, package=package, schema=schema)
        return [*(f"state/{name}" for name in done), *views]
    finally:
        await connection.close()


async def create_views(connection: Db, *, package: str, schema: str) -> list[str]:
    """Apply what is missing to one schema of views, live or shadow; return the names applied."""
    return await _apply(connection, schema, migrations_of(package))


async def _apply(connection: Db, schema: str, known: list[tuple[str, str]]) -> list[str]:
    if not await connection.fetchval(SCHEMA_EXISTS, schema):
        await connection.execute(await connection.fetchval(CREATE_SCHEMA, schema))
    await connection.execute(SET_PATH, f"{schema}, public")
    await connection.execute(CREATE_BOOKKEEPING.format(schema=schema))
    done = {row["name"] for row in await connection.fetch(APPLIED.format(schema=schema))}
    if unknown := done - {name for name, _ in known}:
        raise NewerDatabase(f"schema {schema} was made by a newer version: {sorted(unknown)}")
    missing = [(name, sql) for name, sql in known if name not in done]
    for name, sql in missing:
        async with connection.transaction():
            await connection.execute(sql)
            await connection.execute(RECORD.format(schema=schema), name)
    return [name for name, _ in missing]
