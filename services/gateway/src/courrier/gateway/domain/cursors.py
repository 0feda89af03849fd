"""Keyset cursors: where a page ended, as opaque text that a client hands back.

Nothing is trusted in it: it can only say 'after this moment and id', never whose rows.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST = 200
PAGE = 50
LONGEST_PAGE = 200


class BadCursor(ValueError):
    """The text is no cursor that we gave."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page, newest first: later pages are before it."""

    moment: datetime
    id: str

    def text(self) -> str:
        """Return the cursor for a client."""
        plain = f"{self.moment.astimezone(UTC).isoformat()}|{self.id}"
        return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins and how many rows it may have."""

    after: Cursor
    limit: int


FIRST_PAGE = Cursor(datetime.max.replace(tzinfo=UTC), "g")
"""Before every row: PostgreSQL takes the greatest time for infinity, and ids are hexadecimal."""


def parse_cursor(text: str | None) -> Cursor:
    """Return the cursor, or the first page's for None.

    Raises:
        BadCursor: anything that we never gave.
    """
    if text is None:
        return FIRST_PAGE
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        moment, _, id_ = urlsafe_b64decode(padded).decode("ascii").partition("|")
        when = datetime.fromisoformat(moment)
        if len(text) > LONGEST or not id_.isalnum() or when.tzinfo is None:
            raise BadCursor("this cursor is not one of ours")
        return Cursor(when.astimezone(UTC), id_)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise BadCursor("this cursor is not one of ours: start at the first page") from error
