"""Erased outgoing messages: gone from log and rows; what waited is never sent."""

from uuid import uuid4

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.erasing import EraseOutbound
from courrier.events.envelope import NewEvent
from courrier.events.families.drafts import DraftSaved
from courrier.events.families.outbound import DeliveryStarted
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.sender.handlers.erasing import Erasing
from integration.sender.desk import Desk
from support.builders import EMAIL, example, new_event
from support.smtp_sink import SmtpSink
from support.waiting import eventually
from unit.sender.orders import order

pytestmark = pytest.mark.integration


async def erase(desk: Desk, client: Client) -> Answer:
    """Give the order."""
    erasing = Erasing(desk.store, JetStreamEraser(client), desk.clock)
    command = EraseOutbound(command_id=uuid4(), email_id=EMAIL, actor="user:a")
    return await erasing.answer(command)


async def test_what_waits_is_not_sent_any_more(
    desk: Desk, client: Client, smtp_sink: SmtpSink
) -> None:
    """Its row goes, too; the next message is sent as if nothing had been."""
    await desk.add_account(smtp_sink)
    await desk.send()
    other = order(email_id="4" * 32)

    assert isinstance(await erase(desk, client), Done)
    assert isinstance(await erase(desk, client), Done)
    async with desk.delivering():
        await desk.send(other)
        await eventually(lambda: len(smtp_sink.messages) == 1)

    assert ["OutboundErased"] == await desk.types()
    assert await desk.state() is None


async def test_a_draft_is_erased_with_its_message(desk: Desk, client: Client) -> None:
    """What was written before it was sent, or instead, goes too; its id stays taken."""
    draft = example(DraftSaved)
    await desk.store.append([new_event(draft, expected=0)])

    assert isinstance(await erase(desk, client), Done)

    left = await desk.store.load(subjects.draft(EMAIL))
    assert ["OutboundErased"] == [type(each.event).__name__ for each in left]


async def test_the_id_of_an_erased_message_is_taken(
    desk: Desk, client: Client, smtp_sink: SmtpSink
) -> None:
    """A repeated order does not send it again."""
    await desk.add_account(smtp_sink)
    await desk.send()
    await erase(desk, client)

    answer = await desk.send()

    assert isinstance(answer, Refused)
    assert answer.reason == "id-taken"


async def test_a_message_in_a_dialogue_is_not_erased(
    desk: Desk, client: Client, smtp_sink: SmtpSink
) -> None:
    """Whether it was sent would not be known."""
    await desk.add_account(smtp_sink)
    await desk.send()
    (first,) = await desk.store.load(subjects.outbound(EMAIL))
    started: NewEvent = new_event(example(DeliveryStarted), expected=first.sequence, version=2)
    await desk.store.append([started])

    answer = await erase(desk, client)

    assert isinstance(answer, Refused)
    assert answer.reason == "being-sent"
    assert ["SendRequested", "DeliveryStarted"] == await desk.types()
