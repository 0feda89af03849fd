"""A filter keeps mail out of a whole system; it is taken back in time, or gone from every store."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from courrier.local.ports import free_port
from e2e.test_erasure import Scene, mail
from e2e.test_one_machine import IN_THE_INBOX, Machine, until

pytestmark = [pytest.mark.e2e, pytest.mark.long]

MARK, OTHER = ("xq" + os.urandom(8).hex(), "yw" + os.urandom(8).hex())
DELAY_S = 8
PURGED_WITHIN_S = 150.0
"""The delay, a minute in which nobody stored the bytes, and some seconds of work."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A machine with the demo's mailbox."""
    directory = tmp_path_factory.mktemp("skipped")
    machine = Machine(directory / "data", free_port())
    ready, _ = machine.up()
    machine.log_in()
    try:
        until(lambda: len(machine.inbox()) >= IN_THE_INBOX)
        yield Scene(machine, directory / "archive", ready["demo"])
    finally:
        machine.down()


def skipped(scene: Scene, account_id: str) -> list[dict[str, Any]]:
    """Return what is listed as kept out."""
    found: list[dict[str, Any]] = scene.machine.ask(f"/email-accounts/{account_id}/skipped")[
        "items"
    ]
    return found


def stores_with(scene: Scene, word: str) -> set[str]:
    """Return which stores hold the word; the files of tables are not vacuumed."""
    return scene.stores_with(word) - {"postgres"}


def test_what_is_kept_out_is_taken_back_or_gone(scene: Scene) -> None:
    """Two messages come; one is taken back, of the other no store holds a byte in the end."""
    (account,) = scene.machine.ask("/email-accounts")["items"]
    rule = {"name": "Lamps", "scope": "account", "account_id": account["id"], "action": "skip"}
    criteria = {"subject": "About *", "recovery_delay_s": DELAY_S}
    scene.machine.ask("/filters", rule | criteria)
    before = len(scene.machine.inbox())
    for number, word in ((1, MARK), (2, OTHER)):
        scene.deliver(mail(number, sender=f"{word}@lamps.test", word=word))
    until(lambda: len(skipped(scene, account["id"])) == 2)
    listed = {each["from"]["name"]: each for each in skipped(scene, account["id"]) if each["from"]}

    undone = scene.machine.ask("/decisions:undo", {"decision_id": listed[OTHER]["decision_id"]})
    archived = scene.command("archive", "run", "--once", "--blobs")
    held = stores_with(scene, MARK)
    until(lambda: stores_with(scene, MARK) <= {"archive"}, PURGED_WITHIN_S)
    scene.command("archive", "run", "--once", "--blobs")
    (ledger,) = [
        each
        for each in scene.machine.ask(f"/email-accounts/{account['id']}/ledger")["folders"]
        if each["folder"] == "INBOX"
    ]
    states = {each["decision_id"]: each["state"] for each in skipped(scene, account["id"])}

    assert 1 == undone["undone"]
    assert archived.returncode == 0, archived.stderr
    assert {"nats", "archive"} <= held
    assert set() == stores_with(scene, MARK)
    assert {"nats", "archive"} <= stores_with(scene, OTHER)
    assert before + 1 == len(scene.machine.inbox())
    assert 1 == sum(n for why, n in ledger["left_out"].items() if why.startswith("rule:"))
    assert {"gone", "recalled"} == set(states.values())
