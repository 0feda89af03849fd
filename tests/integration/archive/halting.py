"""An archiver that stops for ever between writing a segment and giving it its name."""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from typing_extensions import override

from courrier.events.archive.archiver import archive_now
from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.jetstream.connection import Broker, connect

WRITTEN = "written"


class HaltingSegments(DirectorySegments):
    """A directory whose segments are written and synced, and then wait for ever."""

    @override
    def _store(self, name: str, data: bytes, land: Callable[[Path, Path], None]) -> None:
        super()._store(name, data, _halt if name.startswith("log/") else land)


def _halt(half: Path, target: Path) -> None:
    sys.stdout.write(f"{WRITTEN} {half.name} for {target.name}\n")
    sys.stdout.flush()
    threading.Event().wait()


async def main(url: str, folder: str) -> None:
    """Archive the e-mails of a broker."""
    client = await connect(Broker(url, "archiver"))
    await archive_now(client, Archive(HaltingSegments(Path(folder))), "EMAIL")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
