"""Several linkers share the partitions; one that is killed is replaced, and nobody notices."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.postgres.migrations import migrate
from courrier.events.postgres.pool import Pool
from integration.linker.instances import holders, imports, put, read, settle
from integration.linker.test_healing import end_of, message
from support.builders import USER, example
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.usefixtures("identity")]

ACCOUNTS = [f"{number:032x}" for number in range(1, 13)]
"""So many mailboxes fall into many partitions."""
CONVERSATIONS, ROUNDS = 8, 24
TAKEN_OVER_S = 90.0


@pytest.fixture
def environment(nats_url: str, database_url: str, master_key: str) -> dict[str, str]:
    """The variables of every linker: the partitions are cut into four groups."""
    return {
        **os.environ,
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_DATABASE_URL": database_url,
        "COURRIER_MASTER_KEY": master_key,
        "COURRIER_GROUPS": "4",
    }


@asynccontextmanager
async def linker(environment: dict[str, str]) -> AsyncIterator[Process]:
    """A linker's process; at the end it is killed, if it is not already."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "courrier.linker", env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def round_of(number: int) -> list[MessageReceived]:
    """A message of each conversation, which names the one before; every third in two mailboxes."""
    found = []
    for conversation in range(CONVERSATIONS):
        named = [100 * conversation + number - 1] if number else []
        said = {"account_id": ACCOUNTS[(conversation + number) % len(ACCOUNTS)]}
        subject = f"{'Re: ' if number else ''}Offer {conversation}"
        one = message(100 * conversation + number, *named, subject=subject, **said)
        found.append(one)
        if number % 3 == 0:
            other = ACCOUNTS[(conversation + number + 5) % len(ACCOUNTS)]
            found.append(one.model_copy(update={"account_id": other}))
    return found


async def is_done(store: JetStreamEventStore, pool: Pool) -> bool:
    """Whether intake and healing have dealt with all there is, and nothing follows from it."""
    for consumer, stream in (("intake", "MAILBOX"), ("healing", "EMAIL")):
        last = (await read(store, stream))[-1:]
        assert last
        found = await pool.fetch(
            "SELECT seq FROM linker_state.checkpoints WHERE consumer = $1 AND stream = $2",
            consumer,
            stream,
        )
        assert len(found) == 4
        assert max(row[0] for row in found) == last[0].sequence
    return True


@pytest.mark.timeout(240)
async def test_a_killed_linker_s_partitions_are_taken_over(
    environment: dict[str, str], store: JetStreamEventStore, pool: Pool, database_url: str
) -> None:
    """Conversations across mailboxes: nothing lost, nothing double, each in one thread."""
    await migrate(database_url, package="courrier.linker", schema="linker")
    await settle(store)
    accounts = [
        example(EmailAccountAdded, account_id=each, owner_id=USER if n % 2 else f"{n:032x}")
        for n, each in enumerate(ACCOUNTS)
    ]
    for account in accounts:
        await put(store, account)
    sent: list[MessageReceived] = []
    async with linker(environment) as first, linker(environment):
        for number in range(ROUNDS):
            messages = round_of(number)
            for each in messages:
                await put(store, each)
            sent += messages
            if number == ROUNDS // 3:
                await eventually(lambda: imported(store, 10), TAKEN_OVER_S)
                first.kill()
        ids = {each.message_id for each in sent}
        await eventually(lambda: imported(store, len(ids)), TAKEN_OVER_S)
        await eventually(lambda: is_done(store, pool), TAKEN_OVER_S)

    found = await imports(store)
    end = await end_of(store)
    wanted = {a.account_id: a.owner_id for a in accounts if isinstance(a, EmailAccountAdded)}
    expected: dict[str, set[str]] = {}
    for each in sent:
        expected.setdefault(each.message_id or "", set()).add(wanted[each.account_id])
    assert sorted(each.message_id or "" for each in found) == sorted(expected)
    assert {name: set(who) for name, who in end.holders.items()} == expected
    assert all(len(who) == len(set(who)) for who in (await holders(store)).values())
    assert sorted(len(thread) for thread in end.threads) == [ROUNDS] * CONVERSATIONS


async def imported(store: JetStreamEventStore, count: int) -> bool:
    """Whether so many e-mails are on the log."""
    facts = [r for r in await read(store, "EMAIL") if isinstance(r.event, EmailImported)]
    return len(facts) >= count
