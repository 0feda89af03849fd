"""Numbered plain-SQL migrations that travel in each service's package, applied once, in order."""

from importlib.resources import files

import asyncpg

from courrier.events.postgres.pool import DatabaseUnavailable

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
"""
APPLIED = "SELECT name FROM {schema}.migrations"
RECORD = "INSERT INTO {schema}.migrations (name) VALUES ($1)"
LOCK = "SELECT pg_advisory_lock(hashtext($1))"


class NewerDatabase(RuntimeError):
    """The schema has migrations that this version does not know: a newer Courrier made it."""


def migrations_of(package: str) -> list[tuple[str, str]]:
    """Return name and SQL of a package's migrations (``<package>/migrations/NNNN_*.sql``)."""
    folder = files(package) / "migrations"
    found = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return sorted((file.name, file.read_text("utf-8")) for file in found)


async def migrate(url: str, *, package: str, schema: str) -> list[str]:
    """Apply what is missing, each in its own transaction, and return the names applied.

    Raises:
        NewerDatabase: the schema is ahead of this version.
        DatabaseUnavailable: PostgreSQL cannot be reached.
    """
    try:
        connection = await asyncpg.connect(url, timeout=TIMEOUT_S, command_timeout=TIMEOUT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise DatabaseUnavailable(f"cannot migrate {schema}: {error}") from error
    try:
        return await _apply(connection, schema, migrations_of(package))
    finally:
        await connection.close()


async def _apply(
    connection: "asyncpg.Connection[asyncpg.Record]", schema: str, known: list[tuple[str, str]]
) -> list[str]:
    await connection.execute(LOCK, schema)
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
