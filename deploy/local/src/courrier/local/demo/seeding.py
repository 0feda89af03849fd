"""The demo's records and e-mail account, created through the gateway's API like anybody's.

Each creation has an idempotency key and its id is noted on disk, so that a start that was cut
short is continued by the next one and nothing is there twice.
"""

import asyncio
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from courrier.local.files import read_object, write_json
from courrier.local.ports import HOST
from courrier.local.services import ADMIN_LOGIN
from courrier.local.view import DemoMail

from .people import COMPANY, Affair, Person

SEED_TIMEOUT_S = 30.0
REQUEST_TIMEOUT_S = 10.0
DONE = "done"
EMAIL_ACCOUNT = "email-account"
MOVABLE = ("imap", "smtp")  # the server got other ports
JsonObject = dict[str, JsonValue]


class SeedingFailed(Exception):
    """The gateway did not do as asked; the message says to what it answered what."""


@dataclass(slots=True)
class Front:
    """The gateway's front door, with the administrator's password."""

    port: int
    password: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    def post(self, path: str, body: JsonObject, *, key: str) -> JsonObject:
        """Post an object and return the answer's; repeating it with the same key is harmless.

        Raises:
            SeedingFailed: any answer but 2xx.
        """
        return self._send("POST", path, body, {"Idempotency-Key": key})

    def patch(self, path: str, body: JsonObject) -> None:
        """Change an object.

        Raises:
            SeedingFailed: any answer but 2xx.
        """
        self._send("PATCH", path, body, {})

    def _send(
        self, method: str, path: str, body: JsonObject, extra: Mapping[str, str]
    ) -> JsonObject:
        headers = {"Content-Type": "application/json", **extra}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection(HOST, self.port, timeout=REQUEST_TIMEOUT_S)
        try:
            connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise SeedingFailed(f"{method} {path}: {answer.status}")
        value = json.loads(text) if text else {}
        return value if isinstance(value, dict) else {}

    def log_in(self) -> None:
        """Begin a session.

        Raises:
            SeedingFailed: refused, or the answer holds no token.
        """
        body: JsonObject = {"login": ADMIN_LOGIN, "password": self.password}
        token = self.post("/session", body, key="demo-session").get("token")
        if not isinstance(token, str):
            raise SeedingFailed("POST /session: no token in the answer")
        self.token = token


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to create; ``name`` is its key, also for those that refer to it."""

    name: str
    path: str
    body: JsonObject


async def seed_once(front: Front, mail: DemoMail, directory: Path) -> str | None:
    """Create what is missing; return what went wrong in a few words, or None."""
    progress = directory / "seeded.json"
    try:
        async with asyncio.timeout(SEED_TIMEOUT_S):
            await asyncio.to_thread(_seed, front, mail, progress)
    except TimeoutError:
        return f"not done after {SEED_TIMEOUT_S:.0f} s"
    except (SeedingFailed, OSError, http.client.HTTPException, ValueError) as error:
        return str(error) or type(error).__name__
    return None


def _seed(front: Front, mail: DemoMail, progress: Path) -> None:
    made = read_object(progress) or {}
    if made.get(DONE) == _target(mail):
        return
    front.log_in()
    if isinstance(made.get(EMAIL_ACCOUNT), str):
        moved = _email_account(mail)
        front.patch(f"/email-accounts/{made[EMAIL_ACCOUNT]}", {k: moved[k] for k in MOVABLE})
    for wish in wishes(made, mail):
        if wish.name not in made:
            created = front.post(wish.path, wish.body, key=f"demo-{wish.name}")
            made[wish.name] = created.get("id")
            write_json(progress, made)
    write_json(progress, made | {DONE: _target(mail)})


def _target(mail: DemoMail) -> str:
    return f"{mail.imap_port}:{mail.smtp_port}"


def wishes(made: JsonObject, mail: DemoMail) -> Iterator[Wish]:
    """Yield what to create, in an order in which ids that are referred to are in ``made``."""
    for account in COMPANY.account:
        body: JsonObject = {"name": account.name, "external_id": f"demo-{account.id}"}
        yield Wish(f"account-{account.id}", "/records/account", body)
    for person in COMPANY.person:
        if person.type is not None:
            yield Wish(person.id, f"/records/{person.type}", _person(person, made))
    for kind, affairs in (("opportunity", COMPANY.opportunity), ("case", COMPANY.case)):
        for affair in affairs:
            yield Wish(f"{kind}-{affair.id}", f"/records/{kind}", _affair(affair, made))
    yield Wish(EMAIL_ACCOUNT, "/email-accounts", _email_account(mail))


def _person(person: Person, made: JsonObject) -> JsonObject:
    first, _, last = person.name.partition(" ")
    body: JsonObject = {
        "name": person.name,
        "first_name": first,
        "last_name": last,
        "email_addresses": [person.address],
        "external_id": f"demo-{person.id}",
    }
    if person.account is not None:
        body["account_id"] = made[f"account-{person.account}"]
    if person.status is not None:
        body["status"] = person.status
    return body


def _affair(affair: Affair, made: JsonObject) -> JsonObject:
    body: JsonObject = {
        "name": affair.name,
        "account_id": made[f"account-{affair.account}"],
        "external_id": f"demo-{affair.id}",
    }
    optional = {"stage": affair.stage, "status": affair.status}
    return body | {name: value for name, value in optional.items() if value is not None}


def _email_account(mail: DemoMail) -> JsonObject:
    login: JsonObject = {"user": mail.address, "password": mail.password, "tls": "implicit"}
    return {
        "name": COMPANY.mailbox_name,
        "address": mail.address,
        "imap": {"host": HOST, "port": mail.imap_port, **login},
        "smtp": {"host": HOST, "port": mail.smtp_port, **login},
        "monitored_folders": ["INBOX"],
    }
