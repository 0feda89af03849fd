"""A try of a mailbox says within seconds how far it came and what is in the way."""

import asyncio
import ssl
import time
from hashlib import sha256
from pathlib import Path

import pytest

from courrier.events.families.settings import Server, Tls
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.domain.inspecting import fails, told, works
from courrier.fetcher.ports import Inspected
from courrier.local.ports import free_port
from support.certificates import make_authority
from support.imap_accounts import ImapServer
from support.imap_imitations import courier, gmail, listening, rev2_only
from support.imap_script import OK, ImapScript, Misdeed, imap_script

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"
SERVERS = ImapMailServers(client_context())


async def tried(script: ImapScript, tls: Tls = "none", *folders: str) -> Inspected:
    """Try a scripted server."""
    async with imap_script(script) as port:
        server = Server(host=HOST, port=port, tls=tls, user="grace")
        return await SERVERS.inspect(server, "a password", folders)


def outcome(seen: Inspected) -> tuple[str, str | None]:
    """How far it came, and the code of what is wrong."""
    return seen.step, seen.failure.problem if seen.failure else None


async def test_what_works_is_told_with_its_folders(dovecot: ImapServer) -> None:
    """On a real server, over TLS."""
    mailbox = dovecot.new_user()
    server = Server(host=mailbox.host, port=mailbox.port, user=mailbox.user)
    servers = ImapMailServers(client_context(mailbox.ca_file))
    seen = await servers.inspect(server, mailbox.password, ["INBOX", "\\Sent"])

    assert ("done", None) == outcome(seen)
    assert {"INBOX", "Sent", "Drafts", "Trash"} <= {folder.name for folder in seen.folders}
    assert "6 folders" in works(seen.folders, seen.capabilities).texts["en"]


async def test_names_and_ports_are_told_apart() -> None:
    """A name that is none, a port where nobody listens."""
    nobody = Server(host="imap.nowhere.invalid", port=993, user="x")
    closed = Server(host=HOST, port=free_port(), user="x")

    assert ("name", "name-not-found") == outcome(await SERVERS.inspect(nobody, "x", []))
    assert ("connect", "refused") == outcome(await SERVERS.inspect(closed, "x", []))


async def test_a_wrong_folder_is_told_with_the_right_ones() -> None:
    """So that the form can offer them."""
    seen = await tried(gmail(), "none", "INBOX", "Clients/Nobody")

    assert ("folder", "folder-missing") == outcome(seen)
    assert "[Gmail]/Messages envoyés" in {folder.name for folder in seen.folders}


async def test_a_refused_log_in_is_told() -> None:
    """With the step."""
    seen = await tried(listening(LOGIN=b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"))

    assert ("log-in", "log-in-refused") == outcome(seen)


async def test_an_untrusted_certificate_is_shown_to_be_trusted(tmp_path: Path) -> None:
    """Its fingerprint is what the account's settings take."""
    made = make_authority(tmp_path).issue(by_itself=True)
    script = listening()
    script.tls = made.server_context()
    seen = await tried(script, "implicit")
    der = ssl.PEM_cert_to_DER_cert(made.cert_file.read_text())

    assert ("tls", "tls-self-signed") == outcome(seen)
    assert seen.certificate
    assert sha256(der).hexdigest() == seen.certificate.sha256
    assert [] == script.heard
    assert seen.failure
    answer = fails(seen.failure, seen.step, seen.folders, seen.certificate)
    assert "auto-signé" in answer.texts["fr"]


@pytest.mark.long
async def test_silent_servers_are_told_within_ten_seconds(tmp_path: Path) -> None:
    """One that waits for TLS, one that waits for nothing, one that stalls at the log-in."""
    speaking = listening()
    speaking.tls = make_authority(tmp_path).issue().server_context()
    silent = listening()
    silent.greeting = Misdeed.STALL
    began = time.monotonic()
    seen = await asyncio.gather(
        tried(speaking, "none"),
        tried(speaking, "starttls"),
        tried(silent, "none"),
        tried(silent, "implicit"),
        tried(listening(LOGIN=Misdeed.STALL)),
        tried(listening(LIST=Misdeed.FLOOD)),
    )
    took = time.monotonic() - began

    assert [
        ("tls", "tls-wanted"),
        ("tls", "tls-wanted"),
        ("connect", "timed-out"),
        ("connect", "timed-out"),
        ("log-in", "timed-out"),
    ] == [outcome(one) for one in seen[:5]]
    assert seen[5].failure
    assert took < 10


async def test_folders_of_all_kinds_of_servers_are_told() -> None:
    """Localised names, dots and prefixes, UTF-8; what each is for, declared or guessed."""
    of_gmail, of_courier, of_new = [
        {folder.name: folder.special_use for folder in told((await tried(script)).folders)}
        for script in (gmail(), courier(), rev2_only(EXAMINE=OK))
    ]

    assert "\\All" == of_gmail["[Gmail]/Tous les messages"]
    assert None is of_gmail["Clients/Dupont & fils"]
    assert {"INBOX": None, "INBOX.Sent": "\\Sent", "INBOX.Papierkorb": "\\Trash"}.items() <= (
        of_courier.items()
    )
    assert "INBOX.Été" in of_courier
    assert {"Été & co": None, "Envoyés": "\\Sent"} == of_new
