"""What a command in a second shell needs to act as one of the system's users.

``<data>/environment/<user>.env``: the same variables as the service has, readable by the owner
only; read by ``environment_file`` of ``courrier.events.runtime.settings``.
"""

import os
from pathlib import Path

from courrier.events.jetstream.permissions import USERS

from .files import OWNER_ONLY
from .services import Wiring, environment

PREFIX = "COURRIER_"


def write_environment_files(wiring: Wiring) -> None:
    """Write the files of every user of the broker but its system."""
    wiring.directory.environment.mkdir(mode=0o700, exist_ok=True)
    for user in USERS:
        own = environment(wiring, user).items()
        lines = [f"{name}={value}\n" for name, value in own if name.startswith(PREFIX)]
        _replace(wiring.directory.environment / f"{user}.env", "".join(lines))


def _replace(path: Path, text: str) -> None:
    half = path.with_suffix(".half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as file:
        file.write(text)
    half.replace(path)
