"""What Prometheus sees of the collection of blobs."""

from prometheus_client import Counter, Gauge

from courrier.gateway.ports import Collected

BLOBS = Gauge("courrier_blobs", "Blobs in the store when they were last looked over.")
UNREFERENCED = Gauge("courrier_blobs_unreferenced", "Of these, blobs that nobody refers to.")
COLLECTED = Counter("courrier_blobs_collected_total", "Blobs erased because nobody refers to them.")


def show(found: Collected) -> None:
    """Show what one look over all blobs found."""
    BLOBS.set(found.seen)
    UNREFERENCED.set(found.unreferenced - found.collected)
    COLLECTED.inc(found.collected)
