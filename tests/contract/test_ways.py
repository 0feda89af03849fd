"""Servers by URL, from Docker and from this machine are the same to a test."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest

from support import brokers, databases, dovecot, ways
from support.apart import run_apart
from support.certificates import Certificates

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 110


@pytest.fixture
def urls(
    server_directory: Path, tmp_path: Path, certificates: Certificates
) -> Iterator[dict[str, str]]:
    """Servers that pytest is told of, as if somebody else had started them."""
    home = server_directory / "given"
    home.mkdir()
    with (
        brokers.start_server(tmp_path) as nats_url,
        databases.start_server(home) as postgres_url,
        dovecot.start_dovecot(home / "dovecot", certificates) as imap,
    ):
        credentials = f"any:{imap.password}@{imap.host}:{imap.port}"
        options = f"ca_file={imap.ca_file}&starttls_port={imap.starttls_port}"
        yield {
            "COURRIER_TEST_NATS_URL": nats_url,
            "COURRIER_TEST_POSTGRES_URL": postgres_url,
            "COURRIER_TEST_IMAP_URL": f"imaps://{credentials}?{options}",
        }
    shutil.rmtree(home)


@pytest.mark.long
def test_servers_given_by_url(urls: dict[str, str]) -> None:
    """Two workers share one server of each kind, and no test meets another's data."""
    output = _run_fixture_suite(urls, "-n", "2")

    assert "NATS by URL, PostgreSQL by URL, IMAP by URL" in output


@pytest.mark.long
@pytest.mark.docker
def test_servers_from_docker() -> None:
    """The images of ``deploy/images/build.sh`` are as good as the binaries."""
    output = _run_fixture_suite({"COURRIER_TEST_DOCKER": "1"})

    assert "NATS by Docker, PostgreSQL by Docker, IMAP by Docker" in output


def test_a_broker_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A URL that was mistyped costs nobody's streams."""

    async def use(url: str) -> None:
        client = await nats.connect(url)
        await client.jetstream().add_stream(name="PRECIOUS", subjects=["precious.>"])
        await client.close()

    with brokers.start_server(tmp_path) as url:
        run_apart(use(url))

        with (
            pytest.raises(brokers.NotATestServer, match="PRECIOUS"),
            brokers.SharedBroker(url).fresh(tmp_path),
        ):
            pass


def test_workers_take_turns_on_a_shared_broker(tmp_path: Path) -> None:
    """While one test uses the server, no other process may empty it."""
    with brokers.start_server(tmp_path) as url:
        shared = brokers.SharedBroker(url)

        with (
            shared.fresh(tmp_path),
            shared.turn.open("a") as other,
            pytest.raises(BlockingIOError),
        ):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_missing_dovecot_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is skipped: the one line names the make target."""
    monkeypatch.setattr(dovecot, "PROGRAM", "/nonexistent")
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(dovecot.DovecotMissing, match="make test-packages"):
        dovecot.find_dovecot()


def test_a_url_tells_all_of_an_imap_server() -> None:
    """Password, authority and the port without TLS travel in the URL."""
    server = ways.given_imap(
        "imaps://any:s%40cret@mail.test:1993?ca_file=/x.pem&starttls_port=1143"
    )

    assert (server.host, server.port, server.starttls_port) == ("mail.test", 1993, 1143)
    assert (server.password, server.ca_file) == ("s@cret", Path("/x.pem"))


def _run_fixture_suite(environment: dict[str, str], *options: str) -> str:
    """Run ``test_fixtures.py`` in a pytest of its own and return what it printed."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/contract/test_fixtures.py", *options],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
