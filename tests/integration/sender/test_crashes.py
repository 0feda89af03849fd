"""Killed at any step, each message is sent once or listed as uncertain: never blindly twice."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from courrier.events.bus import Answer, CommandBus, NoAnswer
from courrier.events.commands.answers import Done
from courrier.events.lease import Leases
from courrier.mail.parse import summarise
from integration.sender.desk import Desk
from integration.sender.process import SenderProcesses, kill, sender_processes
from support.builders import EMAIL
from support.certificates import Certificates
from support.smtp_sink import STALL, SmtpSink
from support.waiting import eventually
from unit.sender.orders import order

pytestmark = pytest.mark.integration

TAKEN_OVER_S = 30.0
"""A killed holder's lease lasts eight seconds; a start takes one or two more, on a busy machine."""
STANDBY_S = 15.0
"""A second sender that runs already has to send again within so many seconds."""


@pytest.fixture
def senders(
    tmp_path: Path,
    nats_url: str,
    database_url: str,
    *,
    master_key: str,
    certificates: Certificates,
) -> Iterator[SenderProcesses]:
    """Real processes on this test's servers."""
    with sender_processes(
        tmp_path,
        nats_url=nats_url,
        database_url=database_url,
        master_key=master_key,
        ca_file=certificates.ca_file,
    ) as made:
        yield made


def _ids(count: int) -> list[str]:
    return [f"{number:032x}" for number in range(1, count + 1)]


async def _becomes(desk: Desk, *types: str, email_id: str = EMAIL) -> None:
    async def is_so() -> bool:
        assert await desk.types(email_id) == list(types)
        return True

    await eventually(is_so, TAKEN_OVER_S)


async def _answered(bus: CommandBus) -> Answer:
    """Ask until a sender that has just been started listens; the same order is carried out once."""
    answers: list[Answer] = []

    async def is_so() -> bool:
        try:
            answers.append(await bus.ask(order()))
        except NoAnswer:
            return False
        return True

    await eventually(is_so, TAKEN_OVER_S)
    return answers[0]


async def _settled(desk: Desk, email_ids: list[str]) -> Counter[str]:
    states: list[str | None] = []

    async def is_so() -> bool:
        states[:] = [await desk.state(email_id) for email_id in email_ids]
        return set(states) <= {"sent", "uncertain"}

    await eventually(is_so, TAKEN_OVER_S)
    return Counter(str(state) for state in states)


def _copies(sink: SmtpSink) -> Counter[str]:
    """Return how often the server saw each message through to its final dot."""
    return Counter(str(summarise(message.content).message_id) for message in sink.messages)


async def test_killed_before_the_intent_it_is_sent_by_the_next(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses, *, bus: CommandBus, leases: Leases
) -> None:
    """Asked over the bus, acknowledged, killed: the message is on the log and leaves once."""
    await desk.add_account(smtp_sink)
    async with leases.hold("sender.delivery.0"):
        first = senders.start()
        answer = await _answered(bus)
        kill(first)
    senders.start()
    await _becomes(desk, "SendRequested", "DeliveryStarted", "MessageSent")

    assert answer == Done(position="OUTBOUND:1", id=EMAIL)
    assert len(smtp_sink.accepted) == 1


async def test_killed_after_the_intent_it_is_uncertain(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses
) -> None:
    """Nobody can know how far it came: it is listed, and others go on."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("MAIL", STALL, times=1)
    first = senders.start()
    await desk.send()
    await eventually(lambda: any(line.startswith("MAIL") for line in smtp_sink.commands))
    kill(first)
    senders.start()
    await desk.send(order(email_id="1" * 32))
    await _becomes(desk, "SendRequested", "DeliveryStarted", "DeliveryBecameUncertain")
    await _becomes(desk, "SendRequested", "DeliveryStarted", "MessageSent", email_id="1" * 32)

    assert [len(smtp_sink.messages), len(smtp_sink.accepted)] == [1, 1]


async def test_killed_after_the_final_dot_it_is_uncertain_and_not_repeated(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses
) -> None:
    """The server has it, and the log does not know: the next sender leaves it alone."""
    await desk.add_account(smtp_sink)
    smtp_sink.answer("DATA", STALL, times=1)
    first = senders.start()
    await desk.send()
    await eventually(lambda: len(smtp_sink.messages) == 1)
    kill(first)
    senders.start()
    await desk.send(order(email_id="1" * 32))
    await _becomes(desk, "SendRequested", "DeliveryStarted", "DeliveryBecameUncertain")
    await _becomes(desk, "SendRequested", "DeliveryStarted", "MessageSent", email_id="1" * 32)

    assert set(_copies(smtp_sink).values()) == {1}


async def test_a_second_sender_takes_over_within_fifteen_seconds(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses
) -> None:
    """It stands by with the lease in sight; from the kill to the next message's answer."""
    await desk.add_account(smtp_sink)
    first = senders.start()
    await eventually(lambda: "delivery.ready" in senders.log(0), TAKEN_OVER_S)
    senders.start()
    await eventually(lambda: "service.started" in senders.log(1), TAKEN_OVER_S)
    killed = time.monotonic()
    kill(first)
    await desk.send()
    await _becomes(desk, "SendRequested", "DeliveryStarted", "MessageSent")

    assert time.monotonic() - killed <= STANDBY_S
    assert len(smtp_sink.accepted) == 1


@pytest.mark.timeout(180)
async def test_killed_in_the_midst_of_many_none_is_sent_twice_or_lost(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses
) -> None:
    """Two senders, killed in turn while they work: every message is sent once or uncertain."""
    await desk.add_account(smtp_sink)
    running = [senders.start(), senders.start()]
    email_ids = _ids(120)
    for number, email_id in enumerate(email_ids):
        await desk.send(order(email_id=email_id))
        if number in (40, 80):
            await eventually(lambda: len(smtp_sink.messages) >= number // 3)  # noqa: B023
            await _kill_the_one_at_work(running, senders)
            running.append(senders.start())
    states = await _settled(desk, email_ids)

    copies = _copies(smtp_sink)
    assert set(copies.values()) == {1}
    assert states["sent"] + states["uncertain"] == len(email_ids)
    assert states["uncertain"] <= 2 * 2
    assert states["sent"] <= len(copies)


async def _kill_the_one_at_work(
    running: list[subprocess.Popen[bytes]], senders: SenderProcesses
) -> None:
    """Kill the holder of the delivery lease."""

    def holder() -> subprocess.Popen[bytes] | None:
        for process in running:
            number = senders.started.index(process)
            if process.poll() is None and "delivery.ready" in senders.log(number):
                return process
        return None

    await eventually(lambda: holder() is not None, TAKEN_OVER_S)
    found = holder()
    assert found is not None
    kill(found)


@pytest.mark.parametrize(
    ("verb", "expected"), [("MAIL", "DeliveryDeferred"), ("DATA", "DeliveryBecameUncertain")]
)
async def test_asked_to_stop_it_records_what_is_known(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses, *, verb: str, expected: str
) -> None:
    """Before the final dot the message waits on; after it, it is uncertain; nothing is guessed."""
    await desk.add_account(smtp_sink)
    desk.clock.now = datetime.now(UTC)  # the process has no other clock
    smtp_sink.answer(verb, STALL)  # type: ignore[arg-type]  # pytest gives a str
    process = senders.start()
    await desk.send()
    await eventually(lambda: any(line.startswith(verb) for line in smtp_sink.commands))

    process.send_signal(signal.SIGTERM)
    process.wait(5.0)

    assert await desk.types() == ["SendRequested", "DeliveryStarted", expected]
    assert "service.stopped" in senders.log()


async def test_a_database_that_drops_its_connections_is_waited_for(
    desk: Desk, smtp_sink: SmtpSink, senders: SenderProcesses
) -> None:
    """The sender goes on without being started again."""
    await desk.add_account(smtp_sink)
    process = senders.start()
    await desk.send()
    await _becomes(desk, "SendRequested", "DeliveryStarted", "MessageSent")
    await desk.pool.execute(TERMINATE)
    await desk.send(order(email_id="1" * 32))
    await _becomes(desk, "SendRequested", "DeliveryStarted", "MessageSent", email_id="1" * 32)

    assert process.poll() is None
    assert len(smtp_sink.accepted) == 2


TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'courrier-sender'
"""
