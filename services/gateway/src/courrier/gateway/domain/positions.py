"""Positions in the log as clients see them: opaque, ``<epoch>.<STREAM>:<seq>,…``.

A log that is restored from the archive raises the epoch: its last events may be lost, and others
stand where they stood. A position of another epoch says nothing any more.
"""

import re

STREAMS = ("SETTINGS", "CRM", "MAILBOX", "EMAIL", "OUTBOUND")
LONGEST = 200
"""Characters of a ``Courrier-After`` header; five streams need far less."""

_ITEM = re.compile(r"([0-9]{1,9})\.([A-Z]{1,16}):([0-9]{1,18})\Z")


class BadPosition(ValueError):
    """The text is no position that we gave."""


class OtherLog(Exception):
    """The position is of the log as it was before it was restored from the archive."""


def position_text(inner: str | None, epoch: int) -> str | None:
    """Return ``1.EMAIL:42`` for the log's ``EMAIL:42``."""
    return f"{epoch}.{inner}" if inner else None


def parse_positions(text: str, epoch: int) -> dict[str, int]:
    """Return the sequence to wait for by stream.

    Raises:
        BadPosition: anything that we never gave.
        OtherLog: a position of another epoch.
    """
    if len(text) > LONGEST:
        raise BadPosition("this is no position")
    wanted: dict[str, int] = {}
    for item in text.split(","):
        match = _ITEM.match(item.strip())
        if match is None or match[2] not in STREAMS:
            raise BadPosition("a position is what an answer's Courrier-Position said")
        if int(match[1]) != epoch:
            raise OtherLog("the log was restored since: read anew, without Courrier-After")
        wanted[match[2]] = max(int(match[3]), wanted.get(match[2], 0))
    return wanted
