"""A ``courrier`` command that runs to its end under one user, with its output in a log file."""

import asyncio
import subprocess
import sys
from pathlib import Path

from .launch import Launch, StartFailed, last_line
from .services import COURRIER, Wiring, environment

STEP_TIMEOUT_S = 120.0
KILL_TIMEOUT_S = 5.0


def courrier(*words: str) -> tuple[str, ...]:
    """Return the command line of a ``courrier`` command in this very installation."""
    return (sys.executable, "-c", COURRIER, *words)


async def run_to_end(wiring: Wiring, user: str, command: tuple[str, ...], *, log: Path) -> bytes:
    """Run a command with the environment of ``user`` and return what it wrote to its output.

    ``log`` gets what it says on standard error, and is made anew.

    Raises:
        StartFailed: it took too long or failed; the message is the last line it said.
    """
    launch = Launch(name=log.stem, argv=command, log=log, env=environment(wiring, user))
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *launch.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(launch.env),
            start_new_session=True,  # Ctrl-C is ours to act on
        )
    try:
        async with asyncio.timeout(STEP_TIMEOUT_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise StartFailed(f"{log.stem} took more than {STEP_TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            async with asyncio.timeout(KILL_TIMEOUT_S):
                await process.wait()
    if process.returncode != 0:
        raise StartFailed(f"{log.stem} failed: {last_line(log)}")
    return output
