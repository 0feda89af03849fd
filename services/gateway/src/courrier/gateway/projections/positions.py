"""How far each stream has been projected: the checkpoints that the projectors move."""

from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Checkpoint

SERVICE = "gateway"
CONSUMER = "read-models"
SEEN = "SELECT stream, seq FROM checkpoints WHERE consumer = 'read-models'"


def checkpoint_of(stream: str) -> Checkpoint:
    """Return the checkpoint of one stream's read models."""
    return Checkpoint(SERVICE, CONSUMER, stream)


async def seen(pool: Pool) -> dict[str, int]:
    """Return the sequence of the last event shown, by stream; a stream never read is absent."""
    return {row["stream"]: row["seq"] for row in await pool.fetch(SEEN)}
