"""The two servers as parts of the system, and what must be true in them before services start."""

import asyncio
import functools

from . import nats_server, postgres_server
from .launch import Launch
from .postgres_roles import provision
from .probes import http_ok
from .services import Wiring
from .supervisor import Part

NATS = "nats"
POSTGRES = "postgres"
PROVISION_TIMEOUT_S = 60.0


def nats_part(wiring: Wiring) -> Part:
    """Return the broker; its configuration is written again at every start."""
    directory = wiring.directory
    plan = functools.partial(
        nats_server.launch,
        directory.nats,
        wiring.nats,
        passwords=wiring.passwords.nats,
        log=directory.log_of(NATS),
    )
    ready = functools.partial(http_ok, wiring.nats.monitor_port, nats_server.HEALTH_PATH)
    return Part(name=NATS, plan=plan, is_ready=ready)


def postgres_part(wiring: Wiring) -> Part:
    """Return the database server; its directory must exist (see ``create_cluster``)."""
    directory = wiring.directory

    def plan() -> Launch:
        log = directory.log_of(POSTGRES)
        return postgres_server.launch(directory.postgres, wiring.ports["postgres"], log=log)

    async def is_ready() -> bool:
        return postgres_server.is_ready(directory.postgres)

    return Part(name=POSTGRES, plan=plan, is_ready=is_ready)


async def create_cluster(wiring: Wiring) -> None:
    """Make PostgreSQL's directory at the first start.

    Raises:
        StartFailed: initdb failed.
    """
    password = wiring.passwords.superuser
    await asyncio.to_thread(postgres_server.create, wiring.directory.postgres, password)


async def provision_database(wiring: Wiring) -> None:
    """Give each service its role and schema; the server must be ready."""
    async with asyncio.timeout(PROVISION_TIMEOUT_S):
        await provision(wiring.database, wiring.passwords.database)
