"""A whole ``courrier up`` whose parts are killed while mail comes in and replies go out."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from courrier.local.data_directory import DataDirectory
from courrier.local.ports import HOST, free_port
from courrier.local.processes import Identity
from courrier.local.status_file import read_status
from courrier.mail.parse import summarise
from support.builders import raw_message
from support.imap_accounts import ImapAccount
from support.smtp_sink import SmtpSink

COURRIER = (sys.executable, "-c", "from courrier.events.cli.main import main; main()")
PARTS = ("nats", "postgres", "fetcher", "linker", "sender", "gateway")
AT_ONCE = {"send": True, "options": {"undo_seconds": 0}}
START_S = 90.0
BACK_S = 60.0
SETTLED_S = 120.0
REQUEST_S = 10.0
POLL_S = 0.1
PAGE = 100
PASSING = (401, 409, 429)
"""Answers that mean 'not yet': a person or token just made, a first request under way, too many."""


@dataclass(slots=True)
class KilledSystem:
    """One system in a directory of its own; ``asked`` are replies that were taken over."""

    data_dir: Path
    mailbox: ImapAccount
    sink: SmtpSink
    port: int = field(default_factory=free_port)
    token: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    put: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Start it, and let it fetch from and send through the test's servers."""
        self.process = subprocess.Popen(
            [*COURRIER, "up", "--no-demo", "--json"],
            env=self._variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline(), self.process.communicate(timeout=START_S)[1]
        words = ("token", "create", "--user", "admin", "--json")
        made = subprocess.run(
            [*COURRIER, *words],
            env=self._variables(),
            capture_output=True,
            text=True,
            timeout=START_S,
            check=True,
        )
        self.token = json.loads(made.stdout)["token"]
        imap = {"host": self.mailbox.host, "port": self.mailbox.port, "tls": "implicit"}
        smtp = {"host": self.sink.host, "port": self.sink.port, "tls": "starttls"}
        body = {
            "name": "Work",
            "address": "grace@example.test",
            "imap": imap | {"user": self.mailbox.user, "password": self.mailbox.password},
            "smtp": smtp | {"user": self.sink.user, "password": self.sink.password},
        }
        self.insist("/email-accounts", body)

    def stop(self) -> None:
        """Stop it, however it is."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=START_S)

    def receive(self, count: int) -> None:
        """Let mail arrive."""
        ids = [f"{uuid4().hex}@killed.test" for _ in range(count)]
        self.mailbox.append_all("INBOX", [raw_message(message_id=f"<{each}>") for each in ids])
        self.put += ids

    def reply(self, count: int) -> None:
        """Answer the newest e-mails; each order is repeated until it is taken over."""
        self.wait_until(lambda: bool(self.inbox()))
        for received in self.inbox()[:count]:
            text = {"text": f"Answer {len(self.asked)}"} | AT_ONCE
            self.asked.append(self.insist(f"/emails/{received['id']}:reply", text)["id"])

    def kill(self, name: str, dice: random.Random) -> None:
        """Kill a part between any two instructions."""
        who = self._parts().get(name)
        if who and who.is_alive():
            os.kill(who.pid, signal.SIGKILL)
            self.killed.append(name)
            if dice.random() < 0.7:  # otherwise the next one dies while this one is down
                self.wait_until(lambda: self._is_back(name, who), BACK_S)

    def inbox(self) -> list[dict[str, Any]]:
        """Return all e-mails of the inbox, as people see them."""
        found: list[dict[str, Any]] = []
        path = f"/emails?folder=inbox&limit={PAGE}"
        while True:
            answer = self.insist(path)
            found += answer["items"]
            if not answer.get("next"):
                return found
            path = f"/emails?folder=inbox&limit={PAGE}&cursor={answer['next']}"

    def summary(self) -> dict[str, Any]:
        """Wait until nothing moves any more, and count."""
        self.wait_until(self._is_settled, SETTLED_S)
        received = Counter(one["message_id"] for one in self.inbox())
        copies = Counter(
            str(summarise(message.content).message_id).partition(".")[0]
            for message in self.sink.messages
        )
        states = Counter(self._state(each) for each in self.asked)
        return {
            "received": len(self.put),
            "received_lost": sum(received[each] == 0 for each in self.put),
            "received_duplicated": sum(number > 1 for number in received.values()),
            "asked": len(self.asked),
            "sent": states["sent"],
            "sent_duplicated": sum(number > 1 for number in copies.values()),
            "sent_lost": sum(self._state(e) == "sent" and not copies[e] for e in self.asked),
            "uncertain": [each for each in self.asked if self._state(each) == "uncertain"],
            "killed": dict(Counter(self.killed)),
        }

    def insist(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask until there is an answer, with the same key each time."""
        key, answers = uuid4().hex, []

        def is_answered() -> bool:
            try:
                answers.append(self._ask(path, body, key))
            except urllib.error.HTTPError as error:
                if error.code not in PASSING and error.code < 500:
                    raise
            except (OSError, ValueError):
                return False
            return bool(answers)

        self.wait_until(is_answered, BACK_S)
        return dict(answers[0])

    def _ask(self, path: str, body: dict[str, Any] | None, key: str) -> Any:
        request = urllib.request.Request(
            f"http://{HOST}:{self.port}/api/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **({"Idempotency-Key": key} if body is not None else {}),
            },
        )
        with urllib.request.urlopen(request, timeout=REQUEST_S) as answer:
            return json.load(answer)

    def _state(self, email_id: str) -> str:
        delivery = self.insist(f"/emails/{email_id}")["delivery"]
        return str(delivery["state"]) if delivery else "unknown"

    def _is_settled(self) -> bool:
        is_all_here = {one["message_id"] for one in self.inbox()} >= set(self.put)
        return is_all_here and all(self._state(e) in ("sent", "uncertain") for e in self.asked)

    def _is_back(self, name: str, before: Identity) -> bool:
        now = self._parts().get(name)
        return now is not None and now.pid != before.pid

    def _parts(self) -> dict[str, Identity]:
        status = read_status(DataDirectory(self.data_dir).status)
        found = {name: part.identity for name, part in (status.parts if status else {}).items()}
        return {name: who for name, who in found.items() if who is not None}

    def _variables(self) -> dict[str, str]:
        return {
            **os.environ,
            "COURRIER_DATA_DIR": str(self.data_dir),
            "COURRIER_PORT": str(self.port),
            "COURRIER_EXTRA_CA_FILE": str(self.mailbox.ca_file),
            **self.environment,
        }

    def wait_until(self, condition: Callable[[], bool], within_s: float = BACK_S) -> None:
        """Return once it holds."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"not within {within_s} s; killed {self.killed}"
            time.sleep(POLL_S)
