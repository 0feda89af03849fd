"""Everything a fetcher stands on, for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from courrier.events.bus import CommandBus
from courrier.events.identity import Identity
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.vault import JetStreamVault
from integration.fetcher.running import Bench
from support.certificates import Certificates
from support.dovecot import start_dovecot
from support.imap_accounts import ImapAccount, ImapServer


@pytest.fixture
def bench(  # noqa: PLR0917  fixtures are arguments
    client: Client,
    store: JetStreamEventStore,
    blobs: JetStreamBlobs,
    vault: JetStreamVault,
    bus: CommandBus,
    leases: JetStreamLeases,
    certificates: Certificates,
    identity: Identity,
) -> Bench:
    """A broker with empty streams, on which fetchers can be run."""
    assert identity
    return Bench(client, store, blobs, vault, bus, certificates.ca_file, leases)


@pytest.fixture
def strict_dovecot(server_directory: Path, certificates: Certificates) -> Iterator[ImapServer]:
    """A Dovecot for wrong passwords: for a minute it makes everybody wait who comes after them."""
    with start_dovecot(server_directory / "strict", certificates) as server:
        yield server


@pytest.fixture
def no_mailbox(certificates: Certificates) -> ImapAccount:
    """Somebody at a server that is played: any port, any password."""
    return ImapAccount("127.0.0.1", 0, "me@played.test", "a-secret", certificates.ca_file)
