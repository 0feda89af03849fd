"""Two senders on one queue send one copy; tables that are rebuilt send nothing."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from nats.aio.client import Client
from typing_extensions import override

from courrier.events.envelope import NewEvent
from courrier.events.families.outbound import MessageSent
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.store import Appended
from courrier.mail.parse import summarise
from integration.sender.desk import Desk
from support.builders import EMAIL
from support.smtp_sink import DROP, SmtpSink
from support.waiting import eventually
from unit.sender.orders import order

pytestmark = pytest.mark.integration

ROWS = """
    SELECT email_id, account_id, state, attempts, due_at, moved_at, outbound_seq
      FROM sender.deliveries
     ORDER BY email_id
"""
ACCOUNT_ROWS = """
    SELECT account_id, owner_id, address, smtp, removed, settings_seq
      FROM sender.accounts
     ORDER BY account_id
"""
FORGET = "TRUNCATE sender.deliveries, sender.accounts, sender.checkpoints"


class LostAfterData(JetStreamEventStore):
    """A store whose process ends right before the answer to DATA would be recorded."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.reached = asyncio.Event()

    @override
    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Store everything but a ``MessageSent``."""
        if any(isinstance(new.event, MessageSent) for new in events):
            self.reached.set()
            await asyncio.Event().wait()
        return await super().append(events)


def _ids(count: int) -> list[str]:
    return [f"{number:032x}" for number in range(1, count + 1)]


async def _all_become(desk: Desk, email_ids: list[str], *states: str) -> None:
    async def is_so() -> bool:
        return {await desk.state(email_id) for email_id in email_ids} <= set(states)

    await eventually(is_so, 30.0)


async def test_two_senders_without_a_lease_send_one_copy(desk: Desk, smtp_sink: SmtpSink) -> None:
    """The expected sequence of the intent decides, also when both ask in the same instant."""
    await desk.add_account(smtp_sink)
    email_ids = _ids(40)
    for email_id in email_ids:
        await desk.send(order(email_id=email_id))
    async with desk.delivering(senders=3):
        await _all_become(desk, email_ids, "sent")

    copies = Counter(summarise(message.content).message_id for message in smtp_sink.messages)
    assert set(copies.values()) == {1}
    assert len(copies) == len(email_ids)


async def test_an_answer_that_is_lost_with_its_process_is_uncertain(
    desk: Desk, smtp_sink: SmtpSink, client: Client
) -> None:
    """The server said yes and the log never heard: the next sender does not send it again."""
    await desk.add_account(smtp_sink)
    dying = LostAfterData(client)
    attempt = desk.rounds(dying)
    async with desk.projecting(attempt):
        work = asyncio.create_task(attempt.run(desk.store))
        await desk.send()
        await asyncio.wait_for(dying.reached.wait(), 10.0)
        work.cancel()
    async with desk.delivering():
        await _all_become(desk, [EMAIL], "uncertain")

    assert await desk.types() == ["SendRequested", "DeliveryStarted", "DeliveryBecameUncertain"]
    assert len(smtp_sink.accepted) == 1


async def test_a_rebuild_gives_the_same_rows_and_sends_nothing(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Rows and checkpoints are dropped; the log fills them again and no server is spoken to."""
    await desk.add_account(smtp_sink)
    await _one_of_each_state(desk, smtp_sink)
    rows, accounts = await desk.pool.fetch(ROWS), await desk.pool.fetch(ACCOUNT_ROWS)
    commands, end = list(smtp_sink.commands), await desk.store.end("OUTBOUND")

    await desk.pool.execute(FORGET)
    async with desk.delivering():
        await eventually(lambda: _same(desk, ROWS, rows))
        await eventually(lambda: _same(desk, ACCOUNT_ROWS, accounts))
        smtp_sink.behave()
        await desk.send(order(email_id="9" * 32))
        await _all_become(desk, ["9" * 32], "sent")

    assert {row["state"] for row in rows} == {"sent", "failed", "uncertain", "queued"}
    assert len([line for line in smtp_sink.commands[len(commands) :] if "MAIL" in line]) == 1
    assert await desk.store.end("OUTBOUND") == end + 3


async def _one_of_each_state(desk: Desk, sink: SmtpSink) -> None:
    first, second, third, fourth = _ids(4)
    async with desk.delivering():
        await desk.send(order(email_id=first))
        await _all_become(desk, [first], "sent")
        sink.answer("DATA", "554 no", times=1)
        await desk.send(order(email_id=second))
        await _all_become(desk, [second], "failed")
        sink.answer("DATA", DROP, times=1)
        await desk.send(order(email_id=third))
        await _all_become(desk, [third], "uncertain")
        sink.answer("DATA", "451 later")
        await desk.send(order(email_id=fourth))
        await eventually(lambda: _deferred(desk, fourth))


async def _deferred(desk: Desk, email_id: str) -> bool:
    waiting = await desk.pool.fetchval(
        "SELECT due_at FROM sender.deliveries WHERE email_id = $1", email_id
    )
    return waiting is not None


async def _same(desk: Desk, query: str, expected: list[Any]) -> bool:
    return list(await desk.pool.fetch(query)) == expected


async def test_rows_that_are_wrong_send_nothing(desk: Desk, smtp_sink: SmtpSink) -> None:
    """A row that says 'queued' of a message long sent only makes the sender look."""
    await desk.add_account(smtp_sink)
    async with desk.delivering():
        await desk.send()
        await _all_become(desk, [EMAIL], "sent")
    await desk.pool.execute("UPDATE sender.deliveries SET state = 'queued', due_at = NULL")
    async with desk.delivering() as rounds:
        rounds.wake()
        await desk.send(order(email_id="1" * 32))
        await _all_become(desk, ["1" * 32], "sent")

    assert len(smtp_sink.messages) == 2
    assert await desk.types() == ["SendRequested", "DeliveryStarted", "MessageSent"]


async def test_many_messages_use_few_connections_and_all_leave(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """A late tick fires each of them once."""
    await desk.add_account(smtp_sink)
    email_ids = _ids(30)
    smtp_sink.answer("RCPT", "450 greylisted", times=len(email_ids))
    async with desk.delivering() as rounds:
        for email_id in email_ids:
            await desk.send(order(email_id=email_id))
        await eventually(lambda: _all_deferred(desk, len(email_ids)))
        desk.clock.turn(timedelta(days=1))
        rounds.wake()
        await _all_become(desk, email_ids, "sent")

    assert len(smtp_sink.accepted) == len(email_ids)
    assert await desk.store.end("OUTBOUND") == 5 * len(email_ids)


async def _all_deferred(desk: Desk, count: int) -> bool:
    found = await desk.pool.fetchval(
        "SELECT count(*) FROM sender.deliveries WHERE attempts = 1 AND state = 'queued'"
    )
    return bool(found == count)
