"""The servers and ports that tests ask for by name; how each server is found: ``support.ways``."""

import base64
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events.bus import CommandBus
from courrier.events.identity import Identity, ensure_identity, load_identity
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.bus import NatsCommandBus
from courrier.events.jetstream.connection import Broker, connect
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.vault import Seal
from support import temporary, ways
from support.brokers import OwnBrokers, SharedBroker
from support.certificates import Certificates, make_certificates
from support.cyrus import start_cyrus
from support.databases import Databases
from support.imap_accounts import ImapServer
from support.poor_imap import PoorImapServer, start_pymap
from support.s3 import s3_server
from support.smtp_sink import SinkOptions, SmtpSink, start_sink

MASTER_KEY = base64.b64encode(bytes(range(32))).decode()

NewSink = Callable[[SinkOptions], SmtpSink]


def pytest_configure(config: pytest.Config) -> None:
    """Choose where temporary directories are, before pytest does."""
    temporary.choose_base(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Dovecot or Cyrus, so that ``make test-fast`` can do without."""
    for item in items:
        if {"dovecot", "cyrus"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("dovecot")


def pytest_report_header() -> str:
    """Say where the servers come from."""
    return f"servers: {ways.summary()}"


@pytest.fixture(scope="session", autouse=True)
def _open_directories(tmp_path_factory: pytest.TempPathFactory) -> None:
    temporary.open_directories(tmp_path_factory)


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A directory for servers that may not run as root: pytest's own is closed to others."""
    with ways.open_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
def certificates(server_directory: Path) -> Certificates:
    """The authority that every TLS server of the tests is signed by."""
    return make_certificates(server_directory)


@pytest.fixture(scope="session")
def brokers() -> Iterator[OwnBrokers | SharedBroker]:
    """Where NATS servers come from."""
    with ways.brokers() as found:
        yield found


@pytest.fixture
def nats_url(brokers: OwnBrokers | SharedBroker, tmp_path: Path) -> Iterator[str]:
    """A NATS server with empty streams, for this test alone; no user and password needed."""
    directory = tmp_path / "nats"
    directory.mkdir()
    with brokers.fresh(directory) as url:
        yield url


@pytest.fixture
async def client(nats_url: str) -> AsyncIterator[Client]:
    """A connection to this test's NATS server."""
    connection = await connect(Broker(url=nats_url, name="test"))
    yield connection
    await connection.close()


@pytest.fixture
def store(client: Client) -> JetStreamEventStore:
    """The event store, empty."""
    return JetStreamEventStore(client)


@pytest.fixture
def blobs(client: Client) -> JetStreamBlobs:
    """The blob store, empty."""
    return JetStreamBlobs(client)


@pytest.fixture(scope="session")
def master_key() -> str:
    """What seals this test's vault; services under test take it as COURRIER_MASTER_KEY."""
    return MASTER_KEY


@pytest.fixture
def vault(client: Client, master_key: str) -> JetStreamVault:
    """The vault, empty unless ``identity`` is used too."""
    return JetStreamVault(client, Seal(master_key))


@pytest.fixture
def leases(client: Client) -> JetStreamLeases:
    """Leases, none taken."""
    return JetStreamLeases(client, "test")


@pytest.fixture
def bus(client: Client) -> CommandBus:
    """The command bus; nobody answers unless the test serves."""
    return NatsCommandBus(client)


@pytest.fixture
async def identity(vault: JetStreamVault) -> Identity:
    """The identity key at work, made as ``courrier events apply`` makes it."""
    await ensure_identity(vault)
    return await load_identity(vault)


@pytest.fixture(scope="session")
def databases(server_directory: Path) -> Iterator[Databases]:
    """A PostgreSQL server with a template that tests copy."""
    with ways.postgres_server(server_directory) as url, Databases(url) as made:
        yield made


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database for this test alone: a schema per service, the extensions, no table."""
    with databases.fresh() as url:
        yield url


@pytest.fixture(scope="session")
def dovecot(server_directory: Path, certificates: Certificates) -> Iterator[ImapServer]:
    """The good IMAP server (CONDSTORE, SPECIAL-USE, MOVE…); ask it for ``new_user()``."""
    with ways.imap_server(server_directory, certificates) as server:
        yield server


@pytest.fixture(scope="session")
def cyrus(server_directory: Path, certificates: Certificates) -> Iterator[ImapServer]:
    """The other real IMAP server, which does much differently; ask it for ``new_user()``."""
    with start_cyrus(server_directory / "cyrus", certificates) as server:
        yield server


@pytest.fixture
def new_smtp_sink(certificates: Certificates) -> Iterator[NewSink]:
    """A maker of SMTP servers with options; all of them end with the test."""
    with ExitStack() as running:

        def start(options: SinkOptions) -> SmtpSink:
            sink: AbstractContextManager[SmtpSink] = start_sink(certificates, options)
            return running.enter_context(sink)

        yield start


@pytest.fixture
def smtp_sink(new_smtp_sink: NewSink) -> SmtpSink:
    """An SMTP server that offers STARTTLS and takes mail with or without it and a log-in."""
    return new_smtp_sink(SinkOptions())


@pytest.fixture(scope="session")
def poor_imap(certificates: Certificates) -> Iterator[PoorImapServer]:
    """An IMAP server without CONDSTORE and SPECIAL-USE; ask it for ``new_user()``."""
    with start_pymap(certificates) as server:
        yield server


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 server without buckets; ``support.s3`` makes them."""
    with s3_server() as endpoint:
        yield endpoint
