"""The whole system on one machine, through its front doors: command line, HTTP, IMAP and SMTP."""

import imaplib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from courrier.local.ports import HOST, free_port

pytestmark = pytest.mark.e2e

COURRIER = (sys.executable, "-c", "from courrier.events.cli.main import main; main()")
CUSTOMER = "ines.caldwell@northlight.example"
AT_ONCE = {"send": True, "options": {"undo_seconds": 0}}
FIRST_START_S = 60.0
SECOND_START_S = 5.0
TRIES = 3  # the machine may be busy with other tests
STOP_S = 5.0
MAIL_S = 30.0
REQUEST_S = 10.0
POLL_S = 0.1
IN_THE_INBOX = 42


@dataclass(slots=True)
class Machine:
    """``courrier up --json`` in a directory of its own."""

    data_dir: Path
    port: int
    process: "subprocess.Popen[str] | None" = None
    token: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The two variables that choose the system."""
        chosen = {"COURRIER_DATA_DIR": str(self.data_dir), "COURRIER_PORT": str(self.port)}
        return {**os.environ, **chosen}

    def up(self) -> tuple[dict[str, Any], float]:
        """Return the one line, and how many seconds it took."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [*COURRIER, "up", "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        took_s = time.monotonic() - began
        assert line, self.process.communicate(timeout=STOP_S)[1]
        return json.loads(line), took_s

    def down(self) -> tuple[int, str, float]:
        """Interrupt it; return exit code, standard error, and how many seconds it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=STOP_S * 4)
        return self.process.returncode, said, time.monotonic() - began

    def shell(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a command in a second shell."""
        return subprocess.run(
            [*COURRIER, *words],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=FIRST_START_S,
            check=False,
        )

    def log_in(self) -> None:
        """Make an administrator's token in a second shell."""
        done = self.shell("token", "create", "--user", "admin", "--json")
        assert done.returncode == 0, done.stderr
        self.token = json.loads(done.stdout)["token"]

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """GET, or POST a body."""
        request = urllib.request.Request(
            f"http://{HOST}:{self.port}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=REQUEST_S) as answer:
            return dict(json.load(answer))

    def inbox(self) -> list[dict[str, Any]]:
        """Return the newest e-mails of the administrator's inbox."""
        return list(self.ask("/emails?folder=inbox&limit=100")["items"])


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which Courrier was started for the first time, and is stopped at the end."""
    made = Machine(tmp_path_factory.mktemp("machine") / "data", free_port())
    yield made
    if made.process is not None and made.process.poll() is None:
        made.down()


@pytest.fixture(scope="module")
def first(machine: Machine) -> tuple[dict[str, Any], float]:
    """What the first start said, and how long it took."""
    started = machine.up()
    machine.log_in()
    return started


@pytest.fixture(scope="module")
def ready(first: tuple[dict[str, Any], float]) -> dict[str, Any]:
    """The line that the first start printed."""
    return first[0]


def until(condition: Callable[[], bool], timeout_s: float = MAIL_S) -> None:
    """Return once it holds."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(POLL_S)


def test_the_first_start_is_ready_within_a_minute(
    first: tuple[dict[str, Any], float], machine: Machine
) -> None:
    """From an empty directory, the demo included; one line says where everything is."""
    ready, took_s = first

    assert took_s < FIRST_START_S
    assert ready["ready"] is True
    assert ready["url"] == f"http://{HOST}:{machine.port}"
    assert ready["data_dir"] == str(machine.data_dir)


@pytest.mark.usefixtures("ready")
def test_the_demo_mailbox_arrives_linked_to_its_records(machine: Machine) -> None:
    """Every message of the demo's mailbox, with the person behind it."""
    until(lambda: len(machine.inbox()) >= IN_THE_INBOX)

    received = next(one for one in machine.inbox() if one["from"]["address"] == CUSTOMER)
    assert received["from"]["person"]["type"] == "contact"
    assert received["parent"]["name"]
    assert len({one["message_id"] for one in machine.inbox()}) == len(machine.inbox())


def test_a_reply_reaches_the_customer_whose_answer_arrives(
    machine: Machine, ready: dict[str, Any]
) -> None:
    """Out by SMTP, in by IMAP, in one conversation."""
    until(lambda: any(one["from"]["address"] == CUSTOMER for one in machine.inbox()))
    received = next(one for one in machine.inbox() if one["from"]["address"] == CUSTOMER)

    machine.ask(f"/emails/{received['id']}:reply", {"text": "The sizes are right."} | AT_ONCE)

    until(lambda: _messages_of_customer(ready["demo"]) == 1)
    until(lambda: any(_answers(one, received) for one in machine.inbox()))


@pytest.mark.usefixtures("ready")
def test_a_draft_is_written_taken_back_and_sent(machine: Machine) -> None:
    """About a record, with a reminder: it ends in Sent under the id that it began with."""
    (contact,) = machine.ask(f"/people?q={CUSTOMER}")["items"][:1]
    about = {"type": contact["type"], "id": contact["id"]}
    draft = machine.ask("/emails", {"parent": about, "subject": "Sizes", "text": "Medium?"})
    path = f"/emails/{draft['id']}"

    machine.ask(f"{path}:send", {"at": "in 3 days", "remind": "in 9 days"})
    waiting = machine.ask(path)["status"]
    back = machine.ask(f"{path}:cancel", {})
    machine.ask(f"{path}:send", {"undo_seconds": 0, "remind": "in 9 days"})
    until(lambda: machine.ask(path)["status"] == "sent")
    until(lambda: machine.ask(path)["folder"] == "sent")
    sent = machine.ask(path)

    assert ("scheduled", "draft") == (waiting, back["status"])
    assert ("by-hand", contact["id"]) == (sent["parent"]["reason"]["rule"], sent["parent"]["id"])
    assert "Medium?" in sent["text"]
    assert [] == machine.ask("/emails?folder=drafts")["items"]


@pytest.mark.usefixtures("ready")
def test_a_mailbox_is_tried_from_a_shell(machine: Machine) -> None:
    """The demo's works; where nobody listens that is said in plain words."""
    (account,) = machine.ask("/email-accounts")["items"]

    works = machine.shell("account", "test", account["id"])
    nobody = machine.shell(
        "account", "test", f"imaps://ada@{HOST}:1", "--password-stdin", given="x\n"
    )

    assert (0, "The mailbox can be read: 2 folders.\n") == (works.returncode, works.stdout)
    assert 1 == nobody.returncode
    assert "refuses connections. Check the port." in nobody.stdout


@pytest.mark.long
def test_the_next_start_continues_within_five_seconds(tmp_path: Path) -> None:
    """Ctrl-C stops everything in time; the next start has the same mail on the same ports."""
    machine = Machine(tmp_path / "data", free_port())
    before, _ = machine.up()
    machine.log_in()
    until(lambda: len(machine.inbox()) >= IN_THE_INBOX)
    code, said, stopped_s = machine.down()
    starts: list[float] = []
    while len(starts) < TRIES and min(starts, default=SECOND_START_S) >= SECOND_START_S:
        after, started_s = machine.up()
        starts.append(started_s)
        ids = {one["id"] for one in machine.inbox()}
        machine.down()

    assert (code, said) == (0, "")
    assert stopped_s < STOP_S
    assert before == after
    assert min(starts) < SECOND_START_S
    assert len(ids) >= IN_THE_INBOX


def _messages_of_customer(demo: dict[str, Any]) -> int:
    tls = ssl.create_default_context(cafile=demo["ca_file"])
    client = imaplib.IMAP4_SSL(HOST, demo["imap_port"], ssl_context=tls, timeout=REQUEST_S)
    client.login(CUSTOMER, demo["password"])
    _, (count,) = client.select("INBOX", readonly=True)
    client.logout()
    return int(count or b"0")


def _answers(email: dict[str, Any], received: dict[str, Any]) -> bool:
    same = email["thread_id"] == received["thread_id"]
    later = email["date"] > received["date"]
    return bool(same and later and email["from"]["address"] == CUSTOMER)
