"""What a person or a program that started the system is told while it comes up and runs."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMail:
    """The demo mail server: any address of the stories logs in with the one password."""

    address: str
    password: str
    imap_port: int
    smtp_port: int
    ca_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything somebody needs to use the system; ``demo`` is None without the demo."""

    url: str
    nats_url: str
    data_dir: str
    logs: str
    admin_login: str
    admin_password: str
    demo: DemoMail | None


class View(Protocol):
    """Where the system says what it does."""

    def waiting(self, what: str) -> None:
        """Say what is being waited for."""

    def notice(self, text: str) -> None:
        """Say one thing that somebody may want to act on."""

    def ready(self, summary: Summary, parts: dict[str, str]) -> None:
        """Say that everything serves; ``parts`` maps each part to its state."""


class JsonView:
    """One line on standard output when everything is ready; notices on standard error."""

    def waiting(self, what: str) -> None:
        """Say nothing: programs wait for the one line."""

    def notice(self, text: str) -> None:
        """Say it on standard error."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def ready(self, summary: Summary, parts: dict[str, str]) -> None:  # noqa: ARG002 - for people
        """Print the one line."""
        sys.stdout.write(json.dumps({"ready": True, **asdict(summary)}) + "\n")
        sys.stdout.flush()
