"""The essentials on two real servers that do much differently, with the linker running beside.

One walk a server: what is fetched, pushed, marked and moved on either side, and the copy of a sent
message. Nothing is faked: another mail program is another IMAP connection.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from courrier.events.base import Event
from courrier.events.blobs import ref_of
from courrier.events.commands.linker import ChangeEmails, StateChange
from courrier.events.families.email import EmailImported, EmailMarkedRead
from courrier.events.families.email_state import EmailArchived, EmailTrashed
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.mailbox_state import ErrandsNoted
from courrier.events.families.outbound import MessageSent
from courrier.events.families.settings import EmailAccountAdded, Server
from courrier.events.identity import SIGNATURE_PURPOSE, Identity
from courrier.linker.settings import LinkerSettings
from integration.fetcher.running import Bench
from integration.linker.instances import read
from integration.linker.services import running
from support.builders import ACCOUNT, NOON, USER, example, raw_message
from support.imap_accounts import ImapAccount, ImapServer
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.dovecot]

SENT_EMAIL = "5" * 32


@pytest.fixture(params=["dovecot", pytest.param("cyrus", marks=pytest.mark.long)])
def real_imap(request: pytest.FixtureRequest) -> ImapServer:
    """One of the real servers."""
    server: ImapServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
async def system(
    bench: Bench, nats_url: str, database_url: str, master_key: str
) -> AsyncIterator[Bench]:
    """A fetcher and a linker at work."""
    settings = LinkerSettings(nats_url=nats_url, database_url=database_url, master_key=master_key)
    async with running(settings), bench.fetcher():
        yield bench


class Walk:
    """A person's mailbox on a server and in Courrier."""

    def __init__(self, bench: Bench, mailbox: ImapAccount, identity: Identity) -> None:
        self.bench = bench
        self.mailbox = mailbox
        self.identity = identity

    def email_id(self, number: int) -> str:
        """Return the id of an e-mail."""
        return self.identity.email_of(f"{number}@customer.test")

    async def emails(self, kind: type[Event]) -> list[Event]:
        """Return all events of a kind in ``EMAIL``."""
        found = [recorded.event for recorded in await read(self.bench.store, "EMAIL")]
        return [event for event in found if isinstance(event, kind)]

    async def has(self, kind: type[Event], number: int) -> bool:
        """Tell whether something was said of an e-mail."""
        return self.email_id(number) in [
            getattr(event, "email_id", None) for event in await self.emails(kind)
        ]

    async def wish(self, number: int, **change: object) -> None:
        """Do something in Courrier."""
        await self.bench.bus.ask(
            ChangeEmails(
                command_id=uuid4(),
                email_ids=(self.email_id(number),),
                person_id=USER,
                change=StateChange.model_validate(change),
                actor=f"user:{USER}",
            )
        )

    def shows(self, folder: str, *flags: str) -> Callable[[], bool]:
        """Return whether a folder of the server holds one message, with these flags."""
        return lambda: list(self.mailbox.flags(folder).values()) == [tuple(sorted(flags))]


@asynccontextmanager
async def walk(system: Bench, server: ImapServer, identity: Identity) -> AsyncIterator[Walk]:
    """Yield a mailbox with three messages, fetched, kept in step both ways."""
    mailbox = server.new_user()
    mailbox.append_all("INBOX", [message(number) for number in range(3)])
    await system.vault.put(f"account.{ACCOUNT}.imap", mailbox.password.encode())
    account = EmailAccountAdded(
        account_id=ACCOUNT,
        owner_id=USER,
        name="Work",
        address=mailbox.user,
        imap=Server(host=mailbox.host, port=mailbox.port, user=mailbox.user),
        monitored_folders=("INBOX", "\\Sent"),
        sync="both",
        store_sent=True,
    )
    await system.settle(account)
    one = Walk(system, mailbox, identity)
    await eventually(lambda: one.has(EmailImported, 2), within_s=20)
    await eventually(lambda: system.events(ErrandsNoted))
    yield one


def message(number: int) -> bytes:
    """Return one of several messages."""
    return raw_message(subject=f"Question {number}", message_id=f"<{number}@customer.test>")


async def test_a_mailbox_is_in_step_both_ways(
    system: Bench, real_imap: ImapServer, identity: Identity
) -> None:
    """Read, flagged, archived, trashed on either side; new mail and changes are pushed."""
    async with walk(system, real_imap, identity) as one:
        mailbox = one.mailbox
        with mailbox.log_in() as program:
            program.select("INBOX")
            program.uid("STORE", "1", "+FLAGS", "(\\Seen)")
        await eventually(lambda: one.has(EmailMarkedRead, 0))

        await one.wish(1, is_important=True, folder="trash")
        await eventually(one.shows("Trash", "\\Flagged"))

        with mailbox.log_in() as program:
            program.select("INBOX")
            program.uid("MOVE", "3", "Archive")
        await eventually(lambda: one.has(EmailArchived, 2))

        mailbox.append("INBOX", message(7))
        await eventually(lambda: one.has(EmailImported, 7))

        assert [mailbox.messages("Trash"), mailbox.messages("Archive")] == [
            [message(1)],
            [message(2)],
        ]
        assert 1 == len(await one.emails(EmailTrashed))
        assert 1 == len(await one.emails(EmailMarkedRead))


async def test_a_sent_message_is_kept_on_the_server_once(
    system: Bench, real_imap: ImapServer, identity: Identity
) -> None:
    """The copy in the Sent folder is the message that was sent, read, and no second e-mail."""
    signed = f"{SENT_EMAIL}.{identity.sign(SIGNATURE_PURPOSE, SENT_EMAIL)}@example.test"
    raw = raw_message(message_id=f"<{signed}>", subject="Answer")
    async with walk(system, real_imap, identity) as one:
        await system.blobs.put([raw])
        sent = example(
            MessageSent,
            email_id=SENT_EMAIL,
            author_id=USER,
            account_id=ACCOUNT,
            raw=ref_of(raw).model_dump(),
            message_id=signed,
            subject="Answer",
            date=NOON,
            **{"from": {"name": "Ada Lovelace", "address": "ada@example.test"}},
        )
        await system.settle(sent)
        await eventually(one.shows("Sent", "\\Seen"))
        await eventually(lambda: _received_sent(system))
        mailbox_again = message(8)
        one.mailbox.append("INBOX", mailbox_again)
        await eventually(lambda: one.has(EmailImported, 8))

        copies = [
            event
            for event in await one.emails(EmailImported)
            if isinstance(event, EmailImported) and event.message_id == signed
        ]
        assert [SENT_EMAIL] == [event.email_id for event in copies]
        assert [raw] == one.mailbox.messages("Sent")


async def _received_sent(system: Bench) -> bool:
    return "Answer" in [event.subject for event in await system.events(MessageReceived)]
