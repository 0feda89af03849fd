"""Three ways to a server, in this order: a URL given, Docker when asked for, this machine.

``COURRIER_TEST_NATS_URL``      nats://host:port, JetStream on, no streams of anybody else
``COURRIER_TEST_POSTGRES_URL``  postgresql://superuser:password@host:port/postgres
``COURRIER_TEST_IMAP_URL``      imaps://any:password@host:port?ca_file=…&starttls_port=…, a server
                                on which any user name logs in with that password
``COURRIER_TEST_DOCKER``        1: start the images of ``deploy/images/build.sh``
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from support import databases
from support.brokers import OwnBrokers, SharedBroker
from support.certificates import Certificates
from support.dovecot import start_dovecot
from support.imap_accounts import ImapServer

IMAPS_PORT = 993


@contextmanager
def open_directory() -> Iterator[Path]:
    """Yield a new directory that other users may pass through, and delete it in the end."""
    directory = Path(tempfile.mkdtemp(prefix="courrier-test-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def brokers() -> Iterator[OwnBrokers | SharedBroker]:
    """Yield where tests get their NATS servers from."""
    if url := os.environ.get("COURRIER_TEST_NATS_URL"):
        yield SharedBroker(url)
    elif docker_is_wanted():
        from support.containers import nats_container  # noqa: PLC0415 - slow, and rarely wanted

        with nats_container() as url:
            yield SharedBroker(url)
    else:
        yield OwnBrokers()


@contextmanager
def postgres_server(directory: Path) -> Iterator[str]:
    """Yield the superuser's URL of a PostgreSQL server; ours lives in ``directory``."""
    if url := os.environ.get("COURRIER_TEST_POSTGRES_URL"):
        yield url
    elif docker_is_wanted():
        from support.containers import postgres_container  # noqa: PLC0415

        with postgres_container() as url:
            yield url
    else:
        with databases.start_server(directory) as url:
            yield url


@contextmanager
def imap_server(directory: Path, certificates: Certificates) -> Iterator[ImapServer]:
    """Yield an IMAP server that knows every user; ours lives in ``directory``."""
    if url := os.environ.get("COURRIER_TEST_IMAP_URL"):
        yield given_imap(url)
    elif docker_is_wanted():
        from support.containers import dovecot_container  # noqa: PLC0415

        with dovecot_container(certificates) as server:
            yield server
    else:
        with start_dovecot(directory / "dovecot", certificates) as server:
            yield server


def summary() -> str:
    """Return one line on the way that each server is found by."""
    usual = "Docker" if docker_is_wanted() else "this machine"
    names = {"NATS": "NATS", "POSTGRES": "PostgreSQL", "IMAP": "IMAP"}
    ways = {name: f"COURRIER_TEST_{key}_URL" for key, name in names.items()}
    return ", ".join(
        f"{name} by {'URL' if os.environ.get(variable) else usual}"
        for name, variable in ways.items()
    )


def docker_is_wanted() -> bool:
    """Return whether servers are to be started in Docker."""
    return os.environ.get("COURRIER_TEST_DOCKER", "0") not in ("", "0")


def given_imap(url: str) -> ImapServer:
    """Read an IMAP server's URL (see the module)."""
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    starttls_port = options.get("starttls_port")
    return ImapServer(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or IMAPS_PORT,
        starttls_port=int(starttls_port[0]) if starttls_port else None,
        password=unquote(parts.password or ""),
        ca_file=Path(options.get("ca_file", ["/etc/ssl/certs/ca-certificates.crt"])[0]),
    )
