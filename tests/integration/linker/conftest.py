"""A linker over real servers, without its process: index and handler on a database of its own."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from integration.linker.instances import NewInstance, instance


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool over the migrated schema ``linker``."""
    await migrate(database_url, package="courrier.linker", schema="linker")
    made = await open_pool(database_url, name="linker-test", service="linker")
    yield made
    await made.close()


@pytest.fixture
def new_instance(pool: Pool, store: JetStreamEventStore, identity: Identity) -> NewInstance:
    """A maker of linkers that share log and database, as several processes would."""
    return partial(instance, pool, store, identity)
