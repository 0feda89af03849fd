"""A gateway to read from while its views are rebuilt; its parts are those of its own tests."""

from collections.abc import AsyncIterator

import pytest

from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from integration.gateway.conftest import Running, on_its_own
from integration.gateway.house import settings_of


@pytest.fixture
async def gateway(
    nats_url: str,
    database_url: str,
    identity: Identity,
    store: JetStreamEventStore,
    master_key: str,
) -> AsyncIterator[Running]:
    """A gateway of this test alone: its schemas are swapped."""
    assert identity
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    settings = settings_of(nats_url, database_url, master_key)
    async with on_its_own(settings, store) as running:
        yield running
