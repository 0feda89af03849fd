"""Small files that are either the old or the new one, also after a power cut."""

import json
import os
from pathlib import Path

from pydantic import JsonValue

OWNER_ONLY = 0o600


def write_json(path: Path, value: JsonValue) -> None:
    """Replace ``path`` by this value, readable by its owner only."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(value, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def read_object(path: Path) -> dict[str, JsonValue] | None:
    """Return the JSON object in ``path``, or None where there is no such file.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds no object")  # noqa: TRY004 - as damaged as bad JSON
    return value
