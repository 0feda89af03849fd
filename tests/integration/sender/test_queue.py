"""The queue over time: sent later, taken back, put off, held back, proven, restored, signed."""

import asyncio
import dataclasses
from datetime import timedelta
from uuid import UUID

import dkim
import pytest

from courrier.events import subjects
from courrier.events.base import Mailbox
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.sender import CancelSending, SettleUncertain, dkim_key_of
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent, SendingHeldBack, SendRequested
from courrier.events.postgres.projector import Projector
from courrier.mail.writing.dkim_keys import dns_value, new_private_key, read_key
from courrier.sender.handlers.deciding import Deciding
from courrier.sender.handlers.proving import Proving
from courrier.sender.handlers.reopening import Reopening
from courrier.sender.projections.sightings import CHECKPOINT as SIGHTINGS
from courrier.sender.projections.sightings import sightings
from integration.sender.desk import Desk
from support.builders import ACCOUNT, EMAIL, example, new_event
from support.smtp_sink import DROP, SmtpSink
from support.waiting import eventually
from unit.sender.orders import ADA, order

pytestmark = pytest.mark.integration

BOB = Mailbox(name="Bob", address="bob@example.test")
OTHER = "1" * 32


def _cancel(number: int = 1, email_id: str = EMAIL) -> CancelSending:
    return CancelSending(command_id=UUID(int=number), email_id=email_id, actor="user:u1")


async def _becomes(desk: Desk, state: str, email_id: str = EMAIL) -> None:
    async def is_so() -> bool:
        return await desk.state(email_id) == state

    await eventually(is_so)


async def test_a_message_leaves_at_its_second_and_not_before(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Others pass it meanwhile; a late tick sends it once."""
    await desk.add_account(smtp_sink)
    at = desk.clock.now + timedelta(hours=1)
    async with desk.delivering() as rounds:
        await desk.send(order(not_before=at))
        await desk.send(order(email_id=OTHER))
        await _becomes(desk, "sent", OTHER)
        desk.clock.turn(timedelta(minutes=59, seconds=59))
        rounds.wake()
        await desk.send(order(email_id="2" * 32))
        await _becomes(desk, "sent", "2" * 32)
        before = await desk.types()
        desk.clock.turn(timedelta(days=1))
        rounds.wake()
        await _becomes(desk, "sent")

    assert before == ["SendRequested"]
    assert len(smtp_sink.accepted) == 3


async def test_taken_back_it_is_not_sent_and_can_be_sent_with_other_words(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """The same order again takes nothing up; a new one does."""
    await desk.add_account(smtp_sink)
    deciding = Deciding(desk.store, desk.clock)
    first = order(not_before=desk.clock.now + timedelta(seconds=10))
    await desk.send(first)
    taken, again = await deciding.cancel(_cancel()), await deciding.cancel(_cancel())
    repeated = await desk.send(first)
    async with desk.delivering():
        desk.clock.turn(timedelta(days=1))
        await desk.send(order(command_id=UUID(int=9), text="Better words\n"))
        await _becomes(desk, "sent")

    late = await deciding.cancel(_cancel(2))
    assert (taken, again) == (
        Done(position="OUTBOUND:2", id=EMAIL),
        Done(position="OUTBOUND:2", id=EMAIL, created=False),
    )
    assert isinstance(repeated, Done)
    assert isinstance(late, Refused)
    assert late.reason == "already-left"
    assert await desk.types() == [
        "SendRequested",
        "OutboundCancelled",
        "SendRequested",
        "DeliveryStarted",
        "MessageSent",
    ]
    assert [b"Better" in message.content for message in smtp_sink.messages] == [True]


async def test_of_taking_back_and_starting_exactly_one_wins(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Both in the same instant, many times: who is told that it is taken back is not sent."""
    await desk.add_account(smtp_sink)
    deciding = Deciding(desk.store, desk.clock)
    email_ids = [f"{number:032x}" for number in range(1, 31)]
    for email_id in email_ids:
        await desk.send(order(email_id=email_id))
    async with desk.delivering():
        answers = await asyncio.gather(*(deciding.cancel(_cancel(7, each)) for each in email_ids))

        async def are_settled() -> bool:
            return {await desk.state(each) for each in email_ids} <= {"sent", "cancelled"}

        await eventually(are_settled, 20.0)

    taken = {each for each, said in zip(email_ids, answers, strict=True) if isinstance(said, Done)}
    copies = b"".join(message.content for message in smtp_sink.messages)
    sent = {each for each in email_ids if each.encode() in copies}
    assert sent == set(email_ids) - taken
    assert len(smtp_sink.messages) == len(sent)


async def test_who_was_put_off_gets_it_later_and_nobody_twice(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """The others have it at once; the rest is tried alone."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("RCPT", "450 4.2.1 mailbox busy", recipient=BOB.address, times=1)
    async with desk.delivering() as rounds:
        await desk.send(order(cc=(BOB,)))
        await eventually(lambda: _has(desk, "DeliveryDeferred"))
        desk.clock.turn(timedelta(hours=1))
        rounds.wake()
        await _becomes(desk, "sent")

    assert [m.recipients for m in smtp_sink.accepted] == [(ADA.address,), (BOB.address,)]
    assert await desk.types() == [
        "SendRequested",
        "DeliveryStarted",
        "MessageSent",
        "DeliveryDeferred",
        "DeliveryStarted",
        "RecipientsSettled",
    ]


async def _has(desk: Desk, name: str) -> bool:
    return name in await desk.types()


async def test_a_server_that_says_too_many_is_left_alone(desk: Desk, smtp_sink: SmtpSink) -> None:
    """The whole account waits, not this message only; then it goes on, and that is on the log."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("MAIL", "421 4.7.0 too many messages", times=1)
    async with desk.delivering() as rounds:
        await desk.send()
        await eventually(lambda: _has(desk, "DeliveryDeferred"))
        held = await desk.store.load(subjects.sending_state(ACCOUNT))
        await eventually(lambda: _is_held(desk))
        await desk.send(order(email_id=OTHER))
        rounds.wake()
        desk.clock.turn(timedelta(seconds=59))
        rounds.wake()
        waiting = await desk.types(OTHER)
        desk.clock.turn(timedelta(seconds=2))
        rounds.wake()
        await _becomes(desk, "sent")
        await _becomes(desk, "sent", OTHER)
        await eventually(lambda: _resumed(desk))

    assert isinstance(held[-1].event, SendingHeldBack)
    assert held[-1].event.text == "421 4.7.0 too many messages"
    assert waiting == ["SendRequested"]


async def _is_held(desk: Desk) -> bool:
    return bool(await desk.pool.fetchval("SELECT count(*) FROM sender.holds"))


async def _resumed(desk: Desk) -> bool:
    facts = await desk.store.load(subjects.sending_state(ACCOUNT))
    return [type(r.event).__name__ for r in facts] == ["SendingHeldBack", "SendingResumed"]


async def test_a_copy_in_the_sent_folder_settles_what_was_uncertain(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Whichever comes first; a forged Message-ID settles nothing."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("DATA", DROP, times=2)
    async with desk.delivering():
        for email_id in (EMAIL, OTHER):
            await desk.send(order(email_id=email_id))
            await _becomes(desk, "uncertain", email_id)
        for email_id in (EMAIL, OTHER):
            requested = (await desk.facts(email_id))[0]
            assert isinstance(requested, SendRequested)
            genuine = requested.message_id
            met = genuine if email_id == EMAIL else f"{OTHER}.forged@example.test"
            copy = example(MessageReceived, folder=email_id, message_id=met, special_use=r"\Sent")
            await desk.store.append([new_event(copy, expected=0)])
        work = desk.work()
        proving = Proving(work.queue, work.attempts)
        projector = Projector(desk.pool, SIGHTINGS, [sightings], proving.noted)
        tasks = [
            asyncio.create_task(projector.run(desk.store, desk.leases)),
            asyncio.create_task(proving.run()),
        ]
        await _becomes(desk, "sent")
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    sent = (await desk.facts())[-1]
    assert isinstance(sent, MessageSent)
    assert "Sent folder" in sent.outcomes[0].text
    assert await desk.state(OTHER) == "uncertain"


async def test_a_person_sends_an_uncertain_message_again(desk: Desk, smtp_sink: SmtpSink) -> None:
    """Then, and only then, there are two."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("DATA", DROP, times=1)
    deciding = Deciding(desk.store, desk.clock)
    again = SettleUncertain(
        command_id=UUID(int=3), email_id=EMAIL, decision="resend", actor="user:u1"
    )
    async with desk.delivering():
        await desk.send()
        await _becomes(desk, "uncertain")
        await deciding.settle(again)
        await _becomes(desk, "sent")

    assert [len(smtp_sink.messages), len(smtp_sink.accepted)] == [2, 1]


async def test_after_a_restore_nothing_leaves_by_itself(desk: Desk, smtp_sink: SmtpSink) -> None:
    """What waited is uncertain until somebody decides; new mail leaves; once an epoch."""
    await desk.add_account(smtp_sink)
    await desk.send()
    await desk.send(order(email_id=OTHER, not_before=desk.clock.now + timedelta(days=9)))
    work = desk.work()

    async def second_epoch() -> int:
        return 2

    reopening = Reopening(desk.store, work.queue, work.attempts, second_epoch, desk.clock)
    rounds = desk.rounds()
    async with desk.projecting(rounds):
        running = asyncio.create_task(rounds.run(desk.store, reopening.hold_if_restored))
        await _becomes(desk, "uncertain")
        await _becomes(desk, "uncertain", OTHER)
        await desk.send(order(email_id="2" * 32))
        await _becomes(desk, "sent", "2" * 32)
        end = await desk.store.end("OUTBOUND")
        await reopening.hold_if_restored()
        running.cancel()

    assert len(smtp_sink.messages) == 1
    assert await desk.store.end("OUTBOUND") == end


async def test_mail_of_a_domain_with_a_key_is_signed(desk: Desk, smtp_sink: SmtpSink) -> None:
    """The signature verifies on what arrived; the stored message is as it was written."""
    await desk.add_account(smtp_sink)
    pem = new_private_key("ed25519")
    await desk.vault.put(dkim_key_of("example.test", "s1"), pem.encode())
    signed = dataclasses.replace(desk, selectors={"example.test": ["s1"]})
    async with signed.delivering():
        await signed.send()
        await _becomes(desk, "sent")

    [message] = smtp_sink.accepted
    record = dns_value(read_key("example.test", "s1", pem)).encode()
    sent = (await desk.facts())[-1]
    assert isinstance(sent, MessageSent)
    assert dkim.verify(message.content, dnsfunc=lambda _name, timeout=5: record)
    assert message.content.endswith(await desk.blobs.get(sent.raw.digest))
