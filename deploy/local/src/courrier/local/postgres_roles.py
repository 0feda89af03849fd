"""One database, and in it one role and one schema per service that no other service can read.

This is what makes a service's tables its own on one machine too, from the first day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from courrier.events.jetstream.permissions import SERVICES
from courrier.events.postgres.schemas import Schemas

from .postgres_server import SUPERUSER, dsn

DATABASE = "courrier"
EXTENSIONS = ("btree_gin", "pg_trgm", "unaccent")
CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_S = 30.0

Db = asyncpg.Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running server and its superuser's password."""

    port: int
    superuser_password: str
    database: str = DATABASE


async def provision(target: Target, passwords: Mapping[str, str]) -> dict[str, str]:
    """Create what is missing, set the passwords, and return each service's database URL.

    ``passwords`` maps every name of ``SERVICES`` to its password. Running it twice changes
    nothing.
    """
    server = await _connect(target, "postgres")
    try:
        await _create_database(server, target.database)
        await _create_roles(server, passwords)
    finally:
        await server.close(timeout=CONNECT_TIMEOUT_S)
    database = await _connect(target, target.database)
    try:
        await _create_schemas(database, target.database)
    finally:
        await database.close(timeout=CONNECT_TIMEOUT_S)
    return service_urls(target, passwords)


def service_urls(target: Target, passwords: Mapping[str, str]) -> dict[str, str]:
    """Return the database URL of each service."""
    return {
        name: dsn(target.port, target.database, user=name, password=passwords[name])
        for name in SERVICES
    }


def superuser_url(target: Target) -> str:
    """Return the URL of the system's database as its superuser, who may rewrite any table."""
    return dsn(target.port, target.database, user=SUPERUSER, password=target.superuser_password)


async def _connect(target: Target, database: str) -> "Db[asyncpg.Record]":
    url = dsn(target.port, database, user=SUPERUSER, password=target.superuser_password)
    return await asyncpg.connect(
        url, timeout=CONNECT_TIMEOUT_S, command_timeout=STATEMENT_TIMEOUT_S
    )


async def _create_database(db: "Db[asyncpg.Record]", name: str) -> None:
    if not await db.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await db.execute(await _formatted(db, "CREATE DATABASE %I", name))


async def _create_roles(db: "Db[asyncpg.Record]", passwords: Mapping[str, str]) -> None:
    for name in SERVICES:
        if not await db.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name):
            await db.execute(await _formatted(db, "CREATE ROLE %I LOGIN", name))
        password = passwords[name]
        await db.execute(await _formatted(db, "ALTER ROLE %I PASSWORD %L", name, password))
        path = "ALTER ROLE %I SET search_path = %I, %I, public"
        await db.execute(await _formatted(db, path, name, name, Schemas(name).state))


async def _create_schemas(db: "Db[asyncpg.Record]", database: str) -> None:
    await db.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    await db.execute(await _formatted(db, "REVOKE ALL ON DATABASE %I FROM PUBLIC", database))
    for extension in EXTENSIONS:
        create = "CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA public"
        await db.execute(await _formatted(db, create, extension))
    for name in SERVICES:
        schema = "CREATE SCHEMA IF NOT EXISTS %1$I AUTHORIZATION %1$I"
        await db.execute(await _formatted(db, schema, name))
        # CREATE: views are built in a schema of their own and swapped in by renaming it.
        connect = "GRANT CONNECT, TEMPORARY, CREATE ON DATABASE %I TO %I"
        await db.execute(await _formatted(db, connect, database, name))


async def _formatted(db: "Db[asyncpg.Record]", statement: str, *values: str) -> str:
    """Let the server quote names and literals: statements like these take no parameters."""
    return str(await db.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, values))
