"""A folder is held against a real server and a real log, and what was lost comes back."""

from uuid import uuid4

import pytest

from courrier.events.commands.answers import Done
from courrier.events.commands.fetcher import CompareAccount
from courrier.events.families.mailbox import FolderComparison, MessageReceived
from courrier.events.jetstream.erase import JetStreamEraser
from integration.fetcher.running import Bench
from support.builders import ACCOUNT, raw_message
from support.imap_accounts import ImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration


async def comparisons(bench: Bench) -> list[FolderComparison]:
    """What came of each comparison so far."""
    return [each.comparison for each in await bench.cursors() if each.comparison]


async def test_a_message_that_was_taken_from_the_log_is_found_and_fetched_again(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Asked by a person: the ledger names the gap, and it is closed."""
    mailbox = dovecot.new_user()
    mailbox.append_all("INBOX", [raw_message(subject=f"mail {number}") for number in range(5)])
    await bench.add_account(mailbox)
    order = CompareAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:ada")

    async with bench.fetcher():
        await eventually(lambda: _has(bench, 5))
        taken = [r.sequence for r in await bench.log() if isinstance(r.event, MessageReceived)][2]
        await JetStreamEraser(bench.client).erase("MAILBOX", [taken])
        mailbox.expunge("INBOX", [1])
        answer = await bench.bus.ask(order)
        await eventually(lambda: _was_compared(bench))

    assert isinstance(answer, Done)
    assert [f"mail {number}" for number in range(5)] == await bench.subjects()
    assert [
        FolderComparison(server=4, held=4, left_out=0, missing=0, recovered=1, gone=1)
    ] == await comparisons(bench)


async def _has(bench: Bench, count: int) -> bool:
    return len(await bench.uids()) == count


async def _was_compared(bench: Bench) -> bool:
    return bool(await comparisons(bench))
