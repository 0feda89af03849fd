"""A mailbox is in the log: complete, each message once, nothing changed on the server."""

import time
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.fetcher import FetchAccount
from courrier.events.families.mailbox import FetchingRecovered, MessageReceived
from courrier.events.families.settings import (
    EmailAccountPaused,
    EmailAccountResumed,
)
from courrier.events.identity import Identity
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import open_pool
from integration.fetcher.running import Bench
from integration.linker.instances import holders, imports, instance
from support.builders import ACCOUNT, USER, example, raw_message
from support.imap_accounts import ImapServer
from support.poor_imap import PoorImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration


def mails(count: int, prefix: str = "mail") -> list[bytes]:
    """Different small messages."""
    return [
        raw_message(
            f"Number {n}\n" * 20, subject=f"{prefix} {n}", message_id=f"<{prefix}{n}@x.test>"
        )
        for n in range(count)
    ]


async def test_a_mailbox_is_fetched_completely(bench: Bench, dovecot: ImapServer) -> None:
    """Every message once, its bytes stored, flags told, nothing marked as read."""
    mailbox = dovecot.new_user()
    messages = mails(230)
    mailbox.append_all("INBOX", messages[:200])
    mailbox.append_all("INBOX", messages[200:], flags=("\\Seen",))
    await bench.add_account(mailbox)

    async with bench.fetcher() as health:
        await eventually(lambda: bench.events(FetchingRecovered))

    events = await bench.events(MessageReceived)
    assert [] == health.waiting_for
    assert list(range(1, 231)) == sorted(event.uid for event in events)
    newest = max(events, key=lambda event: event.uid)
    assert messages[-1] == await bench.blobs.get(newest.raw.digest)
    assert (("\\Seen",), "mail 229") == (newest.flags, newest.subject)
    assert 200 == sum(1 for flags in mailbox.flags().values() if "\\Seen" not in flags)


async def test_a_large_message_arrives_whole(bench: Bench, dovecot: ImapServer) -> None:
    """Larger than a batch: it goes alone, and so do those around it."""
    mailbox = dovecot.new_user()
    large = raw_message("A line of some sixty characters, as people write.\n" * 200_000)
    mailbox.append_all("INBOX", [*mails(2), large, *mails(2)])
    await bench.add_account(mailbox)

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))

    (event,) = [one for one in await bench.events(MessageReceived) if one.uid == 3]
    assert large == await bench.blobs.get(event.raw.digest)
    assert event.text_cut


async def test_events_of_a_folder_are_numbered_without_gaps(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Messages and cursors share one count; the last cursor tells all that was read."""
    mailbox = dovecot.new_user()
    mailbox.append_all("INBOX", mails(120))
    await bench.add_account(mailbox)

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))

    log = [r for r in await bench.log() if not isinstance(r.event, FetchingRecovered)]
    assert list(range(1, len(log) + 1)) == [recorded.version for recorded in log]
    last = (await bench.cursors())[-1]
    assert [(1, 120)] == [(one.first, one.last) for one in last.uid_ranges]


async def test_new_mail_is_pushed(bench: Bench, dovecot: ImapServer) -> None:
    """A message that arrives is in the log within a second or so, long before the next poll."""
    mailbox = dovecot.new_user()
    mailbox.append("INBOX", raw_message())
    await bench.add_account(mailbox)

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))
        for number in range(3):
            sent = time.monotonic()
            mailbox.append("INBOX", raw_message(subject=f"new {number}"))
            await eventually(lambda: _has(bench, f"new {number}"), within_s=5)  # noqa: B023

            assert time.monotonic() - sent < 3


async def _has(bench: Bench, subject: str) -> bool:
    return subject in await bench.subjects()


async def test_folders_are_found_by_name_and_by_use(bench: Bench, dovecot: ImapServer) -> None:
    """Names outside ASCII work; the server's Sent is found by its attribute and told as such."""
    mailbox = dovecot.new_user()
    mailbox.append('Entw&APw-rfe &- "Q"', raw_message(subject="named"))
    mailbox.append("Sent", raw_message(subject="sent"))
    folders = ("INBOX", "\\sent", 'Entwürfe & "Q"')
    await bench.add_account(mailbox, folders=folders, port=mailbox.starttls_port, tls="starttls")

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))

    found = {(e.subject, e.folder, e.special_use) for e in await bench.events(MessageReceived)}
    assert {("named", 'Entwürfe & "Q"', None), ("sent", "Sent", "\\Sent")} == found


async def test_messages_from_before_a_date_are_left_out(bench: Bench, dovecot: ImapServer) -> None:
    """Fetch-since: older messages are skipped with their reason, and settled."""
    mailbox = dovecot.new_user()
    with mailbox.log_in() as connection:
        for day in (1, 9, 10, 20):
            moment = datetime(2026, 2, day, 12, tzinfo=UTC)
            connection.append("INBOX", "", moment, raw_message(subject=f"day {day}"))
    await bench.add_account(mailbox, since=date(2026, 2, 10))

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))

    assert ["day 10", "day 20"] == await bench.subjects()
    (cursor,) = await bench.cursors()
    assert {(1, "too-old"), (2, "too-old")} == {(s.uid, s.reason) for s in cursor.skipped}


async def test_a_renumbered_folder_is_read_anew_and_makes_no_second_email(
    bench: Bench, dovecot: ImapServer, identity: Identity, database_url: str
) -> None:
    """Another UIDVALIDITY: old UIDs mean nothing, every message is received under the new one.

    Those that were there before are the e-mails that they were.
    """
    mailbox = dovecot.new_user()
    mailbox.append_all("Work", mails(3))
    await bench.add_account(mailbox, folders=("Work",))
    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))
    mailbox.delete_folder("Work")
    mailbox.append_all("Work", [*mails(2), *mails(1, "new")])

    async with bench.fetcher():
        await eventually(lambda: _counts(bench, 6))
    await migrate(database_url, package="courrier.linker", schema="linker")
    pool = await open_pool(database_url, name="linker-test", service="linker")
    linker = instance(pool, bench.store, identity)
    for recorded in await bench.log():
        await linker.linking.link([recorded])
    await pool.close()

    old, new = sorted({validity for validity, _ in await bench.uids()})
    assert [(validity, uid) for validity in (old, new) for uid in (1, 2, 3)] == await bench.uids()
    names = sorted(str(each.message_id) for each in await imports(bench.store))
    assert ["mail0@x.test", "mail1@x.test", "mail2@x.test", "new0@x.test"] == names
    assert [[USER]] * 4 == list((await holders(bench.store)).values())


async def _counts(bench: Bench, expected: int) -> bool:
    return expected == len(await bench.uids())


async def test_a_poor_server_is_fetched_too(bench: Bench, poor_imap: PoorImapServer) -> None:
    """Without SPECIAL-USE, CONDSTORE and their like: complete, then by poll or push."""
    mailbox = poor_imap.new_user()
    mailbox.append_all("INBOX", mails(120))
    await bench.add_account(mailbox)

    async with bench.fetcher(poll_s=0.2):
        await eventually(lambda: _counts(bench, 120))
        mailbox.append("INBOX", raw_message(subject="new"))
        await eventually(lambda: _counts(bench, 121))

    assert 121 == len({uid for _, uid in await bench.uids()})


async def test_a_paused_account_is_left_alone(bench: Bench, dovecot: ImapServer) -> None:
    """Paused means no connection; resumed means all that came meanwhile."""
    mailbox = dovecot.new_user()
    await bench.add_account(mailbox)
    async with bench.fetcher(poll_s=0.1):
        await eventually(lambda: bench.events(FetchingRecovered))
        await bench.settle(example(EmailAccountPaused))
        await eventually(lambda: _is_refused(bench))
        mailbox.append("INBOX", raw_message())

        assert [] == await bench.uids()

        await bench.settle(example(EmailAccountResumed))
        await eventually(lambda: _counts(bench, 1))


async def _is_refused(bench: Bench) -> bool:
    command = FetchAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
    return isinstance(await bench.bus.ask(command), Refused)


async def test_fetch_account_looks_now(bench: Bench, dovecot: ImapServer) -> None:
    """A person need not wait for the poll; an account that is not fetched is refused."""
    mailbox = dovecot.new_user()
    await bench.add_account(mailbox, folders=("INBOX", "Sent", "Trash", "Junk"))
    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))
        mailbox.append("Junk", raw_message())  # shares a connection: polled, not pushed

        command = FetchAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
        assert isinstance(await bench.bus.ask(command), Done)

        await eventually(lambda: _counts(bench, 1))
        unknown = FetchAccount(command_id=uuid4(), account_id="9" * 32, actor="user:me")
        assert isinstance(await bench.bus.ask(unknown), Refused)


async def test_a_second_account_is_not_delayed_by_a_broken_one(
    bench: Bench, dovecot: ImapServer
) -> None:
    """One task an account: a server that does not answer holds up nobody else."""
    mailbox = dovecot.new_user()
    mailbox.append("INBOX", raw_message())
    await bench.add_account(mailbox, account_id="9" * 32, host="192.0.2.1")
    await bench.add_account(mailbox)

    async with bench.fetcher():
        await eventually(lambda: _counts(bench, 1), within_s=5)

    assert [ACCOUNT] == [event.account_id for event in await bench.events(MessageReceived)]


async def test_an_account_added_later_is_fetched(bench: Bench, dovecot: ImapServer) -> None:
    """The form is sent, the mailbox is fetched: no restart."""
    mailbox = dovecot.new_user()
    mailbox.append("INBOX", raw_message())
    async with bench.fetcher() as health:
        await eventually(lambda: not health.waiting_for)
        await bench.add_account(mailbox)
        await eventually(lambda: _counts(bench, 1))

    assert [ACCOUNT] == [event.account_id for event in await bench.events(MessageReceived)]
