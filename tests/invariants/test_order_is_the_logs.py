"""I7: what happened last is what stands last on the log, whatever any clock says."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.store import History
from integration.gateway.read_models import ReadModels, a_life
from support.builders import NOON

pytestmark = pytest.mark.integration

STATES: Mapping[str, str] = {
    "read": "SELECT email_id, holder_id, folder, is_read FROM email_holders ORDER BY 1, 2, 3",
    "counted": "SELECT holder_id, folder, total, unread FROM folder_counters ORDER BY 1, 2",
    "delivered": "SELECT email_id, state, attempts FROM deliveries ORDER BY 1",
    "failing": "SELECT account_id, failing FROM fetching_states ORDER BY 1",
    "owned": "SELECT address, record_id, seq FROM record_addresses ORDER BY 1, 2",
}


@pytest.fixture
async def models(database_url: str) -> AsyncIterator[ReadModels]:
    """Empty read models."""
    await migrate(database_url, package="courrier.gateway", schema="gateway")
    pool = await open_pool(database_url, name="test", service="gateway", size=2)
    yield ReadModels(pool)
    await pool.close()


def stamped(life: Mapping[str, History], hours: int) -> Sequence[History]:
    """Return the life with a clock that goes this many hours from one event to the next."""
    return [
        [replace(each, time=NOON + timedelta(hours=hours * each.sequence)) for each in history]
        for history in life.values()
    ]


async def states(pool: Pool) -> dict[str, list[tuple[object, ...]]]:
    """Return what the views say of the present."""
    return {name: [tuple(row) for row in await pool.fetch(sql)] for name, sql in STATES.items()}


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_clock_that_runs_backwards_changes_no_state(models: ReadModels, seed: int) -> None:
    """Read or unread, sent or waiting, failing or not, whose an address is: the log decides."""
    life = a_life(seed, emails=30)
    await models.feed_all(stamped(life, +1))
    forwards = await states(models.pool)

    await models.empty()
    await models.feed_all(stamped(life, -1))

    assert await states(models.pool) == forwards
    assert all(forwards.values())
