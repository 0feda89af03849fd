"""Real archiver processes and the real command, killed and misused."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events.archive.archiver import archive_now
from courrier.events.archive.broker_log import BrokerLog
from courrier.events.archive.kept import Archive
from courrier.events.archive.verify import verify
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.permissions import ADMIN, ARCHIVER, inbox_prefix
from courrier.events.jetstream.streams import EVENT_STREAMS, apply_streams
from courrier.local import nats_server
from integration.archive import halting
from integration.archive.logs import (
    PERSON,
    connected,
    digests,
    empty_server,
    files_with,
    write_emails,
    write_others,
)
from support.waiting import eventually

pytestmark = pytest.mark.integration

COMMAND = str(Path(sys.executable).parent / "courrier")
ENDED_WITHIN_S = 30
KILLS = 6


def environment(nats_url: str, archive_folder: Path, **more: str) -> dict[str, str]:
    """Return what the command is told."""
    return {
        **os.environ,
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_ARCHIVE": str(archive_folder),
        "COURRIER_ARCHIVE_AGE_S": "0.1",
        "COURRIER_DATA_DIR": str(archive_folder.parent / "nothing"),
        **more,
    }


def courrier(told: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``courrier archive …`` to its end."""
    return subprocess.run(
        [COMMAND, "archive", *words],
        env=told,
        capture_output=True,
        text=True,
        timeout=ENDED_WITHIN_S,
        check=False,
    )


@contextmanager
def running(argv: list[str], told: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed in the end, as a power cut would."""
    with (
        log.open("wb") as output,
        subprocess.Popen(argv, env=told, stdout=output, stderr=output) as process,
    ):
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


async def test_a_crash_before_a_segment_has_its_name_loses_and_leaves_nothing(
    client: Client, nats_url: str, archive: Archive, archive_folder: Path
) -> None:
    """Kill -9 between write and link: the next archiver reads the events again and sweeps."""
    await write_emails(client, 300)
    script = [sys.executable, "-m", halting.__name__, nats_url, str(archive_folder)]
    told = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    log = archive_folder.parent / "halting.log"
    with running(script, told, log):
        await eventually(lambda: halting.WRITTEN in log.read_text(), within_s=20)
    left = files_with(archive_folder, f"{PERSON}000007-".encode())
    assert [".half"] == [path.parent.name for path in left]
    assert 0 == (await archive.tail("EMAIL")).sequence

    await archive_now(client, archive, "EMAIL")

    report = await verify(archive, "EMAIL", BrokerLog(client, "EMAIL"))
    assert ([], 300) == (report.findings, report.events)
    assert [] == list((archive_folder / ".half").iterdir())


async def test_an_archiver_killed_again_and_again_loses_and_doubles_nothing(
    client: Client, nats_url: str, archive: Archive, archive_folder: Path, tmp_path: Path
) -> None:
    """Kill -9 at any line, under load: the archive is what one archiver would have written."""
    told = environment(nats_url, archive_folder)
    written = 0
    for number in range(KILLS):
        with running([COMMAND, "archive", "run"], told, tmp_path / f"{number}.log"):
            until = time.monotonic() + random.uniform(1.0, 3.0)
            while time.monotonic() < until:
                await write_emails(client, 100, start=written + 1)
                written += 100
    courrier(told, "run", "--once")

    report = await verify(archive, "EMAIL", BrokerLog(client, "EMAIL"))

    assert ([], written, written) == (report.findings, report.events, report.last)
    assert len(await archive.segments("EMAIL")) > 1


async def test_the_command_archives_verifies_and_restores(
    client: Client, nats_url: str, archive_folder: Path, tmp_path: Path
) -> None:
    """Exit 0 when all is well; the digests that it prints are those of the log."""
    await write_others(client)
    await write_emails(client, 50)
    (ref,) = await JetStreamBlobs(client).put([b"raw message"])
    before = await digests(client)
    told = environment(nats_url, archive_folder)

    assert 0 == courrier(told, "run", "--once", "--blobs").returncode
    checked = courrier(told, "verify", "--against-broker", "--json")
    with empty_server(tmp_path / "new") as url:
        restored = courrier(environment(url, archive_folder), "restore", "--blobs", "--json")
        healed = courrier(environment(url, archive_folder), "restore", "--heal")
        again = courrier(environment(url, archive_folder), "restore")
        async with connected(url) as new:
            assert before == await digests(new)
            assert b"raw message" == await JetStreamBlobs(new).get(ref.digest)

    assert 0 == checked.returncode
    assert before == {each["stream"]: each["digest"] for each in json.loads(checked.stdout)}
    assert before == {each["stream"]: each["digest"] for each in _last_line(restored)}
    assert (0, "Nothing to restore.") == (healed.returncode, healed.stdout.splitlines()[-1])
    assert 1 == again.returncode
    assert "have events in the broker" in again.stderr
    assert "Traceback" not in again.stderr


def _last_line(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


async def test_the_command_names_what_is_wrong(
    client: Client, nats_url: str, archive_folder: Path
) -> None:
    """Exit 1, the stream, the sequence; without the setting, which one is missing."""
    await write_emails(client, 50)
    told = environment(nats_url, archive_folder)
    courrier(told, "run", "--once")
    (segment,) = (archive_folder / "log" / "EMAIL").iterdir()
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0x10
    segment.write_bytes(data)

    checked = courrier(told, "verify")
    del told["COURRIER_ARCHIVE"]
    unset = courrier(told, "verify")

    assert 1 == checked.returncode
    assert "EMAIL:" in checked.stdout
    assert "archive-damaged" in checked.stdout
    assert 1 == unset.returncode
    assert "COURRIER_ARCHIVE is not set" in unset.stderr


async def test_the_archiver_needs_no_more_than_its_user_may(
    archive: Archive, archive_folder: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """With the broker's permissions of one machine: it reads every stream and writes none."""
    with nats_server.start(tmp_path_factory.mktemp("nats"), fsync=False) as server:
        admin = await connect(Broker(server.url, "test", ADMIN, server.users[ADMIN]))
        await apply_streams(admin)
        await write_others(admin)
        await write_emails(admin, 50)
        told = environment(
            server.url,
            archive_folder,
            COURRIER_NATS_USER=ARCHIVER,
            COURRIER_NATS_PASSWORD=server.users[ARCHIVER],
        )
        log = tmp_path / "run.log"
        with running([COMMAND, "archive", "run", "--blobs"], told, log):
            for stream in ("EMAIL", "SETTINGS", "CRM"):
                end = (await BrokerLog(admin, stream).state()).last
                await eventually(lambda: _is_archived(archive, stream, end), within_s=20)  # noqa: B023
        assert "permissions" not in log.read_text().lower()
        own = Broker(server.url, ARCHIVER, ARCHIVER, server.users[ARCHIVER], inbox_prefix(ARCHIVER))
        archiver = await connect(own)
        with pytest.raises(TimeoutError):
            await archiver.request("email.00.x", b"{}", timeout=0.5)
        await archiver.close()
        before = (await BrokerLog(admin, "EMAIL").state()).last
        await admin.close()
    assert 50 == before
    assert set(EVENT_STREAMS) >= {"EMAIL", "SETTINGS", "CRM"}


async def _is_archived(archive: Archive, stream: str, end: int) -> bool:
    return (await archive.tail(stream)).sequence == end
