"""What a service declares of its views, so that they can be built anew without it.

The entry-point group ``courrier.views`` names one ``Views`` a service; live projectors and
rebuilding take the same projections from it.
"""

from dataclasses import dataclass

from courrier.events.postgres.pool import Db
from courrier.events.postgres.projector import Checkpoint
from courrier.events.postgres.schemas import Schemas
from courrier.events.projection import Projection


@dataclass(frozen=True, slots=True)
class Feed:
    """The projections of one stream that share a checkpoint, named ``consumer``."""

    consumer: str
    stream: str
    projections: tuple[Projection[Db], ...]


@dataclass(frozen=True, slots=True)
class Views:
    """All views of a service; ``package`` holds their migrations in ``migrations/views``."""

    service: str
    package: str
    feeds: tuple[Feed, ...]

    @property
    def schemas(self) -> Schemas:
        """Where they live, and where they are built."""
        return Schemas(self.service)

    def checkpoint(self, feed: Feed) -> Checkpoint:
        """Return the position of one feed."""
        return Checkpoint(self.service, feed.consumer, feed.stream)
