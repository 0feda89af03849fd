"""How far each stream has been projected: the checkpoints that the projectors move."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing

from courrier.events.groups import WHOLE, Group, groups
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Checkpoint
from courrier.gateway.ports import Changes

SERVICE = "gateway"
CONSUMER = "read-models"
SEEN = """
    SELECT stream, min(seq) AS seq FROM checkpoints WHERE consumer = 'read-models' GROUP BY stream
"""
GROUPED = frozenset({"MAILBOX", "EMAIL", "OUTBOUND"})
"""Streams that groups share; in the small ones aggregates meet in rows, and one keeps the order."""


def checkpoint_of(stream: str, group: Group = WHOLE) -> Checkpoint:
    """Return the checkpoint of one stream's read models, or of one group of them."""
    return Checkpoint(SERVICE, CONSUMER, stream, group)


def checkpoints(streams: Sequence[str], count: int) -> list[Checkpoint]:
    """Return one checkpoint for each stream and group; ``count`` groups where they may be."""
    return [
        checkpoint_of(stream, group)
        for stream in streams
        for group in groups(count if stream in GROUPED else 1)
    ]


async def seen(pool: Pool) -> dict[str, int]:
    """Return the sequence of the last event shown, by stream; a stream never read is absent."""
    return {row["stream"]: row["seq"] for row in await pool.fetch(SEEN)}


async def wait_for(
    pool: Pool, changes: Changes, wanted: Mapping[str, int], longest_s: float
) -> bool:
    """Tell whether the read models have reached these sequences within the time."""
    try:
        async with asyncio.timeout(longest_s), aclosing(changes.listen()) as rings:
            async for _ in rings:
                at = await seen(pool)
                if all(at.get(stream, 0) >= seq for stream, seq in wanted.items()):
                    return True
    except TimeoutError:
        return False
    return False
