"""Positions as clients see them, with the epoch of the log that this process works on."""

from contextvars import ContextVar
from datetime import UTC, datetime

from courrier.gateway.domain import positions

EPOCH: ContextVar[int] = ContextVar("log_epoch", default=1)
"""Set for each request by ``Frame``, from ``Gateway.epoch``."""


def position_text(inner: str | None) -> str | None:
    """Return ``1.EMAIL:42`` for the log's ``EMAIL:42``."""
    return positions.position_text(inner, EPOCH.get())


def parse_positions(text: str) -> dict[str, int]:
    """Return the sequence to wait for, by stream.

    Raises:
        BadPosition: anything that we never gave.
        OtherLog: a position of the log as it was before it was restored.
    """
    return positions.parse_positions(text, EPOCH.get())


def vector_start(text: str | None) -> tuple[datetime | None, dict[str, int]]:
    """Return the time or the positions to start behind; neither for the beginning.

    Raises:
        BadPosition: it is neither.
        OtherLog: a position of the log as it was before it was restored.
    """
    if text is None:
        return None, {}
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None, parse_positions(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), {}
