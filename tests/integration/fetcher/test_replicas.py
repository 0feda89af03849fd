"""Several fetchers share the accounts; one that is killed is followed, and nothing comes twice."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from courrier.events.families.mailbox import FetchingRecovered, MessageReceived
from courrier.fetcher.domain.sharing import fair_share, group_of
from integration.fetcher.running import Bench
from support.builders import raw_message
from support.fetchers import FetcherProcesses, fetcher_processes, kill
from support.imap_accounts import ImapAccount, ImapServer
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.long]

MAILBOXES = 12
TAKEN_OVER_S = 15.0


@pytest.fixture
def fetchers(
    bench: Bench, tmp_path: Path, nats_url: str, master_key: str
) -> Iterator[FetcherProcesses]:
    """Real processes on this test's servers."""
    assert bench.ca_file is not None
    with fetcher_processes(
        tmp_path, nats_url=nats_url, master_key=master_key, ca_file=bench.ca_file
    ) as made:
        yield made


async def mailboxes(bench: Bench, dovecot: ImapServer) -> dict[str, ImapAccount]:
    """Accounts of many groups, by id."""
    made = {f"{number:032x}": dovecot.new_user() for number in range(MAILBOXES)}
    for account_id, mailbox in made.items():
        await bench.add_account(mailbox, account_id=account_id)
    return made


async def received(bench: Bench) -> Counter[tuple[str, int]]:
    """How often each message (account, UID) was received."""
    return Counter((e.account_id, e.uid) for e in await bench.events(MessageReceived))


def deliver(boxes: dict[str, ImapAccount]) -> None:
    """One message for everybody."""
    for mailbox in boxes.values():
        mailbox.append("INBOX", raw_message())


async def has_each(bench: Bench, count: int) -> bool:
    """Whether everybody's first messages were all received."""
    return len(await received(bench)) == MAILBOXES * count


async def test_a_killed_fetchers_accounts_are_taken_over_and_nothing_comes_twice(
    bench: Bench, dovecot: ImapServer, fetchers: FetcherProcesses
) -> None:
    """Two share; one is killed with -9 while mail comes in; a third joins and gets its share."""
    boxes = await mailboxes(bench, dovecot)
    first, _ = fetchers.start(), fetchers.start()

    async def both_hold_half() -> bool:
        held = [fetchers.log(n).count("lease.taken") for n in (0, 1)]
        return min(held) >= fair_share(2) and len(await recovered(bench)) == MAILBOXES

    await eventually(both_hold_half, within_s=30)
    deliver(boxes)
    await eventually(lambda: has_each(bench, 1), within_s=15)
    kill(first)
    died = time.monotonic()
    deliver(boxes)
    await eventually(lambda: has_each(bench, 2), within_s=TAKEN_OVER_S + 10)
    taken_over_s = time.monotonic() - died
    fetchers.start()
    await eventually(lambda: fetchers.log(2).count("lease.taken") >= fair_share(2), within_s=15)
    deliver(boxes)
    await eventually(lambda: has_each(bench, 3), within_s=15)

    assert {1} == set((await received(bench)).values())
    assert taken_over_s < TAKEN_OVER_S
    assert len({group_of(account_id) for account_id in boxes}) > 3


async def recovered(bench: Bench) -> set[str]:
    """Accounts that were read."""
    return {e.account_id for e in await bench.events(FetchingRecovered)}
