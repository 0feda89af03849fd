"""Where the owner wants it, what was fetched is marked as read on the server, once."""

import pytest

from courrier.events.families.mailbox_state import FolderMarked
from courrier.events.families.settings import EmailAccountAdded, Server
from integration.fetcher.running import Bench
from support.builders import ACCOUNT, USER, raw_message
from support.imap_accounts import ImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration


async def test_fetched_messages_are_marked_read_and_no_others(
    bench: Bench, dovecot: ImapServer
) -> None:
    """After it is on the log; who marks a message unread again is not overruled."""
    mailbox = dovecot.new_user()
    mailbox.append("INBOX", raw_message(message_id="<1@x.test>"))
    await bench.vault.put(f"account.{ACCOUNT}.imap", mailbox.password.encode())
    account = EmailAccountAdded(
        account_id=ACCOUNT,
        owner_id=USER,
        name="Work",
        address=mailbox.user,
        imap=Server(host=mailbox.host, port=mailbox.port, user=mailbox.user),
        keep_unread=False,
    )
    await bench.settle(account)

    async with bench.fetcher():
        await eventually(lambda: mailbox.flags() == {1: ("\\Seen",)})
        with mailbox.log_in() as program:
            program.select("INBOX")
            program.uid("STORE", "1", "-FLAGS", "(\\Seen)")
        mailbox.append("INBOX", raw_message(message_id="<2@x.test>"))
        await eventually(lambda: mailbox.flags() == {1: (), 2: ("\\Seen",)})

    marked = await bench.events(FolderMarked)
    assert {()} == {event.changes for event in marked}
