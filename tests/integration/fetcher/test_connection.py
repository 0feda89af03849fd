"""Every call of a mail connection does what it says on a real server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from courrier.events.families.settings import Server
from courrier.events.runtime.tls import client_context
from courrier.fetcher.adapters.imap import utf7
from courrier.fetcher.adapters.imap.running import BadState
from courrier.fetcher.adapters.imap.servers import ImapMailServers
from courrier.fetcher.domain.failures import FolderMissing
from courrier.fetcher.domain.folders import special_use
from courrier.fetcher.domain.news import Exists, Expunged, Marked
from courrier.fetcher.domain.uids import HIGHEST_UID
from courrier.fetcher.ports import MailConnection
from support.builders import raw_message
from support.imap_accounts import ImapAccount, ImapServer

pytestmark = pytest.mark.integration

EVERYTHING = ((1, HIGHEST_UID),)


def server_of(mailbox: ImapAccount) -> Server:
    """How the fetcher is told to reach this mailbox."""
    return Server(host=mailbox.host, port=mailbox.port, user=mailbox.user)


@pytest.fixture
def mailbox(dovecot: ImapServer) -> ImapAccount:
    """A new mailbox with one message, sent at noon of a day long ago."""
    made = dovecot.new_user()
    made.append("INBOX", raw_message(subject="first"))
    return made


@pytest.fixture
async def connection(mailbox: ImapAccount) -> AsyncIterator[MailConnection]:
    """A connection of this mailbox, logged in."""
    servers = ImapMailServers(client_context(mailbox.ca_file))
    async with servers.connect(server_of(mailbox), mailbox.password) as connected:
        yield connected


async def test_a_folder_is_counted_opened_and_marked(connection: MailConnection) -> None:
    """STATUS, SELECT, FETCH of flags, STORE, and what changed since a MODSEQ."""
    before = await connection.status("INBOX")
    opened = await connection.open("INBOX", writing=True)
    told = await connection.store([1], ["\\Seen", "\\Flagged"])
    changed = await connection.marks(EVERYTHING, opened.highestmodseq)
    await connection.store([1], ["\\Flagged"], add=False)
    after = await connection.marks(EVERYTHING)

    assert (1, 2, 1) == (before.messages, before.uidnext, before.unseen)
    assert (before.uidvalidity, before.highestmodseq) == (opened.uidvalidity, opened.highestmodseq)
    assert opened.is_writable
    assert ("\\Flagged", "\\Seen") == told[1].flags == changed[1].flags
    assert ("\\Seen",) == after[1].flags


async def test_a_folder_opened_for_reading_cannot_be_changed(connection: MailConnection) -> None:
    """Whatever a bug of ours asks for: Dovecot would say OK."""
    opened = await connection.open("INBOX")

    assert not opened.is_writable
    with pytest.raises(BadState):
        await connection.store([1], ["\\Seen"])


async def test_messages_are_put_found_and_moved(connection: MailConnection) -> None:
    """APPEND with flags and a day, SEARCH by Message-ID, MOVE: all tell the UID."""
    raw = raw_message(subject="put there", message_id="put@example.test")
    put = await connection.append("INBOX", raw, ["\\Seen"], datetime(2026, 3, 1, 12, tzinfo=UTC))
    await connection.open("INBOX", writing=True)
    found = await connection.find("put@example.test")
    moved = await connection.move(found, "Archive")
    await connection.open("Archive")
    listed = await connection.describe([1])

    assert put
    assert [put.uid] == found
    assert {put.uid: 1} == moved
    assert datetime(2026, 3, 1, 12, tzinfo=UTC) == listed[1].received_at
    assert ("\\Seen",) == (await connection.marks(EVERYTHING))[1].flags


async def test_a_large_message_is_put_whole(connection: MailConnection) -> None:
    """More bytes than any buffer on the way holds."""
    raw = raw_message(subject="large") + b"x" * 70 * 80_000
    await connection.append("INBOX", raw)
    await connection.open("INBOX")

    assert len(raw) <= (await connection.describe([2]))[2].size


async def test_a_folder_that_is_not_there_is_named(connection: MailConnection) -> None:
    """STATUS, APPEND and opening say the same."""
    for asked in (connection.status, connection.open):
        with pytest.raises(FolderMissing, match="'Nowhere'"):
            await asked("Nowhere")
    with pytest.raises(FolderMissing, match="'Nowhere'"):
        await connection.append("Nowhere", b"From: a@b.test\r\n\r\n")


async def test_what_others_do_is_told_as_values(
    connection: MailConnection, mailbox: ImapAccount
) -> None:
    """Arrivals, flags and deletions in the open folder, each once, in IDLE or at a NOOP."""
    await connection.open("INBOX")
    mailbox.append("INBOX", raw_message(subject="second"))
    pushed = await connection.wait_for_news(10, asyncio.Event())
    arrived = connection.news()
    mailbox.expunge("INBOX", [1])
    await connection.noop()
    gone = connection.news()

    assert pushed
    assert Exists(2) in arrived
    assert {Marked, Expunged} >= {type(one) for one in gone} >= {Expunged}
    assert Expunged(1) in gone
    assert [] == connection.news()


@pytest.mark.parametrize("name", ["Été & fils", 'a "quoted" \\ name', "台北", "a* b %"])
async def test_folders_have_any_names(
    connection: MailConnection, mailbox: ImapAccount, name: str
) -> None:
    """What LIST tells can be opened: accents, quotes, stars."""
    made = raw_message(subject="in it")
    with mailbox.log_in() as other:
        assert "OK" == other.create(_wire(name))[0]
    names = [folder.name for folder in await connection.folders()]
    await connection.append(name, made)

    assert name in names
    assert 1 == (await connection.open(name)).exists


async def test_special_folders_are_told(connection: MailConnection) -> None:
    """By the server's own attributes."""
    listing = await connection.folders()
    uses = {folder.name: special_use(folder, listing) for folder in listing}

    assert "\\Sent" == uses["Sent"]
    assert uses["INBOX"] is None


def _wire(name: str) -> str:

    escaped = utf7.encode(name).decode().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
