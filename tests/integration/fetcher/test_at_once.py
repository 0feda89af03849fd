"""Settings hold while work goes on, and small accounts do not wait for large ones."""

import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bench.idle_server import Mailboxes
from bench.mailboxes import fill
from courrier.events.families.configuration import SystemFields, SystemSettingsChanged
from courrier.events.families.mailbox import FetchingRecovered, FolderAdvanced, MessageReceived
from courrier.fetcher.app import Limits
from integration.fetcher.running import Bench
from integration.fetcher.test_watching import serving
from support.builders import ACCOUNT, raw_message
from support.imap_accounts import ImapAccount, ImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration

LARGE_ACCOUNTS = 6
LARGE = 3000
SMALL_S = 10.0


async def test_the_largest_message_is_the_settings_at_once(
    bench: Bench, dovecot: ImapServer
) -> None:
    """What is larger is left out, with the reason, and what comes after it is not."""
    mailbox = dovecot.new_user()
    await bench.add_account(mailbox)
    smaller = SystemSettingsChanged(fields=SystemFields(max_message_bytes=2048))

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))
        await bench.settle(smaller)
        mailbox.append_all("INBOX", [raw_message("x" * 60 + "\n" * 3000), raw_message()])
        await eventually(lambda: bench.events(MessageReceived))

    skipped = [one for event in await bench.events(FolderAdvanced) for one in event.skipped]
    assert [2] == [event.uid for event in await bench.events(MessageReceived)]
    assert [(1, "too-large")] == [(one.uid, one.reason) for one in skipped]


@pytest.mark.long
async def test_a_shorter_period_ends_waits_that_are_under_way(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """From five minutes to the least there is, for a server that says nothing; no restart."""
    boxes, user = Mailboxes(silent=True), no_mailbox.user.encode()
    often = SystemSettingsChanged(fields=SystemFields(fetch_period_s=15, fetch_period_min_s=15))
    async with serving(boxes) as port:
        await bench.add_account(no_mailbox, port=port, tls="none")
        async with bench.fetcher(limits=Limits()):
            await eventually(lambda: boxes.idle[user])
            boxes.deliver(user)
            await bench.settle(often)
            await eventually(lambda: bench.events(MessageReceived), within_s=20)


@pytest.mark.long
async def test_a_push_that_keeps_silent_is_not_relied_on(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """Mail came twice and IDLE said nothing: people see that, and why their mail is late."""
    boxes, user = Mailboxes(silent=True), no_mailbox.user.encode()
    async with serving(boxes) as port:
        await bench.add_account(no_mailbox, port=port, tls="none")
        async with bench.fetcher(poll_s=7.0):
            for number in (1, 2):
                await eventually(lambda: boxes.idle[user])
                boxes.deliver(user)
                await eventually(partial(_count_is, bench, number), within_s=15)
            figures = await bench.figures()

    assert figures is not None
    assert "silent" == figures.push


@pytest.mark.long
async def test_new_mail_does_not_wait_for_first_synchronisations(
    bench: Bench, strict_dovecot: ImapServer, server_directory: Path
) -> None:
    """Six mailboxes are read for the first time; a message for a seventh person comes at once."""
    small = strict_dovecot.new_user()
    text = "A line of some sixty characters, as people write them.\n" * 150
    large = {f"{number:032x}": strict_dovecot.new_user() for number in range(LARGE_ACCOUNTS)}
    for mailbox in large.values():
        fill(server_directory / "strict" / "mail" / mailbox.user, [raw_message(text)] * LARGE)
    await bench.add_account(small)

    async with bench.fetcher():
        await eventually(lambda: bench.events(FetchingRecovered))
        for account_id, mailbox in large.items():
            await bench.add_account(mailbox, account_id=account_id)
        await eventually(lambda: bench.events(MessageReceived))
        came_at = time.monotonic()
        small.append("INBOX", raw_message())
        await eventually(lambda: _received(bench, ACCOUNT), within_s=30)
        waited_s = time.monotonic() - came_at
        others = Counter(e.account_id for e in await bench.events(MessageReceived))

    assert waited_s < SMALL_S
    assert sum(others[one] for one in large) < LARGE_ACCOUNTS * LARGE


async def _received(bench: Bench, account_id: str) -> bool:
    return any(e.account_id == account_id for e in await bench.events(MessageReceived))


async def _count_is(bench: Bench, wanted: int) -> bool:
    return wanted == len(await bench.events(MessageReceived))
