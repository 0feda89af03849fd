"""One database, and in it one role and one schema per service that no other service can read.

This is what makes a service's tables its own, on one machine and on a cluster.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import asyncpg

from courrier.events.postgres.schemas import Schemas

DATABASE = "courrier"
EXTENSIONS = ("btree_gin", "pg_trgm", "unaccent")
CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_S = 30.0

Db = asyncpg.Connection


async def provision(
    superuser_url: str, passwords: Mapping[str, str], *, database: str = DATABASE
) -> None:
    """Create the database, the roles and the schemas that are missing; set the passwords.

    ``superuser_url`` is any database of the server, as its superuser. ``passwords`` maps each
    service that has tables to its role's password. Running it twice changes nothing.

    Raises:
        OSError: the server cannot be reached.
        asyncpg.PostgresError: the server refuses; the text says what.
    """
    server = await _connect(superuser_url)
    try:
        await _create_database(server, database)
        await _create_roles(server, passwords)
    finally:
        await server.close(timeout=CONNECT_TIMEOUT_S)
    own = await _connect(at_database(superuser_url, database))
    try:
        await _create_schemas(own, database, passwords)
    finally:
        await own.close(timeout=CONNECT_TIMEOUT_S)


def at_database(
    url: str, database: str, *, user: str | None = None, password: str | None = None
) -> str:
    """Return the URL of another database of the same server, as another role where one is named."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    who = f"{quote(user)}:{quote(password or '')}@{host}" if user else parts.netloc
    return parts._replace(netloc=who, path=f"/{database}").geturl()


async def _connect(url: str) -> "Db[asyncpg.Record]":
    return await asyncpg.connect(
        url, timeout=CONNECT_TIMEOUT_S, command_timeout=STATEMENT_TIMEOUT_S
    )


async def _create_database(db: "Db[asyncpg.Record]", name: str) -> None:
    if not await db.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await db.execute(await _formatted(db, "CREATE DATABASE %I", name))


async def _create_roles(db: "Db[asyncpg.Record]", passwords: Mapping[str, str]) -> None:
    for name, password in passwords.items():
        if not await db.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
            await db.execute(await _formatted(db, "CREATE ROLE %I LOGIN", name))
        await db.execute(await _formatted(db, "ALTER ROLE %I PASSWORD %L", name, password))
        path = "ALTER ROLE %I SET search_path = %I, %I, public"
        await db.execute(await _formatted(db, path, name, name, Schemas(name).state))


async def _create_schemas(
    db: "Db[asyncpg.Record]", database: str, passwords: Mapping[str, str]
) -> None:
    await db.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    await db.execute(await _formatted(db, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database))
    for extension in EXTENSIONS:
        create = "CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA public"
        await db.execute(await _formatted(db, create, extension))
    for name in passwords:
        schema = "CREATE SCHEMA IF NOT EXISTS %1$I AUTHORIZATION %1$I"
        await db.execute(await _formatted(db, schema, name))
        # CREATE: views are built in a schema of their own and swapped in by renaming it.
        connect = "GRANT CONNECT, TEMPORARY, CREATE ON DATABASE %I TO %I"
        await db.execute(await _formatted(db, connect, database, name))


async def _formatted(db: "Db[asyncpg.Record]", statement: str, *values: str) -> str:
    """Let the server quote names and literals: statements like these take no parameters."""
    return str(await db.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, values))
