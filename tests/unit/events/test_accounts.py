"""The users of a NATS server of yours: the same rights as on one machine, no password written."""

import os
import re
import subprocess
from pathlib import Path

from courrier.events.jetstream.accounts import (
    ALL_USERS,
    accounts,
    accounts_file,
    password_variable,
)
from courrier.local.nats_server import binary

DEPLOYED = Path(__file__).parents[3] / "deploy" / "nats"
PASSWORDS = {user: f"p-{user}" for user in ALL_USERS}


def test_the_deployed_file_is_the_printed_one() -> None:
    """Whoever changes a permission makes ``deploy/nats/accounts.conf`` anew."""
    assert accounts_file() == (DEPLOYED / "accounts.conf").read_text()


def test_the_file_holds_variables_and_no_password() -> None:
    """A server finds the passwords in its environment."""
    named = re.findall(r'"password": (\S+?),?\n', accounts_file())

    assert sorted(f"${password_variable(user)}" for user in ALL_USERS) == sorted(named)


def test_a_server_takes_the_file(tmp_path: Path) -> None:
    """NATS itself reads it, and finds a password for each user."""
    (tmp_path / "server.conf").write_text(accounts_file())
    environment = {password_variable(user): word for user, word in PASSWORDS.items()}
    checked = subprocess.run(
        [str(binary()), "-t", "-c", str(tmp_path / "server.conf")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )

    assert 0 == checked.returncode, checked.stderr


def test_only_the_administrator_is_without_limits() -> None:
    """Every service has a list of what it may do; ``system`` sees no stream at all."""
    found = accounts(PASSWORDS)["accounts"]
    assert isinstance(found, dict)
    limited = {user["user"]: "permissions" in user for user in found["COURRIER"]["users"]}

    assert {"admin"} == {name for name, is_limited in limited.items() if not is_limited}
    assert [{"user": "system", "password": "p-system"}] == found["SYS"]["users"]
