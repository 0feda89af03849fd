"""``courrier token|user|account`` in a second shell, beside a running gateway."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from support.builders import raw_message

from .conftest import Running
from .house import ADMIN_LOGIN
from .test_mail import Others, others

pytestmark = pytest.mark.integration
__all__ = ["others"]

COURRIER = "from courrier.events.cli.main import main; main()"


@pytest.fixture
def data_dir(
    tmp_path: Path, gateway: Running, nats_url: str, database_url: str, master_key: str
) -> Path:
    """What ``courrier up`` leaves for commands: the gateway's settings in a file."""
    folder = tmp_path / "environment"
    folder.mkdir()
    lines = {
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_DATABASE_URL": database_url,
        "COURRIER_MASTER_KEY": master_key,
        "COURRIER_GATEWAY_PORT": gateway.url.rpartition(":")[2],
        "COURRIER_GATEWAY_ADMIN_LOGIN": ADMIN_LOGIN,
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (folder / "gateway.env").write_text(text)
    return tmp_path


async def courrier(data_dir: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    """Run a command and return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COURRIER, *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"COURRIER_DATA_DIR": str(data_dir), "PATH": ""},
    )
    out, err = await process.communicate(stdin.encode())
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_token_from_a_shell_opens_the_interface(gateway: Running, data_dir: Path) -> None:
    """At once: the command returns when the running gateway knows the token."""
    code, out, err = await courrier(data_dir, "token", "create", "--user", "admin", "--json")
    assert code == 0, err
    async with gateway.client(json.loads(out)["token"]) as client:
        assert (await client.get("/me")).json()["user"]["login"] == "admin"


async def test_a_user_and_an_account_from_a_shell(gateway: Running, data_dir: Path) -> None:
    """Both can be seen over HTTP; the password is nowhere in them."""
    words = ("user", "add", "grace", "--name", "Grace Hopper", "--password-stdin", "--json")
    code, out, err = await courrier(data_dir, *words, stdin="a good password\n")
    assert code == 0, err
    account_words = ("account", "add", "grace@example.test", "--user", "grace")
    secretly = ("--password-stdin", "--json")
    servers = ("--imap", "imaps://imap.example.test", "--smtp", "smtp://smtp.example.test:587")
    code, _, err = await courrier(
        data_dir, *account_words, *servers, *secretly, stdin="imap secret\n"
    )
    assert code == 0, err
    (account,) = (await gateway.admin.get("/email-accounts")).json()["items"]

    assert account["owner_id"] == json.loads(out)["id"]
    assert account["smtp"] == {
        "host": "smtp.example.test",
        "port": 587,
        "tls": "starttls",
        "user": "grace@example.test",
    }
    assert "secret" not in json.dumps(account)
    code, out, _ = await courrier(data_dir, "account", "list", "--json")
    assert json.loads(out)["items"][0]["state"] == "waiting"


async def test_what_is_wrong_is_one_line(gateway: Running, data_dir: Path) -> None:
    """Exit code 1, and nothing that looks like a stack trace."""
    assert gateway
    code, out, err = await courrier(data_dir, "token", "create", "--user", "nobody", "--json")

    assert (code, out) == (1, "")
    assert err == "Error: no user has the login 'nobody'\n"


async def test_messages_from_files_come_in_once(
    gateway: Running, others: Others, data_dir: Path
) -> None:
    """From a file, an mbox and a directory; begun again, all are known; what fails is named."""
    assert others
    first, second = raw_message(message_id="1@x.test"), raw_message(message_id="2@x.test")
    folder = data_dir / "mail"
    folder.mkdir()
    (folder / "1.eml").write_bytes(first)
    (folder / "box").write_bytes(b"From ada Mon Jan  5 10:00:00 2026\n" + second + b"\n\n")
    (folder / "empty.eml").write_bytes(b"")
    runs = [await courrier(data_dir, "import", str(folder), "--json") for _ in "12"]
    told = json.loads(runs[0][1])

    assert [1, 1] == [code for code, _, _ in runs], runs
    assert (2, 1) == (told["imported"], told["failed"])
    assert str(folder / "empty.eml") == told["failures"][0]["message"]
    assert 2 == len((await gateway.admin.get("/emails")).json()["items"])


async def test_an_account_is_paused_and_looked_at_from_a_shell(
    gateway: Running, data_dir: Path
) -> None:
    """What is wrong with the order is one line, too."""
    body = {"name": "Work", "address": "ada@x.test", "imap": {"host": "imap.x.test", "port": 993}}
    made = (await gateway.admin.post("/email-accounts", json=body)).json()["id"]
    paused, _, err = await courrier(data_dir, "account", "pause", made)
    code, out, _ = await courrier(data_dir, "account", "status", made, "--json")
    wrong, _, line = await courrier(data_dir, "account", "pause", "nonsense")

    assert 0 == paused, err
    assert (0, "paused") == (code, json.loads(out)["state"])
    assert (1, "Error: there is no such e-mail account\n") == (wrong, line)
