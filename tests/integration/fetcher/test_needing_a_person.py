"""An account that fails for good is left alone until somebody acts, and then tried at once."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from courrier.events.bus import Answer
from courrier.events.commands.answers import Refused
from courrier.events.commands.fetcher import FetchAccount, ResumeFetching
from courrier.events.families.mailbox import (
    FetchingFailed,
    FetchingRecovered,
    FetchingResumed,
    FetchingSuspended,
)
from courrier.events.jetstream.connection import Broker, connect
from integration.fetcher.networks import Script, scripted_server
from integration.fetcher.running import Bench
from integration.fetcher.test_failing import ANSWERS, OK
from support.builders import ACCOUNT
from support.imap_accounts import ImapAccount
from support.waiting import eventually

pytestmark = pytest.mark.integration

NO = b"{tag} NO [AUTHENTICATIONFAILED] wrong\r\n"


def log_ins(script: Script) -> int:
    """How often a password was tried."""
    return sum(line.startswith(b"LOGIN") for line in script.heard)


async def ask_for_a_look(bench: Bench) -> Answer:
    """Somebody presses the button."""
    command = FetchAccount(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
    return await bench.bus.ask(command)


async def suspend(bench: Bench) -> None:
    """Let the password be refused until the account is given up; nobody waits for minutes here."""
    for tries in (1, 2):
        await eventually(partial(_failed, bench, tries))
        await ask_for_a_look(bench)
    await eventually(lambda: bench.events(FetchingSuspended))


async def _failed(bench: Bench, times: int) -> bool:
    return len(await bench.events(FetchingFailed)) == times


async def add(bench: Bench, mailbox: ImapAccount, port: int) -> None:
    """Set the account up, or anew."""
    await bench.add_account(mailbox, port=port, tls="none")


async def test_a_wrong_password_is_tried_three_times_also_across_a_restart(
    bench: Bench, no_mailbox: ImapAccount, nats_url: str
) -> None:
    """A look that somebody asks for does not try it again; resuming the account does."""
    script = Script(answers=ANSWERS | {b"LOGIN": [NO, NO, NO, OK]})
    async with scripted_server(script) as port:
        await add(bench, no_mailbox, port)
        before = await connect(Broker(url=nats_url, name="before"))
        async with replace(bench, client=before).fetcher():
            await suspend(bench)
            refused = await ask_for_a_look(bench)
        await before.close()
        async with bench.fetcher():
            await eventually(bench.figures)
            figures = await bench.figures()
            tried = log_ins(script)
            resume = ResumeFetching(command_id=uuid4(), account_id=ACCOUNT, actor="user:me")
            await bench.bus.ask(resume)
            await eventually(lambda: bench.events(FetchingRecovered))

    assert isinstance(refused, Refused)
    assert figures is not None
    assert ["needs-person", "needs_person"] == [refused.reason, figures.state]
    assert [3, 4] == [tried, log_ins(script)]


async def test_what_is_set_up_anew_is_tried_at_once(bench: Bench, no_mailbox: ImapAccount) -> None:
    """With another password, say; the log tells why."""
    script = Script(answers=ANSWERS | {b"LOGIN": [NO, NO, NO, OK]})
    async with scripted_server(script) as port:
        await add(bench, no_mailbox, port)
        async with bench.fetcher():
            await suspend(bench)
            await add(bench, no_mailbox, port)
            await eventually(lambda: bench.events(FetchingRecovered))

    assert ["changed"] == [event.cause for event in await bench.events(FetchingResumed)]
    assert 4 == log_ins(script)


async def test_only_the_first_connection_risks_a_log_in(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """Three folders, three connections, one try of a wrong password."""
    script = Script(answers=ANSWERS | {b"LOGIN": NO})
    async with scripted_server(script) as port:
        await bench.add_account(no_mailbox, port=port, tls="none", folders=("INBOX", "A", "B"))
        async with bench.fetcher():
            await eventually(lambda: bench.events(FetchingFailed))

    assert 1 == log_ins(script)
