"""What of a folder is wanted: how far back, and up to which size.

A folder remembers the scope under which it was read. A narrower one changes nothing that was
imported; a wider one makes what was left out wanted, and the folder is compared with the server.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from courrier.events.blobs import BLOB_LIMIT


@dataclass(frozen=True, slots=True)
class Scope:
    """``since`` is the first day that is wanted (None: all), ``largest`` bytes of a message."""

    since: date | None = None
    largest: int = BLOB_LIMIT

    def reach_beyond(self, other: "Scope") -> bool:
        """Tell whether something is wanted now that ``other`` left out."""
        older = other.since is not None and (self.since is None or self.since < other.since)
        return older or self.largest > other.largest

    def narrowed(self, other: "Scope") -> "Scope":
        """Return what both want: what can be said of a folder read under one, then the other."""
        days = [day for day in (self.since, other.since) if day is not None]
        return Scope(max(days, default=None), min(self.largest, other.largest))


EVERYTHING = Scope()


def is_older(received_at: datetime | None, since: date) -> bool:
    """Tell whether a message is from before ``since``, in UTC and in the server's own zone.

    A person's zone is unknown: in doubt the message counts as young.
    """
    if received_at is None:
        return False
    return max(received_at.date(), received_at.astimezone(UTC).date()) < since
