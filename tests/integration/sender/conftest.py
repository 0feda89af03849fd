"""A sender's desk for every test: schema migrated, servers real."""

from collections.abc import AsyncIterator

import pytest

from courrier.events.blobs import Blobs
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.lease import Leases
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.vault import Vault
from integration.sender.desk import Clock, Desk
from support.certificates import Certificates


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a database whose schema ``sender`` is up to date."""
    await migrate(database_url, package="courrier.sender", schema="sender")
    opened = await open_pool(database_url, name="test", service="sender")
    yield opened
    await opened.close()


@pytest.fixture
def desk(  # noqa: PLR0917  fixtures are arguments
    store: JetStreamEventStore,
    blobs: Blobs,
    vault: Vault,
    leases: Leases,
    identity: Identity,
    pool: Pool,
    certificates: Certificates,
) -> Desk:
    """A sender to be run, at noon."""
    return Desk(store, blobs, vault, leases, identity, pool, certificates.ca_file, Clock())
