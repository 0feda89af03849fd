"""Columns of a batch: what the handlers of all questions turn events into, and rows into JSON.

PostgreSQL's text holds every character but U+0000, which mail contains now and then: it is left
out here, in one place, because a row that cannot be written would stop a whole stream.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

Columns = list[list[Any]]


def text(value: str | None) -> str | None:
    """Return the value as PostgreSQL can hold it."""
    return value.replace("\0", "") if value else value


def json_text(value: object) -> str:
    """Return JSON for a ``jsonb`` column; ``value`` is plain data, models or tuples of models."""
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: object) -> object:
    """Return plain data without U+0000 in any string."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, BaseModel):
        return plain(value.model_dump(mode="json"))
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def columns(rows: Iterable[Sequence[object]], width: int) -> Columns:
    """Return the rows by column, for ``unnest``; no rows give ``width`` empty columns."""
    found = [list(column) for column in zip(*rows, strict=True)]
    return found or [[] for _ in range(width)]


def parsed(value: str | None) -> Any:
    """Return the data in a ``jsonb`` value that a query brought; None for SQL null."""
    return None if value is None else json.loads(value)


def escaped(words: str) -> str:
    """Return words as LIKE takes them for themselves."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
