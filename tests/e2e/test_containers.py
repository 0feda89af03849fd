"""The image and ``deploy/compose.yaml``: the product as it is delivered, asked over HTTP.

Needs an engine and the images of ``deploy/images/build.sh``; no registry is asked.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from courrier.events.jetstream.permissions import SERVICES
from courrier.local.ports import HOST, free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
CUSTOMER = "ines.caldwell@northlight.example"
START_S = 120.0
MAIL_S = 30.0
REQUEST_S = 10.0
POLL_S = 0.2

Json = dict[str, Any]
T = TypeVar("T")

pytestmark = [pytest.mark.e2e, pytest.mark.docker]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A compose project of its own, its secrets, and where its gateway listens."""

    project: str
    secrets: dict[str, str]
    port: int
    token: str = ""

    def compose(self, *words: str) -> str:
        """Run docker-compose, or the engine's own ``compose``; return what it says."""
        own = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
        file = str(DEPLOY / "compose.yaml")
        done = subprocess.run(
            [*own, "-p", self.project, "-f", file, *words],
            env=os.environ | self.secrets | {"COURRIER_PORT": str(self.port)},
            capture_output=True, text=True, timeout=START_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def ask(self, path: str, body: Json | bytes | None = None) -> Json:
        """GET, or POST a body; bytes are a message."""
        kind = "message/rfc822" if isinstance(body, bytes) else "application/json"
        sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        headers = {"Content-Type": kind}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"http://{HOST}:{self.port}/api/v1{path}"
        request = urllib.request.Request(url, data=sent, headers=headers)
        with urllib.request.urlopen(request, timeout=REQUEST_S) as answer:
            return dict(json.load(answer))

    def container(self, service: str) -> Json:
        """Return what the engine knows of a service's container."""
        name = self.compose("ps", "-q", service).strip()
        said = subprocess.run(
            ["docker", "inspect", name], capture_output=True, text=True, timeout=10, check=True
        )
        return dict(json.loads(said.stdout)[0])

    def is_healthy(self, service: str) -> bool:
        """Return what the container's own probe found last."""
        return bool(self.container(service)["State"]["Health"]["Status"] == "healthy")

    def inbox(self) -> list[Json]:
        """Return the newest e-mails of the administrator's inbox."""
        return list(self.ask("/emails?folder=inbox&limit=100")["items"])


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """The whole system in containers, until the last test of this file."""
    printed = subprocess.run(
        ["sh", str(DEPLOY / "secrets.sh")], capture_output=True, text=True, timeout=10, check=True
    )
    secrets = dict(line.split("=", 1) for line in printed.stdout.splitlines())
    images = {"NATS_IMAGE": "courrier-test/nats", "POSTGRES_IMAGE": "courrier-test/postgres"}
    made = Deployed(f"courrier-test-{os.getpid()}", secrets | images, free_port())
    try:
        made.compose("up", "-d")
        token = _when(lambda: _token(made), START_S)
        yield Deployed(made.project, made.secrets, made.port, token)
    finally:
        made.compose("down", "-v", "-t", "5")


def _token(made: Deployed) -> str:
    """Make an administrator's token in the gateway's container, as the docs say."""
    said = made.compose(
        "exec", "-T", "gateway", "courrier", "token", "create", "--user", "admin", "--json"
    )
    return str(json.loads(said)["token"])


def _when(ask: Callable[[], T], within_s: float) -> T:
    """Return the first answer that is true, asking until the time is over."""
    last: object = None
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if answer := ask():
                return answer
        except (OSError, AssertionError) as error:
            last = error
        time.sleep(POLL_S)
    raise AssertionError(f"not within {within_s:.0f} s: {last}")


def _message(number: int) -> bytes:
    """Return a customer's message."""
    message = EmailMessage()
    message["From"] = f"Ines Caldwell <{CUSTOMER}>"
    message["To"] = "sales@courrier.example"
    message["Subject"] = f"Lamps, order {number}"
    message["Message-ID"] = f"<containers-{number}@northlight.example>"
    message["Date"] = "Mon, 23 Nov 2026 10:00:00 +0000"
    message.set_content("We would like twelve lamps.")
    return message.as_bytes()


def test_every_service_is_healthy_and_locked(deployed: Deployed) -> None:
    """Nobody is root, no file of the image can be changed, no capability is left."""
    for service in SERVICES:
        _when(partial(deployed.is_healthy, service), START_S)
        found = deployed.container(service)
        assert "10001:10001" == found["Config"]["User"]
        assert found["HostConfig"]["ReadonlyRootfs"] is True
        assert ["ALL"] == found["HostConfig"]["CapDrop"]


def test_a_message_reaches_the_record(deployed: Deployed) -> None:
    """From the front door through gateway, fetcher and linker to the customer's history."""
    contact = deployed.ask(
        "/records/contact",
        {"first_name": "Ines", "last_name": "Caldwell", "email_addresses": [CUSTOMER]},
    )
    email = deployed.ask("/emails/import?folder=inbox", _message(1))
    history = _when(
        lambda: deployed.ask(f"/records/contact/{contact['id']}/history")["items"], MAIL_S
    )

    assert [email["id"]] == [each["id"] for each in history]
    assert ["Lamps, order 1"] == [each["subject"] for each in deployed.inbox()]


@pytest.mark.parametrize("service", [*SERVICES, "nats"])
def test_what_is_killed_comes_back_and_nothing_is_lost(deployed: Deployed, service: str) -> None:
    """Whatever is killed, a message handed in afterwards is there once."""
    number = 10 + [*SERVICES, "nats"].index(service)
    deployed.compose("kill", "-s", "KILL", service)
    deployed.compose("up", "-d", service)
    email = _when(lambda: deployed.ask("/emails/import?folder=inbox", _message(number)), START_S)
    _when(
        lambda: [each for each in deployed.inbox() if each["id"] == email["id"]],
        MAIL_S,
    )

    subjects = [each["subject"] for each in deployed.inbox()]
    assert 1 == subjects.count(f"Lamps, order {number}")
    assert 1 == subjects.count("Lamps, order 1")
