"""New mail is found where a server pushes, where it promises to and does not, and beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bench.idle_server import Mailboxes, Talk
from courrier.events.families.identity import UserDeactivated
from courrier.events.families.mailbox import FetchingRecovered, MessageReceived
from courrier.fetcher.app import Limits
from courrier.fetcher.handlers.hosts import HostLimits
from courrier.local.ports import HOST
from integration.fetcher.networks import Script, scripted_server
from integration.fetcher.running import Bench
from integration.fetcher.test_failing import ANSWERS, OK
from support.builders import USER, raw_message
from support.imap_accounts import ImapAccount, ImapServer
from support.waiting import eventually

pytestmark = pytest.mark.integration


@asynccontextmanager
async def serving(boxes: Mailboxes) -> AsyncIterator[int]:
    """Yield the port of a server in clear for these mailboxes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Talk(boxes, reader, writer).run()

    server = await asyncio.start_server(talk, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def count(bench: Bench) -> int:
    """How many messages were received."""
    return len(await bench.events(MessageReceived))


async def test_a_server_that_accepts_idle_and_says_nothing_is_asked(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """Its mail comes at the poll's pace, however often it has promised to push."""
    boxes = Mailboxes(silent=True)
    async with serving(boxes) as port:
        await bench.add_account(no_mailbox, port=port, tls="none")
        async with bench.fetcher(poll_s=0.3):
            await eventually(lambda: boxes.idle[no_mailbox.user.encode()])
            boxes.deliver(no_mailbox.user.encode())
            await eventually(lambda: _has(bench, 1))
            figures = await bench.figures()

    assert figures is not None
    assert "untried" == figures.push


async def test_a_push_that_works_is_known_to(bench: Bench, no_mailbox: ImapAccount) -> None:
    """And mail comes although the next poll is far away."""
    boxes = Mailboxes()
    async with serving(boxes) as port:
        await bench.add_account(no_mailbox, port=port, tls="none")
        async with bench.fetcher():
            await eventually(lambda: boxes.idle[no_mailbox.user.encode()])
            boxes.deliver(no_mailbox.user.encode())
            await eventually(lambda: _has(bench, 1))
            figures = await bench.figures()

    assert figures is not None
    assert ("works", "idle", 1) == (figures.push, figures.state, figures.connections)
    assert [(True, 1)] == [(one.push, one.received) for one in figures.folders]


async def test_folders_beside_the_pushed_one_are_asked_often(
    bench: Bench, dovecot: ImapServer
) -> None:
    """Of four folders on two connections two are pushed; mail in the others is found by STATUS."""
    mailbox = dovecot.new_user()
    folders = ("INBOX", "A", "B", "C")
    for folder in folders:
        mailbox.append(folder, raw_message(message_id=f"<{folder}@x.test>"))
    await bench.add_account(mailbox, folders=folders)
    limits = Limits(poll_s=30.0, status_s=0.3, connections=2)

    async with bench.fetcher(limits=limits):
        await eventually(lambda: bench.events(FetchingRecovered))
        mailbox.append("C", raw_message(message_id="<later@x.test>"))
        await eventually(lambda: _has(bench, 5))
        figures = await bench.figures()

    assert figures is not None
    assert 2 == figures.connections
    assert 2 == sum(one.push for one in figures.folders)


async def test_the_accounts_of_somebody_who_is_gone_stop_at_once(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """Their connections are closed; nobody holds them any more."""
    boxes = Mailboxes()
    user = no_mailbox.user.encode()
    async with serving(boxes) as port:
        await bench.add_account(no_mailbox, port=port, tls="none")
        async with bench.fetcher():
            await eventually(lambda: boxes.idle[user])
            await bench.settle(UserDeactivated(user_id=USER))
            await eventually(lambda: not boxes.idle[user])
            figures = await bench.figures()

    assert figures is None


async def test_after_a_servers_restart_its_accounts_come_back_one_by_one(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """Never faster than the server is asked to bear, however many of them lost it together."""
    boxes = Mailboxes()
    many = [f"{number:032x}" for number in range(30)]
    limits = Limits(host=HostLimits(log_ins_per_s=20.0))
    async with serving(boxes) as port:
        for account_id in many:
            mailbox = replace(no_mailbox, user=f"{account_id}@played.test")
            await bench.add_account(mailbox, account_id=account_id, port=port, tls="none")
        async with bench.fetcher(limits=limits):
            await eventually(lambda: _idle(boxes) == len(many))
            boxes.restart()
            await eventually(lambda: len(boxes.came) == 2 * len(many) == 2 * _idle(boxes))

    again = boxes.came[len(many) :]
    assert again[-1] - again[0] >= (len(many) - 1) / 20.0 * 0.9


async def test_a_folder_that_is_gone_does_not_keep_us_asking(
    bench: Bench, no_mailbox: ImapAccount
) -> None:
    """It is looked for as often as any other; the one that is there is watched instead."""
    listing, nothing = b'* LIST () "/" A\r\n' + OK, b"* SEARCH\r\n" + OK
    named: dict[bytes, bytes | list[bytes]] = {
        b"LIST": listing,
        b"SEARCH": nothing,
        b"IDLE": b"+ idling\r\n",
    }
    script = Script(answers=ANSWERS | named)
    async with scripted_server(script) as port:
        await bench.add_account(no_mailbox, port=port, tls="none", folders=("Gone", "A"))
        async with bench.fetcher(limits=Limits(connections=1)):
            await eventually(lambda: b"IDLE" in script.heard)
            figures = await bench.figures()

    assert figures is not None
    assert {"Gone": False, "A": True} == {one.folder: one.push for one in figures.folders}
    assert 4 > script.heard.count(b'LIST "" "*"')


def _idle(boxes: Mailboxes) -> int:
    return sum(map(len, boxes.idle.values()))


async def _has(bench: Bench, wanted: int) -> bool:
    return wanted == await count(bench)
