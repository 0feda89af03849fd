"""What takes bytes away: those told by name, and those that nobody has referred to for days."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from courrier.events.lease import Leases
from courrier.gateway.adapters import blob_gauges
from courrier.gateway.adapters.unwanted_blobs import PostgresUnwantedBlobs
from courrier.gateway.handlers.collecting import Collecting, collect_for_ever
from courrier.gateway.handlers.dropping import Dropping
from courrier.gateway.ports import Gateway
from courrier.gateway.projections.blob_references import RowReferences


def collecting(
    gateway: Gateway, grace_days: float, leases: Leases
) -> Callable[[], Awaitable[None]]:
    """Return the task that takes away the blobs that nobody refers to."""
    work = Collecting(
        gateway.store,
        gateway.shelf,
        RowReferences(gateway.pool),
        grace=timedelta(days=grace_days),
        clock=_now,
    )
    return lambda: collect_for_ever(work, leases, blob_gauges.show)


def dropping(gateway: Gateway) -> Dropping:
    """Return what takes bytes away by name."""
    return Dropping(
        gateway.store,
        gateway.shelf,
        RowReferences(gateway.pool),
        unwanted=PostgresUnwantedBlobs(gateway.pool),
        clock=_now,
    )


def _now() -> datetime:
    return datetime.now(UTC)
