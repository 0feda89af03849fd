"""The demo's records and e-mail account, created through the gateway's API like anybody's.

Each creation has an idempotency key and its id is noted on disk, so that a start that was cut
short is continued by the next one and nothing is there twice.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

from courrier.local.files import read_object, write_json
from courrier.local.http_client import Answer, request
from courrier.local.ports import HOST
from courrier.local.view import DemoMail

from .people import COMPANY, Affair, Person, Task

SEED_TIMEOUT_S = 40.0
PAUSE_S = 0.2
DONE = "done"
EMAIL_ACCOUNT = "email-account"
JsonObject = dict[str, JsonValue]
TokenSource = Callable[[], Awaitable[str]]


class SeedingFailed(Exception):
    """Something did not do as asked; the message says what answered what."""


@dataclass(frozen=True, slots=True)
class Front:
    """The gateway's front door; ``token`` makes an administrator's token.

    ``patience_s`` is how long one request is repeated: what it refers to may not be in the
    views yet.
    """

    port: int
    token: TokenSource
    patience_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to create or remove; ``name`` is its key, also for those that refer to it."""

    name: str
    path: str
    body: JsonObject
    method: str = "POST"


async def seed_once(front: Front, mail: DemoMail, directory: Path) -> str | None:
    """Create what is missing; return what went wrong in a few words, or None."""
    progress = directory / "seeded.json"
    try:
        async with asyncio.timeout(SEED_TIMEOUT_S):
            await _seed(front, mail, progress)
    except TimeoutError:
        return f"not done after {SEED_TIMEOUT_S:.0f} s"
    except (SeedingFailed, OSError, ValueError) as error:
        return str(error) or type(error).__name__
    return None


async def _seed(front: Front, mail: DemoMail, progress: Path) -> None:
    made = read_object(progress) or {}
    target = f"{mail.imap_port}:{mail.smtp_port}"
    if made.get(DONE) == target:
        return
    token = await front.token()
    outdated = made.pop(EMAIL_ACCOUNT, None) if DONE in made else None
    if outdated is not None:  # the mail server has got other ports since
        await _grant(front, token, Wish(f"remove-{outdated}", _path_of(outdated), {}, "DELETE"))
    for wish in wishes(made, mail):
        if wish.name not in made:
            created = await _grant(front, token, wish)
            made[wish.name] = created.get("id") or created.get("existing_id")
            write_json(progress, made)
    write_json(progress, made | {DONE: target})


async def _grant(front: Front, token: str, wish: Wish) -> JsonObject:
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": _key(wish),
    }
    deadline, body = time.monotonic() + front.patience_s, json.dumps(wish.body).encode()
    while True:
        path = f"/api/v1{wish.path}"
        answer = await request(front.port, wish.method, path, headers=headers, body=body)
        if answer.ok or _is_so_already(wish, answer):
            return answer.as_object()
        if time.monotonic() > deadline:
            raise SeedingFailed(f"{wish.method} {wish.path}: {answer.status} {_reason(answer)}")
        await asyncio.sleep(PAUSE_S)


def _is_so_already(wish: Wish, answer: Answer) -> bool:
    """Whether an earlier start did it. A 409 without an id means: the same is just being done."""
    if wish.method == "DELETE":
        return answer.status == 404
    return answer.status == 409 and "existing_id" in answer.as_object()


def _key(wish: Wish) -> str:
    """The same for the same body: another body under an old key would be refused."""
    digest = hashlib.sha256(json.dumps(wish.body, sort_keys=True).encode()).hexdigest()
    return f"demo-{wish.name}-{digest[:16]}"


def _reason(answer: Answer) -> str:
    """What an RFC 9457 problem says of itself."""
    problem = answer.as_object()
    return str(problem.get("detail") or problem.get("title") or "").partition("\n")[0]


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
    for task in COMPANY.task:
        yield Wish(f"task-{task.id}", "/records/task", _task(task, made))
    yield Wish(EMAIL_ACCOUNT, "/email-accounts", _email_account(mail))


def _path_of(account: JsonValue) -> str:
    return f"/email-accounts/{account}"


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
    optional: JsonObject = {
        "stage": affair.stage,
        "status": affair.status,
        "priority": affair.priority,
        "amount": affair.amount,
        "currency": affair.amount and "EUR",
        "contact_ids": [made[affair.contact]] if affair.contact else None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _task(task: Task, made: JsonObject) -> JsonObject:
    kind, _, _ = task.about.partition("-")
    due = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    body: JsonObject = {
        "name": task.name,
        "parent": {"type": kind, "id": made[task.about]},
        "due_at": (due + timedelta(days=task.days)).isoformat(),
        "external_id": f"demo-{task.id}",
    }
    return body | ({"priority": task.priority} if task.priority else {})


def _email_account(mail: DemoMail) -> JsonObject:
    login: JsonObject = {"user": mail.address, "password": mail.password, "tls": "implicit"}
    return {
        "name": COMPANY.mailbox_name,
        "address": mail.address,
        "imap": {"host": HOST, "port": mail.imap_port, **login},
        "smtp": {"host": HOST, "port": mail.smtp_port, **login},
        "monitored_folders": ["INBOX"],
    }
