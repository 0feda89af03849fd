"""What people write arrives once, or a clear word says why not."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pytest

from conftest import NewSink
from courrier.events import subjects
from courrier.events.base import Event, Mailbox
from courrier.events.commands.answers import Done, Refused
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    MessageSent,
    SendRequested,
)
from courrier.mail.parse import summarise
from integration.sender.desk import Desk
from support.builders import EMAIL
from support.smtp_sink import DROP, SinkOptions, SmtpSink
from support.waiting import eventually
from unit.sender.orders import ADA, order

pytestmark = pytest.mark.integration

BOB = Mailbox(name="Bob", address="bob@example.test")
BLIND = Mailbox(name="Eve", address="eve@example.test")

F = TypeVar("F", bound=Event)


async def _state_becomes(desk: Desk, state: str, email_id: str = EMAIL) -> None:
    async def is_so() -> bool:
        return await desk.state(email_id) == state

    await eventually(is_so)


async def _last(desk: Desk, kind: type[F]) -> F:
    fact = (await desk.facts())[-1]
    assert isinstance(fact, kind)
    return fact


async def test_a_message_arrives_once_with_the_bytes_that_were_recorded(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Encrypted, logged in, from its author to everybody, and Bcc in the envelope only."""
    await desk.add_account(smtp_sink)
    async with desk.delivering():
        answer = await desk.send(order(cc=(BOB,), bcc=(BLIND,), text=".Hello\n.\nGrüße\n"))
        await _state_becomes(desk, "sent")

    sent = await _last(desk, MessageSent)
    [message] = smtp_sink.messages
    assert answer == Done(position="OUTBOUND:1", id=EMAIL)
    assert await desk.types() == ["SendRequested", "DeliveryStarted", "MessageSent"]
    assert message.recipients == ("ada@example.test", "bob@example.test", "eve@example.test")
    assert (message.mail_from, message.user) == ("grace@example.test", smtp_sink.user)
    assert message.is_encrypted
    assert message.content == await desk.blobs.get(sent.raw.digest)
    assert b"eve@" not in message.content
    read = summarise(message.content)
    assert read.text.split() == [".Hello", ".", "Grüße"]
    assert read.message_id == sent.message_id
    assert read.message_id == f"{EMAIL}.{desk.identity.sign('message-id', EMAIL)}@example.test"
    assert [o.outcome for o in sent.outcomes] == ["sent"] * 3


async def test_mail_leaves_by_a_way_out_that_is_nobodys_own(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """The system's server, known from the log before there is a row and by the row after."""
    added = await desk.add_smtp_account(smtp_sink)
    by_system = order(
        account_id=added.smtp_account_id, sent_from=Mailbox(name=None, address="crm@example.test")
    )
    async with desk.delivering():
        answer = await desk.send(by_system)
        await _state_becomes(desk, "sent")

    [message] = smtp_sink.messages
    assert answer == Done(position="OUTBOUND:1", id=EMAIL)
    assert "crm@example.test" == message.mail_from


async def test_the_same_order_again_is_the_same_message(desk: Desk, smtp_sink: SmtpSink) -> None:
    """Whenever it is repeated, by whatever command, it is sent once."""
    await desk.add_account(smtp_sink)
    async with desk.delivering():
        first = await desk.send()
        await _state_becomes(desk, "sent")
        desk.clock.turn(timedelta(hours=1))
        again = await desk.send()
        elsewhere = await desk.send(order(command_id=UUID(int=6)))

    assert first == Done(position="OUTBOUND:1", id=EMAIL)
    assert again == Done(position="OUTBOUND:1", id=EMAIL, created=False)
    assert elsewhere == again
    assert len(smtp_sink.messages) == 1


async def test_other_words_under_the_same_id_are_refused(desk: Desk, smtp_sink: SmtpSink) -> None:
    """The first message stands; the caller learns that the id is taken."""
    await desk.add_account(smtp_sink)
    await desk.send()

    answer = await desk.send(order(text="Something else\n"))
    hidden = await desk.send(order(bcc=(BLIND,)))

    assert isinstance(answer, Refused)
    assert isinstance(hidden, Refused)
    assert (answer.reason, answer.pointer) == ("id-taken", "/email_id")
    assert await desk.types() == ["SendRequested"]


async def test_an_order_that_is_refused_leaves_nothing_behind(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Neither an event nor a message; a word of why."""
    await desk.add_account(smtp_sink)
    not_mine = await desk.send(order(author_id="9" * 32))
    injected = await desk.send(order(subject="Offer\r\nBcc: eve@example.test"))

    assert isinstance(not_mine, Refused)
    assert isinstance(injected, Refused)
    assert (not_mine.reason, injected.reason) == ("account-unknown", "line-break")
    assert await desk.store.end("OUTBOUND") == 0


async def test_one_refused_recipient_does_not_stop_the_others(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """One recipient, one outcome, with the server's words."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("RCPT", "550 5.1.1 no such user", recipient=BOB.address)
    async with desk.delivering():
        await desk.send(order(cc=(BOB,)))
        await _state_becomes(desk, "partial")

    sent = await _last(desk, MessageSent)
    [message] = smtp_sink.accepted
    assert message.recipients == (ADA.address,)
    assert [(o.address, o.outcome, o.code) for o in sent.outcomes] == [
        (ADA.address, "sent", 250),
        (BOB.address, "failed", 550),
    ]
    assert sent.outcomes[1].text == "5.1.1 no such user"


async def test_a_4yz_is_tried_again_when_its_time_has_come(desk: Desk, smtp_sink: SmtpSink) -> None:
    """Not before half an hour, and then once."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("DATA", "451 4.7.1 come back later", times=1)
    async with desk.delivering() as rounds:
        await desk.send()
        await eventually(lambda: _has(desk, "DeliveryDeferred"))
        deferred = await _last(desk, DeliveryDeferred)
        desk.clock.turn(timedelta(minutes=29))
        rounds.wake()
        await _state_becomes(desk, "queued")
        before = len(smtp_sink.messages)
        desk.clock.turn(timedelta(days=1))
        rounds.wake()
        await _state_becomes(desk, "sent")

    assert deferred.outcomes[0].text == "4.7.1 come back later"
    assert before == 1
    assert len(smtp_sink.accepted) == 1


async def _has(desk: Desk, name: str) -> bool:
    return name in await desk.types()


async def test_a_5yz_fails_with_the_servers_words(desk: Desk, smtp_sink: SmtpSink) -> None:
    """Nobody gets it, and the author reads why."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("DATA", "554 5.7.1 this is spam")
    async with desk.delivering():
        await desk.send()
        await _state_becomes(desk, "failed")

    assert (await _last(desk, DeliveryFailed)).text == "554 5.7.1 this is spam"
    assert smtp_sink.accepted == []


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT"])
async def test_a_line_cut_before_the_message_is_tried_again(
    desk: Desk, smtp_sink: SmtpSink, verb: str
) -> None:
    """The server cannot have it: nothing is uncertain."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer(verb, DROP, times=1)  # type: ignore[arg-type]  # pytest gives a str
    async with desk.delivering() as rounds:
        await desk.send()
        await eventually(lambda: _has(desk, "DeliveryDeferred"))
        desk.clock.turn(timedelta(minutes=2))
        rounds.wake()
        await _state_becomes(desk, "sent")

    assert len(smtp_sink.messages) == 1


async def test_a_line_cut_after_the_message_is_uncertain_and_never_repeated(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """The server took it and cut the line before its answer: a person decides, not we."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("DATA", DROP)
    async with desk.delivering() as rounds:
        await desk.send()
        await _state_becomes(desk, "uncertain")
        desk.clock.turn(timedelta(days=30))
        rounds.wake()
        smtp_sink.behave()
        await desk.send(order(email_id="1" * 32))
        await _state_becomes(desk, "sent", "1" * 32)

    text = (await _last(desk, DeliveryBecameUncertain)).text
    assert "may have arrived" in text
    assert [len(smtp_sink.messages), len(smtp_sink.accepted)] == [2, 1]


async def test_a_wrong_password_says_so(desk: Desk, smtp_sink: SmtpSink) -> None:
    """The message fails at once: repeating a wrong password locks accounts."""
    await desk.add_account(smtp_sink, password="wrong")
    async with desk.delivering():
        await desk.send()
        await _state_becomes(desk, "failed")

    text = (await _last(desk, DeliveryFailed)).text
    assert "did not accept user name and password" in text
    assert smtp_sink.messages == []


async def test_a_wrong_certificate_says_so_and_gets_no_password(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    """Without the authority's file the server is a stranger: nothing is sent to it."""
    await desk.add_account(smtp_sink)
    stranger = replace(desk, ca_file=None)
    async with stranger.delivering():
        await stranger.send()
        await eventually(lambda: _has(stranger, "DeliveryDeferred"))

    text = (await _last(desk, DeliveryDeferred)).outcomes[0].text
    assert "certificate is not valid" in text
    assert not [line for line in smtp_sink.commands if line.startswith("AUTH")]


async def test_starttls_is_never_stripped(desk: Desk, new_smtp_sink: NewSink) -> None:
    """A server that does not offer it gets neither password nor message."""
    bare = new_smtp_sink(SinkOptions(tls="none"))
    await desk.add_account(bare, tls="starttls")
    async with desk.delivering():
        await desk.send()
        await eventually(lambda: _has(desk, "DeliveryDeferred"))

    assert "STARTTLS" in (await _last(desk, DeliveryDeferred)).outcomes[0].text
    assert [line.split()[0] for line in bare.commands] == ["EHLO"]


async def test_implicit_tls_delivers(desk: Desk, new_smtp_sink: NewSink) -> None:
    """Port 465's way (RFC 8314 section 3.3)."""
    sink = new_smtp_sink(SinkOptions(tls="implicit"))
    await desk.add_account(sink, tls="implicit")
    async with desk.delivering():
        await desk.send()
        await _state_becomes(desk, "sent")

    assert [message.is_encrypted for message in sink.accepted] == [True]


async def test_an_address_beyond_ascii_needs_smtputf8(desk: Desk, new_smtp_sink: NewSink) -> None:
    """Asked for only when needed; without it that recipient fails, and the words say why."""
    old = new_smtp_sink(SinkOptions(offers_smtputf8=False))
    await desk.add_account(old)
    async with desk.delivering():
        await desk.send(order(bcc=(Mailbox(address="zoë@example.test"),)))
        await _state_becomes(desk, "partial")

    assert "SMTPUTF8" in (await _last(desk, MessageSent)).outcomes[1].text
    assert [message.recipients for message in old.accepted] == [(ADA.address,)]


async def test_a_message_over_the_servers_size_fails_before_it_is_sent(
    desk: Desk, new_smtp_sink: NewSink
) -> None:
    """SIZE (RFC 1870) tells; no byte of the message leaves."""
    small = new_smtp_sink(SinkOptions(size_limit=1000))
    await desk.add_account(small)
    async with desk.delivering():
        await desk.send(order(text="x" * 70 + "\n" + "Hello\n" * 300))
        await _state_becomes(desk, "failed")

    assert "takes 1000" in (await _last(desk, DeliveryFailed)).text
    assert not [line for line in small.commands if line.startswith("MAIL")]


async def test_a_message_of_megabytes_arrives_as_it_is(desk: Desk, smtp_sink: SmtpSink) -> None:
    """Handed over block by block, to the last dot."""
    await desk.add_account(smtp_sink)
    async with desk.delivering():
        await desk.send(order(text="." + "x" * 60 + "\n" + "A line of text.\n" * 200_000))
        await _state_becomes(desk, "sent")

    requested = (await desk.facts())[0]
    assert isinstance(requested, SendRequested)
    assert smtp_sink.accepted[0].content == await desk.blobs.get(requested.raw.digest)


async def test_causes_are_chained(desk: Desk, smtp_sink: SmtpSink) -> None:
    """Every fact names the one before it and the order that began it."""
    await desk.add_account(smtp_sink)
    async with desk.delivering():
        await desk.send()
        await _state_becomes(desk, "sent")

    history = await desk.store.load(subjects.outbound(EMAIL))
    command = str(order().command_id)
    assert [r.correlation_id for r in history] == [command] * 3
    assert [r.causation_id for r in history] == [command, history[0].id, history[1].id]
    assert [r.version for r in history] == [1, 2, 3]
