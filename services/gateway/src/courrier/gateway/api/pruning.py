"""State that is kept for a while only: what was told, tried, handed in or begun is forgotten."""

import asyncio

from courrier.events.postgres.pool import Pool
from courrier.gateway.adapters import (
    imports,
    jobs,
    kept_answers,
    presence,
    tries,
    uploading,
    webhook_queue,
)
from courrier.gateway.projections import view_changes

EVERY_S = 600.0
STATES = (view_changes, kept_answers, jobs, tries, imports, presence, uploading, webhook_queue)


async def prune_for_ever(pool: Pool) -> None:
    """Forget what is too old, now and every ten minutes."""
    while True:
        for state in STATES:
            await state.prune(pool)
        await asyncio.sleep(EVERY_S)
