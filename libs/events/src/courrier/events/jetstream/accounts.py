"""The accounts of a NATS server as its configuration has them: a user and permissions per service.

One list for every server, whether ``courrier up`` starts it or a cluster's operator does.
"""

import json
import re
from collections.abc import Mapping

from courrier.events.jetstream.permissions import ADMIN, ARCHIVER, SERVICES, USERS, permissions_of

MAX_PAYLOAD_BYTES = 8 * 1024 * 1024
MAX_PENDING_BYTES = 64 * 1024 * 1024
SYSTEM_USER = "system"
ALL_USERS = (*USERS, SYSTEM_USER)
"""Everybody who needs a password; ``system`` sees the server itself and no stream."""

JsonObject = dict[str, object]


def accounts(passwords: Mapping[str, str]) -> JsonObject:
    """Return the configuration's ``accounts`` and ``system_account``.

    ``passwords`` has one for each of ``ALL_USERS``.
    """
    administrator: JsonObject = {"user": ADMIN, "password": passwords[ADMIN]}
    services = [_service(name, passwords[name]) for name in (*SERVICES, ARCHIVER)]
    system: JsonObject = {"user": SYSTEM_USER, "password": passwords[SYSTEM_USER]}
    return {
        "accounts": {
            "COURRIER": {"jetstream": "enabled", "users": [administrator, *services]},
            "SYS": {"users": [system]},
        },
        "system_account": "SYS",
    }


def password_variable(user: str) -> str:
    """Return the variable that a server finds this user's password in."""
    return f"COURRIER_NATS_PASSWORD_{user.upper()}"


def accounts_file() -> str:
    """Return a file for ``include``, passwords taken from the server's environment.

    NATS reads a value that looks like a number as one: let each password begin with a letter.
    """
    names = {user: f"${password_variable(user)}" for user in ALL_USERS}
    body = json.dumps({"max_payload": MAX_PAYLOAD_BYTES, **accounts(names)}, indent=1)
    unquoted = re.sub(r'"password": "(\$\w+)"', r'"password": \1', body)
    # Without the outer braces it can be included into a server's own file.
    return f"# Made by `courrier events accounts`.\n{unquoted[1:-1].strip()}\n"


def _service(name: str, password: str) -> JsonObject:
    allowed = permissions_of(name)
    permissions = {
        "publish": {"allow": list(allowed.publish)},
        "subscribe": {"allow": list(allowed.subscribe)},
        "allow_responses": True,  # a service answers commands without being able to start any
    }
    return {"user": name, "password": password, "permissions": permissions}
