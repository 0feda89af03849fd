"""Every part of the whole system is killed while it works: no mail lost, none doubled.

Invariants I1, I3, I6 and I10.
Received mail is counted by what people see, sent mail by what the SMTP server got.
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from invariants.killed_system import PARTS, KilledSystem
from support.imap_accounts import ImapServer
from support.smtp_sink import SmtpSink

pytestmark = [pytest.mark.integration, pytest.mark.e2e]


@pytest.fixture
def system(tmp_path: Path, dovecot: ImapServer, smtp_sink: SmtpSink) -> Iterator[KilledSystem]:
    """A running system on this test's mail servers."""
    made = KilledSystem(tmp_path / "data", dovecot.new_user(), smtp_sink)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def lose_nothing(system: KilledSystem, *, seed: int, kills: int, mails: int) -> None:
    """Kill parts at moments that the seed chooses, between mails and replies; then count."""
    dice, order = random.Random(seed), list(PARTS)
    system.receive(mails)
    for number in range(kills):
        if number % len(PARTS) == 0:
            order = dice.sample(PARTS, len(PARTS))
        system.receive(dice.randint(1, mails))
        system.reply(dice.randint(1, 3))
        system.kill(order[number % len(PARTS)], dice)
    summary = system.summary()
    sys.stdout.write(f"{json.dumps(summary)}\n")

    counted = ("received_lost", "received_duplicated", "sent_duplicated", "sent_lost")
    assert {name: summary[name] for name in counted} == dict.fromkeys(counted, 0)
    assert summary["sent"] + len(summary["uncertain"]) == summary["asked"]
    assert sum(summary["killed"].values()) > kills // 2


@pytest.mark.timeout(300)
def test_killed_parts_lose_and_double_nothing(system: KilledSystem) -> None:
    """A few deaths, while some dozens of mails pass."""
    lose_nothing(system, seed=4, kills=6, mails=8)


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [1, 2])
def test_parts_killed_again_and_again_lose_and_double_nothing(
    system: KilledSystem, seed: int
) -> None:
    """Dozens of deaths of every part, servers and services alike."""
    lose_nothing(system, seed=seed, kills=30, mails=20)

    assert set(system.killed) == set(PARTS)
