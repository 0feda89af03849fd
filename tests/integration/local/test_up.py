"""``courrier up`` with stand-in services and real servers: it comes up, stays up and goes away."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from courrier.local.files import read_object
from courrier.local.ports import accepts, free_port
from courrier.local.processes import Identity, identify
from courrier.local.status_file import PartStatus, Status, read_status

from . import started_system
from .started_system import StartedSystem, until

pytestmark = pytest.mark.integration

PARTS = {"nats", "postgres", "fetcher", "linker", "sender", "gateway"}
SECOND_START_S = 5.0


@pytest.fixture
def port() -> int:
    """A port for the front door."""
    return free_port()


@pytest.fixture
def system(tmp_path: Path, port: int) -> Iterator[StartedSystem]:
    """A running system without the demo, stopped if a test has not done so."""
    running = started_system.start(port, tmp_path / "data")
    yield running
    if running.process.poll() is None:
        running.stop()


def courrier(data_dir: Path, *words: str, port: int = 8000) -> "subprocess.CompletedProcess[str]":
    """Run the real command."""
    return subprocess.run(
        [sys.executable, "-c", "from courrier.events.cli.main import main; main()", *words],
        env={**os.environ, "COURRIER_DATA_DIR": str(data_dir), "COURRIER_PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_one_line_says_where_everything_is(system: StartedSystem, port: int) -> None:
    """Printed when every part is ready."""
    assert system.ready["ready"] is True
    assert system.ready["url"] == f"http://127.0.0.1:{port}"
    assert system.ready["data_dir"] == str(system.data_dir)
    assert system.ready["nats_url"].startswith("nats://127.0.0.1:")
    assert set(system.processes()) == PARTS


def test_an_interrupt_stops_everything(system: StartedSystem) -> None:
    """Ctrl-C: in order, within five seconds, exit code 0."""
    parts = system.processes()
    began = time.monotonic()

    assert system.stop(signal.SIGINT) == (0, "")

    assert time.monotonic() - began < 5.0
    assert not any(who.is_alive() for who in parts.values())


def test_the_next_start_continues_on_the_same_ports(tmp_path: Path, port: int) -> None:
    """And is ready within five seconds."""
    first = started_system.start(port, tmp_path / "data")
    first.stop()
    second = started_system.start(port, tmp_path / "data")
    second.stop()

    assert second.ready == first.ready
    assert second.took_s < SECOND_START_S


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_killed_part_comes_back(system: StartedSystem, name: str) -> None:
    """Services and servers alike, on the same port."""
    killed = system.processes()[name]
    os.kill(killed.pid, signal.SIGKILL)

    until(lambda: system.processes().get(name, killed).pid != killed.pid)
    until(lambda: _state_of(system, name) == "ready")

    code, said = system.stop()
    assert code == 0
    assert said.splitlines()[0].startswith(f"{name} was ended by SIGKILL")


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is the Linux kernel's")
def test_nothing_outlives_a_killed_up(system: StartedSystem, port: int) -> None:
    """Kill -9: no part stays behind, and the next start finds everything in order."""
    parts = system.processes()
    system.stop(signal.SIGKILL)

    until(lambda: not any(who.is_alive() for who in parts.values()))
    again = started_system.start(port, system.data_dir)
    assert again.stop() == (0, "")


def test_what_was_left_behind_is_ended_by_the_next_start(tmp_path: Path, port: int) -> None:
    """Where the kernel has no leash: by the recorded pid and start time."""
    first = started_system.start(port, tmp_path / "data")
    first.stop()
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    who = _recorded(tmp_path / "data", "linker", orphan.pid)

    second = started_system.start(port, tmp_path / "data")
    orphan.wait(5)
    _, said = second.stop()

    assert not who.is_alive()
    assert said == "ended linker, left over from a run that was killed\n"


def test_two_systems_run_side_by_side(system: StartedSystem, tmp_path: Path) -> None:
    """Nothing is shared but the machine."""
    other = started_system.start(free_port(), tmp_path / "other")

    assert other.ready["nats_url"] != system.ready["nats_url"]
    other.stop()
    assert accepts(int(system.ready["url"].rpartition(":")[2]))


def test_status_and_stop_work_from_another_shell(system: StartedSystem) -> None:
    """By the data directory alone."""
    status = courrier(system.data_dir, "status", "--json")
    assert status.returncode == 0
    assert '"ready": true' in status.stdout
    shown = courrier(system.data_dir, "status").stdout
    assert system.ready["url"] in shown
    assert "courrier stop" in shown

    assert courrier(system.data_dir, "stop").stdout == "Courrier has stopped.\n"

    assert system.process.wait(5) == 0
    assert courrier(system.data_dir, "status").returncode == 1
    assert courrier(system.data_dir, "stop").stdout.startswith("Nothing ran")


def test_a_signal_during_the_start_stops_what_was_started(tmp_path: Path, port: int) -> None:
    """An impatient Ctrl-C leaves nothing behind, and the directory can be used."""
    process = started_system.launch(port, tmp_path / "data")
    until((tmp_path / "data" / "postgres").exists)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)

    assert (process.returncode, said) == (0, "")
    assert started_system.start(port, tmp_path / "data").stop() == (0, "")


@pytest.mark.parametrize("kind", ["busy port", "newer", "damaged", "in use"])
def test_what_is_wrong_is_said_in_one_line(
    system: StartedSystem, tmp_path: Path, port: int, kind: str
) -> None:
    """Exit code 1, no traceback, and the running system is not disturbed."""
    bad, version = tmp_path / "bad", '{"format": 99}' if kind == "newer" else "{"
    if kind in {"newer", "damaged"}:
        bad.mkdir()
        (bad / "version.json").write_text(version)
    data_dir = system.data_dir if kind == "in use" else bad

    refused = courrier(data_dir, "up", "--json", "--no-demo", port=port)

    words = {"busy port": f"port {port} is in use by ", "newer": "newer", "damaged": "is damaged"}
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.count("\n") == 1
    assert words.get(kind, "in use by another courrier up") in refused.stderr
    assert system.process.poll() is None


def _state_of(system: StartedSystem, name: str) -> str:
    parts = (read_object(system.data_dir / "status.json") or {})["parts"]
    assert isinstance(parts, dict)
    part = parts[name]
    assert isinstance(part, dict)
    return str(part["state"])


def _recorded(data_dir: Path, name: str, pid: int) -> Identity:
    """Write a living process into the status file, as a killed ``up`` would have left it."""
    who, status = identify(pid), read_status(data_dir / "status.json")
    assert who is not None
    assert status is not None
    part = PartStatus(state="ready", pid=who.pid, started=who.started)
    left = Status(pid=status.pid, started=status.started, parts={name: part})
    (data_dir / "status.json").write_text(left.model_dump_json())
    return who
