"""The same servers from Docker images of our own; ``deploy/images/build.sh`` builds them.

No registry is asked for anything, and no helper container removes what is left behind: a pytest
that is killed leaves containers labelled ``courrier-test`` to be removed by hand.
"""

import imaplib
import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from support import dovecot
from support.certificates import Certificates
from support.imap_accounts import ImapServer

STARTUP_TIMEOUT_S = 30
POLL_S = 0.05
POSTGRES_PASSWORD = "postgres-password"
HOME = Path("/srv/dovecot")
NOBODY = 65534


class NoDocker(RuntimeError):
    """COURRIER_TEST_DOCKER is set, but no engine or no image of ours is there."""


@contextmanager
def nats_container() -> Iterator[str]:
    """Run a NATS server and yield its URL."""
    container = _container("nats", 4222)
    container.waiting_for(_log_says("Server is ready"))
    with _started(container):
        yield f"nats://{_address(container, 4222)}"


@contextmanager
def postgres_container() -> Iterator[str]:
    """Run a PostgreSQL server and yield its superuser's URL."""
    container = _container("postgres", 5432).with_env("POSTGRES_PASSWORD", POSTGRES_PASSWORD)
    container.waiting_for(_log_says("database system is ready to accept connections"))
    with _started(container):
        yield f"postgresql://postgres:{POSTGRES_PASSWORD}@{_address(container, 5432)}/postgres"


@contextmanager
def dovecot_container(certificates: Certificates) -> Iterator[ImapServer]:
    """Run Dovecot with a certificate of the same authority; yield it once it greets."""
    container = _container("dovecot", 143, 993)
    with _started(container):
        address = socket.gethostbyname(container.get_container_host_ip())
        issued = certificates.authority.issue(address)
        for name, content in _dovecot_files(issued).items():
            container.copy_into_container(content, str(HOME / name), 0o644)
        server = ImapServer(
            host=address,
            port=container.get_exposed_port(993),
            starttls_port=container.get_exposed_port(143),
            password=dovecot.PASSWORD,
            ca_file=issued.ca_file,
        )
        _wait_for_greeting(server)
        yield server


def _container(name: str, *ports: int) -> DockerContainer:
    testcontainers_config.ryuk_disabled = True  # its image is in a registry
    logging.getLogger("testcontainers").setLevel(logging.WARNING)
    try:
        container = DockerContainer(f"courrier-test/{name}")
    except DockerException as error:
        raise NoDocker(f"COURRIER_TEST_DOCKER=1, but no engine answers: {error}") from error
    container.with_kwargs(labels={"courrier-test": name})
    return container.with_exposed_ports(*ports)


@contextmanager
def _started(container: DockerContainer) -> Iterator[None]:
    try:
        container.start()
    except ImageNotFound as error:
        text = f"there is no image {container.image}: deploy/images/build.sh builds it"
        raise NoDocker(text) from error
    try:
        yield
    finally:
        container.stop()


def _log_says(text: str) -> LogMessageWaitStrategy:
    return LogMessageWaitStrategy(text).with_startup_timeout(STARTUP_TIMEOUT_S)


def _address(container: DockerContainer, port: int) -> str:
    return f"{container.get_container_host_ip()}:{container.get_exposed_port(port)}"


def _dovecot_files(certificates: Certificates) -> dict[str, bytes]:
    configuration = dovecot.configuration_text(
        directory=HOME,
        cert_file=HOME / "cert.pem",
        key_file=HOME / "key.pem",
        listen="*",
        imap_port=143,
        imaps_port=993,
        user="nobody",
        group="nogroup",
        uid=NOBODY,
        gid=NOBODY,
    )
    return {
        "cert.pem": certificates.cert_file.read_bytes(),
        "key.pem": certificates.key_file.read_bytes(),
        "dovecot.conf": configuration.encode(),  # the last one: it starts the server
    }


def _wait_for_greeting(server: ImapServer) -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    deadline = time.monotonic() + STARTUP_TIMEOUT_S
    while True:
        try:
            with imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=1.0):
                return
        except (OSError, imaplib.IMAP4.error) as error:
            if time.monotonic() > deadline:
                raise NoDocker(f"Dovecot in its container does not greet: {error}") from error
        time.sleep(POLL_S)
