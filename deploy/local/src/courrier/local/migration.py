"""Streams and tables are brought up to date when the code changed, and only then.

Starting four Python programs that find nothing to do would cost most of a second start. What the
code looked like at the last success is kept in the data directory; when in doubt, all steps run:
each is harmless to repeat.
"""

import asyncio
import hashlib
import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path

from courrier.events.jetstream.permissions import SERVICES

from .files import read_object, write_json
from .launch import Launch, StartFailed, last_line
from .services import Wiring, environment

STEP_TIMEOUT_S = 120.0
CODE = ("courrier.events", *(f"courrier.{name}" for name in SERVICES))


async def migrate(wiring: Wiring, steps: Mapping[str, tuple[str, ...]]) -> None:
    """Run the steps unless this very code has already done so here.

    ``steps`` maps the name whose environment a step gets to its command.

    Raises:
        StartFailed: a step failed or took too long.
    """
    stamp = code_stamp(CODE, steps)
    if _stamped(wiring.directory.stamp) == stamp:
        return
    runs = [_run(wiring, name, command) for name, command in steps.items()]
    failures = await asyncio.gather(*runs, return_exceptions=True)
    for failure in failures:
        if failure is not None:
            raise failure
    write_json(wiring.directory.stamp, {"code": stamp})


def code_stamp(modules: Iterable[str], steps: Mapping[str, tuple[str, ...]]) -> str:
    """Return a digest that changes whenever a source file of these modules does."""
    digest = hashlib.sha256(repr(sorted(steps.items())).encode())
    for module in modules:
        for path in _sources(module):
            digest.update(f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}".encode())
    return digest.hexdigest()


def _sources(module: str) -> list[Path]:
    spec = importlib.util.find_spec(module)
    roots = (spec.submodule_search_locations if spec else None) or []
    found = (path for root in roots for path in Path(root).rglob("*"))
    return sorted(path for path in found if path.suffix in {".py", ".sql"})


def _stamped(path: Path) -> object:
    try:
        return (read_object(path) or {}).get("code")
    except ValueError:
        return None  # an unreadable stamp means: in doubt, run the steps


async def _run(wiring: Wiring, name: str, command: tuple[str, ...]) -> None:
    log = wiring.directory.log_of(f"migrate-{name}")
    launch = Launch(name=name, argv=command, log=log, env=environment(wiring, name))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *launch.command(), stdout=output, stderr=output, env=dict(launch.env)
        )
    try:
        status = await asyncio.wait_for(process.wait(), STEP_TIMEOUT_S)
    except TimeoutError:
        raise StartFailed(f"setting up for {name} took more than {STEP_TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
    if status != 0:
        raise StartFailed(f"setting up for {name} failed: {last_line(log)}")
