"""A person's mail is erased from the bytes of every store, and nobody else's is touched."""

import base64
import imaplib
import json
import os
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from courrier.local.ports import HOST, free_port
from e2e.test_one_machine import COURRIER, IN_THE_INBOX, Machine, until
from support.byte_search import files_with

pytestmark = pytest.mark.e2e

OUTSIDE = ("demo",)
"""The demo's mail server is another party's: what it keeps is not ours to erase."""
AT_ONCE = {"send": True, "options": {"undo_seconds": 0}}
COMMAND_S = 120.0
MAILBOX = "hello@halcyon.example"
MARK = "xq" + os.urandom(8).hex()
"""Stands in every part of the mail to be erased, and nowhere else."""
OTHER = "yw" + os.urandom(8).hex()
"""Stands in somebody else's mail."""
PERSON = f"{MARK}@person.example"


@dataclass(slots=True)
class Scene:
    """A machine whose stores all hold ``MARK``."""

    machine: Machine
    archive: Path
    demo: dict[str, Any]
    kept: str = ""

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run ``courrier`` in a second shell."""
        environment = self.machine.environment | {"COURRIER_ARCHIVE": str(self.archive)}
        return subprocess.run(
            [*COURRIER, *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )

    def stores_with(self, text: str) -> set[str]:
        """Return which of our stores hold the text on disk."""
        found = files_with(self.machine.data_dir, text, but=OUTSIDE)
        stores = {path.split("/")[0] for path in found}
        return stores | ({"archive"} if files_with(self.archive, text) else set())

    def hand_in(self, raw: bytes) -> tuple[int, dict[str, Any]]:
        """Import a message; return status and answer."""
        request = urllib.request.Request(
            f"http://{HOST}:{self.machine.port}/api/v1/emails/import",
            data=raw,
            headers={
                "Authorization": f"Bearer {self.machine.token}",
                "Content-Type": "message/rfc822",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=COMMAND_S) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def deliver(self, raw: bytes) -> None:
        """Put a message into the administrator's mailbox at the demo's provider."""
        tls = ssl.create_default_context(cafile=self.demo["ca_file"])
        client = imaplib.IMAP4_SSL(HOST, self.demo["imap_port"], ssl_context=tls, timeout=10)
        client.login(self.demo["address"], self.demo["password"])
        client.append("INBOX", "", imaplib.Time2Internaldate(1_790_000_000), raw)
        client.logout()

    def from_person(self) -> list[dict[str, Any]]:
        """Return the person's e-mails in the inbox."""
        return [e for e in self.machine.inbox() if e["from"]["address"] == PERSON]


def mail(number: int, *, sender: str = PERSON, word: str = MARK) -> bytes:
    """Return a message with the word in every part of it, too varied to be compressed."""
    noise = base64.b64encode(os.urandom(9000)).decode()
    lines = "\r\n".join(f"{noise[i : i + 60]} {word}" for i in range(0, len(noise), 60))
    return (
        f"From: {word} <{sender}>\r\nTo: {MAILBOX}\r\nSubject: About {word} {number}\r\n"
        f"Date: Mon, 02 Mar 2026 12:00:0{number} +0000\r\nMessage-ID: <{number}.{word}@x.test>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{lines}\r\n"
        f'--b\r\nContent-Type: text/csv; name="{word}.csv"\r\n'
        f'Content-Disposition: attachment; filename="{word}.csv"\r\n\r\n'
        f"{word},{number}\r\n--b--\r\n"
    ).encode()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Received twice, answered once, a contact in the CRM, all of it archived."""
    directory = tmp_path_factory.mktemp("erasure")
    machine = Machine(directory / "data", free_port())
    ready, _ = machine.up()
    machine.log_in()
    scene = Scene(machine, directory / "archive", ready["demo"])
    try:
        _play(scene)
        yield scene
    finally:
        machine.down()


def _play(scene: Scene) -> None:
    until(lambda: len(scene.machine.inbox()) >= IN_THE_INBOX)
    fields = {"first_name": MARK, "last_name": MARK, "email_addresses": [PERSON]}
    scene.machine.ask("/records/contact", fields)
    status, other = scene.hand_in(mail(9, sender="other@other.example", word=OTHER))
    assert status == 201
    scene.kept = other["id"]
    status, first = scene.hand_in(FIRST)
    assert status == 201
    scene.deliver(SECOND)
    until(lambda: len(scene.from_person()) == 2)
    to = [{"name": MARK, "address": PERSON}, {"address": MAILBOX}]
    scene.machine.ask(f"/emails/{first['id']}:reply", {"text": f"Dear {MARK}", "to": to} | AT_ONCE)
    until(lambda: scene.machine.ask(f"/emails/{first['id']}")["is_replied"])
    archived = scene.command("archive", "run", "--once", "--blobs")
    assert archived.returncode == 0, archived.stderr


FIRST, SECOND = mail(1), mail(2)


def test_what_was_erased_is_in_no_store_and_cannot_come_back(scene: Scene) -> None:
    """Broker, blobs, database with its log, archive and log files hold no byte of it."""
    before = scene.stores_with(MARK)
    looked = scene.command("erase", PERSON, "--dry-run", "--json")
    erased = scene.command("erase", PERSON, "--yes", "--json")

    assert {"nats", "postgres", "archive"} <= before
    assert looked.returncode == 0, looked.stderr
    assert erased.returncode == 0, erased.stderr
    report = json.loads(erased.stdout)
    assert report["finished"] is True
    assert report["planned"] == json.loads(looked.stdout)["planned"]
    assert report["removed"]["emails"] == 3
    assert scene.stores_with(MARK) == set()
    assert scene.from_person() == []


def test_nobody_elses_mail_was_touched(scene: Scene) -> None:
    """It is read as before, byte by byte, and the views are what the log says."""
    other = scene.machine.ask(f"/emails/{scene.kept}")
    verified = scene.command("verify")

    assert OTHER in other["text"]
    assert {"nats", "postgres", "archive"} <= scene.stores_with(OTHER)
    assert len(scene.machine.inbox()) >= IN_THE_INBOX + 1
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_copy_of_what_was_erased_is_refused(scene: Scene) -> None:
    """By hand and by the mailbox, whose ledger says why; not a byte of it is stored again."""
    status, problem = scene.hand_in(FIRST)
    scene.deliver(SECOND)
    ledger = '"reason": "erased"'
    until(lambda: ledger in scene.command("events", "tail", "mailbox").stdout)

    assert status == 409
    assert "erased" in problem["detail"]
    assert scene.from_person() == []
    assert scene.stores_with(MARK) == set()
