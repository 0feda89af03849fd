"""``courrier database``: the database, roles and schemas of the services on a server of yours."""

import asyncio
import os

import asyncpg
import click

from courrier.events.jetstream.permissions import SERVICES
from courrier.events.postgres.roles import DATABASE, provision
from courrier.events.runtime.process import MissingSetting, database_url
from courrier.events.runtime.settings import infrastructure_settings

PASSWORD_OF = "COURRIER_DATABASE_PASSWORD_{}"  # noqa: S105  the name of a variable
WITH_TABLES = tuple(name for name in SERVICES if name != "fetcher")


@click.group()
def database() -> None:
    """PostgreSQL: the roles and schemas of the services."""


@database.command()
def apply() -> None:
    """Create the database, roles and schemas, or bring them up to date.

    COURRIER_DATABASE_URL is a database of the server as its superuser;
    COURRIER_DATABASE_PASSWORD_LINKER, …_SENDER and …_GATEWAY are the passwords of the roles.
    """
    try:
        url = database_url(infrastructure_settings("postgres"))
        asyncio.run(provision(url, {name: _password(name) for name in WITH_TABLES}))
    except (MissingSetting, OSError, asyncpg.PostgresError) as error:
        raise click.ClickException(f"PostgreSQL was not prepared: {error}") from error
    click.echo(f"Database {DATABASE}: roles and schemas of {', '.join(WITH_TABLES)} are there.")


def _password(service: str) -> str:
    variable = PASSWORD_OF.format(service.upper())
    try:
        return os.environ[variable]
    except KeyError:
        raise MissingSetting(f"{variable} is not set: the password of role {service}") from None
