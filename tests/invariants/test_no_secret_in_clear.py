"""I8: a password, a token, a key and a session are in no log, no table, no log line, in clear.

The whole system works with secrets that are like no other text; then every byte that it has
written is searched for them, also as base64, hex and percent-encoded.
"""

import base64
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from courrier.local.data_directory import DataDirectory
from invariants.killed_system import KilledSystem
from support.imap_accounts import ImapServer
from support.smtp_sink import SmtpSink

pytestmark = [pytest.mark.integration, pytest.mark.e2e, pytest.mark.timeout(240)]

ALLOWED = ("environment", "secrets", "passwords")
"""Parts of names of files that hold secrets on purpose, readable by their owner only."""


@pytest.fixture
def system(tmp_path: Path, dovecot: ImapServer, smtp_sink: SmtpSink) -> Iterator[KilledSystem]:
    """A running system on this test's mail servers."""
    made = KilledSystem(tmp_path / "data", dovecot.new_user(), smtp_sink)
    made.environment["COURRIER_LOG_LEVEL"] = "debug"
    try:
        made.start()
        yield made
    finally:
        made.stop()


def forms(secret: str) -> set[bytes]:
    """Return how a secret may stand somewhere and still be read by anybody."""
    raw = secret.encode()
    return {
        raw,
        base64.b64encode(raw),
        base64.b64encode(b"\0grace\0" + raw),
        raw.hex().encode(),
        urllib.parse.quote(secret, safe="").encode(),
        json.dumps(secret)[1:-1].encode(),
    }


def found_in(root: Path, secrets: dict[str, str]) -> list[str]:
    """Return which secrets stand in which files."""
    found = []
    for path in (each for each in root.rglob("*") if each.is_file()):
        data = path.read_bytes()
        found += [
            f"{name} in {path.relative_to(root)}"
            for name, secret in secrets.items()
            if any(form in data for form in forms(secret))
        ]
    return found


def test_no_secret_is_written_in_clear(system: KilledSystem) -> None:
    """Passwords, tokens and the master key, in the files of NATS and PostgreSQL and in all logs."""
    mark = uuid4().hex
    secrets = {
        "IMAP password": f"imap/{mark}+é",
        "SMTP password": f"smtp/{mark}+é",
        "a person's password": f"person/{mark}+é",
        "the token": system.token,
        "the master key": _master_key(system.data_dir),
    }
    _use(system, secrets)
    planted = system.data_dir / "planted"
    planted.write_bytes(base64.b64encode(secrets["IMAP password"].encode()))
    system.receive(3)
    system.reply(1)
    system.summary()
    system.stop()

    found = found_in(system.data_dir, secrets)

    assert "IMAP password in planted" in found, "the search finds nothing at all"
    assert [each for each in found if not _is_meant(each)] == ["IMAP password in planted"]


def _use(system: KilledSystem, secrets: dict[str, str]) -> None:
    """Hand the secrets in where people do, right and wrong, and let them be used."""
    server = {"host": system.mailbox.host, "port": system.mailbox.port, "tls": "implicit"}
    smtp = {"host": system.sink.host, "port": system.sink.port, "tls": "starttls"}
    body = {
        "name": "Refused",
        "address": "other@example.test",
        "imap": server | {"user": "other", "password": secrets["IMAP password"]},
        "smtp": smtp | {"user": "other", "password": secrets["SMTP password"]},
    }
    account = system.insist("/email-accounts", body)
    person = {"login": "ada", "name": "Ada", "password": secrets["a person's password"]}
    system.insist("/users", person)
    system.insist("/session", {"login": "ada", "password": secrets["a person's password"]})
    system.wait_until(lambda: _has_failed(system, account["id"]))


def _has_failed(system: KilledSystem, account_id: str) -> bool:
    found = system.insist("/email-accounts")["items"]
    return any(each["id"] == account_id and each["state"] == "failing" for each in found)


def _is_meant(found: str) -> bool:
    return any(word in found for word in ALLOWED)


def _master_key(data_dir: Path) -> str:
    files = DataDirectory(data_dir).environment.glob("*.env")
    lines = [line for file in files for line in file.read_text().splitlines()]
    return next(line.partition("=")[2] for line in lines if line.startswith("COURRIER_MASTER_KEY="))
