"""A database for every test, copied in some 50 ms from a template that each pytest run makes once.

The server may hold anything else: only databases named ``courrier_test_…`` of this run are made
and dropped.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeAlias
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from courrier.events.jetstream.permissions import SERVICES
from courrier.events.postgres.roles import EXTENSIONS
from courrier.local import postgres_server
from support.apart import run_apart

CONNECT_TIMEOUT_S = 10.0
STATEMENT_TIMEOUT_S = 30.0

CREATE = "CREATE DATABASE %I"
COPY = "CREATE DATABASE %I TEMPLATE %I"
DROP = "DROP DATABASE IF EXISTS %I WITH (FORCE)"
FORMAT = "SELECT format($1, VARIADIC $2::text[])"

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Databases:
    """Databases of one server; ``server_url`` is a superuser's, of any database."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._run = f"courrier_test_{os.getpid()}_{uuid4().hex[:8]}"

    def __enter__(self) -> Self:
        run_apart(self._make_template())
        return self

    def __exit__(self, *_: object) -> None:
        run_apart(self._administer(DROP, self._run))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yield the URL of a new database: a schema per service, the extensions, no table."""
        name = f"{self._run}_{uuid4().hex[:8]}"
        run_apart(self._administer(COPY, name, self._run))
        try:
            yield with_database(self._server_url, name)
        finally:
            run_apart(self._administer(DROP, name))

    async def _make_template(self) -> None:
        await self._administer(CREATE, self._run)
        template = await _connect(with_database(self._server_url, self._run))
        try:
            for extension in EXTENSIONS:
                statement = "CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA public"
                await _execute(template, statement, extension)
            for service in SERVICES:
                await _execute(template, "CREATE SCHEMA %I", service)
        finally:
            await template.close(timeout=CONNECT_TIMEOUT_S)

    async def _administer(self, statement: str, *names: str) -> None:
        server = await _connect(self._server_url)
        try:
            await _execute(server, statement, *names)
        finally:
            await server.close(timeout=CONNECT_TIMEOUT_S)


@contextmanager
def start_server(directory: Path) -> Iterator[str]:
    """Start a server of our own from the programs on this machine and yield its URL."""
    with postgres_server.start(directory / "cluster", fsync=False) as server:
        yield server.dsn()


def with_database(url: str, name: str) -> str:
    """Return the URL with another database in it."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def _connect(url: str) -> Connection:
    return await asyncpg.connect(
        url, timeout=CONNECT_TIMEOUT_S, command_timeout=STATEMENT_TIMEOUT_S
    )


async def _execute(db: Connection, statement: str, *names: str) -> None:
    """Let the server quote the names: statements like these take no parameters."""
    await db.execute(await db.fetchval(FORMAT, statement, names))
