"""Log files of children do not grow without bound.

A child holds its file open, so that a big one is copied aside and cut to nothing in place;
children append, so that their next line is the first of the emptied file.
"""

import shutil
from pathlib import Path

LARGE_BYTES = 10 * 1000 * 1000
OLD_ENOUGH_BYTES = 1000 * 1000  # at a start there is nobody to disturb


def rotate(log: Path, limit_bytes: int) -> bool:
    """Move what is in the log to ``<name>.1`` if it is larger; return whether it was."""
    if not log.exists() or log.stat().st_size <= limit_bytes:
        return False
    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
    with log.open("r+b") as file:
        file.truncate(0)
    return True
