"""The roles of this machine's PostgreSQL server: who may reach which schema, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from courrier.events.jetstream.permissions import SERVICES
from courrier.events.postgres import roles

from .postgres_server import SUPERUSER, dsn


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A running server and its superuser's password."""

    port: int
    superuser_password: str
    database: str = roles.DATABASE


async def provision(target: Target, passwords: Mapping[str, str]) -> dict[str, str]:
    """Create what is missing, set the passwords, and return each service's database URL.

    ``passwords`` maps every name of ``SERVICES`` to its password.
    """
    maintenance = dsn(target.port, "postgres", user=SUPERUSER, password=target.superuser_password)
    await roles.provision(maintenance, passwords, database=target.database)
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
