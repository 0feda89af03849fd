"""``courrier token|user|account`` in a second shell, beside a running gateway."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from .conftest import Running

pytestmark = pytest.mark.integration

COURRIER = "from courrier.events.cli.main import main; main()"


@pytest.fixture
def data_dir(tmp_path: Path, nats_url: str, database_url: str, master_key: str) -> Path:
    """What ``courrier up`` leaves for commands: the gateway's settings in a file."""
    folder = tmp_path / "environment"
    folder.mkdir()
    lines = {
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_DATABASE_URL": database_url,
        "COURRIER_MASTER_KEY": master_key,
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
