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

from courrier.events.jetstream.permissions import ADMIN, SERVICES

from .files import read_object, write_json
from .one_shot import courrier, run_to_end
from .services import Wiring

CODE = ("courrier.events", *(f"courrier.{name}" for name in SERVICES))


def default_steps() -> dict[str, tuple[str, ...]]:
    """Return what brings an older data directory up to date, by the user that does it."""
    migrations = {name: courrier(name, "migrate") for name in ("linker", "sender", "gateway")}
    return {ADMIN: courrier("events", "apply"), **migrations}


async def migrate(wiring: Wiring, steps: Mapping[str, tuple[str, ...]]) -> None:
    """Run the steps unless this very code has already done so here.

    ``steps`` maps the name whose environment a step gets to its command.

    Raises:
        StartFailed: a step failed or took too long.
    """
    stamp = code_stamp(CODE, steps)
    if _stamped(wiring.directory.stamp) == stamp:
        return
    logs = {name: wiring.directory.log_of(f"migrate-{name}") for name in steps}
    runs = [run_to_end(wiring, name, steps[name], log=logs[name]) for name in steps]
    for ended in await asyncio.gather(*runs, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended
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
