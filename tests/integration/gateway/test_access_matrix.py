"""Every operation, by everybody, on everything: what comes back is what the access model says.

The operations come from the OpenAPI document, the expectations from ``support.access_table``.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.gateway.api.application import interface
from courrier.gateway.api.describing import operations
from courrier.gateway.projections import positions
from support.access_table import (
    ELSEWHERE,
    PERSONAS,
    RELATIONS,
    TABLE,
    Outcome,
    Persona,
    Relation,
    Rule,
    expected,
)
from support.waiting import eventually

from .access_scene import COLLEAGUE, RAW, SPARE, Scene, id_of, keep, token_of
from .conftest import NO_TLS, Running

pytestmark = pytest.mark.integration

AT_ONCE = 8
HERE = Path(__file__).parent
STREAM = "/api/v1/events"
STREAMED = "/api/v1/stream"
"""What the scope ``stream`` is for."""
REFUSED = (401, 403, 404)
PLAIN = {
    "record_type": "contact",
    "number": "0",
    "event_type": "courrier.settings.UserAdded.v1",
    "provider": "google",
    "name": "google",
}
SPENT = {"job", "import"}
"""Each operation has its own: one operation may be the end of it."""
ONCE: tuple[Relation, ...] = ("own",)
ALL_RELATIONS: tuple[Relation, ...] = ("own", "team", "foreign", "private")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    name: str
    method: str
    path: str
    body: Any
    media_type: str


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody tries an operation on something."""

    operation: Operation
    persona: Persona
    relation: Relation
    path: str
    outcome: Outcome

    @property
    def name(self) -> str:
        """What a failure is called."""
        return f"{self.operation.name} by {self.persona.name} on {self.relation}"


def described() -> Iterator[Operation]:
    """Yield the operations of the OpenAPI document, with their example bodies."""
    for path, method, operation in operations(interface().openapi()):
        content = operation.get("requestBody", {}).get("content", {})
        media_type = next(iter(content), "")
        media = content.get(media_type, {})
        name = operation["operationId"]
        yield Operation(name, method.upper(), path, media.get("example"), media_type)


OPERATIONS = {each.name: each for each in described()}


def test_every_operation_has_its_line_in_the_table() -> None:
    """A new one fails here until somebody says what it is about."""
    assert OPERATIONS.keys() == TABLE.keys() | ELSEWHERE.keys()
    assert set() == TABLE.keys() & ELSEWHERE.keys()
    assert set() == {name for name in ELSEWHERE.values() if not (HERE / name).is_file()}


def cases(scene: Scene) -> Iterator[Case]:
    """Yield every operation with every persona and every relation that its kind knows."""
    for name, rule in TABLE.items():
        operation = OPERATIONS[name]
        for persona in PERSONAS:
            for relation in RELATIONS.get(rule.kind, ONCE):
                path = filled(operation, rule, persona, relation, scene)
                outcome = expected(rule, persona, relation)
                yield Case(operation, persona, relation, path, outcome)


def filled(
    operation: Operation, rule: Rule, persona: Persona, relation: Relation, scene: Scene
) -> str:
    """Return the path with the ids of objects that stand in this relation."""
    path = operation.path
    mail = scene.email_id(persona.name, relation) if "{email_id}" in path else ""
    is_spent = operation.method == "DELETE" or rule.type in SPENT
    purpose = operation.name if is_spent else ""
    own = ""
    if rule.type and rule.kind in {"object", "mine", "given", "shared", "hidden"}:
        own = scene.object_id(rule.type, persona.name, relation, purpose)
    known = {
        **PLAIN,
        "email_id": mail,
        "record_id": own,
        "item_id": own,
        "account_id": own,
        "token_id": own,
        "session_id": own,
        "job_id": own,
        "import_id": own,
        "upload_id": own,
        "user_id": COLLEAGUE,
        "team_id": SPARE,
        "role_id": SPARE,
    }
    for key, value in known.items():
        path = path.replace(f"{{{key}}}", value)
    return path


@dataclass
class Asker:
    """Sends requests, a few at once."""

    client: httpx.AsyncClient
    slots: asyncio.Semaphore

    async def status(self, operation: Operation, path: str, token: str | None) -> int:
        """Return the status of an operation with this token, or none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        content: dict[str, Any] = {}
        if operation.media_type == "application/json":
            content = {"json": operation.body}
        elif operation.media_type:
            body = operation.body
            content = {"content": body if isinstance(body, str) else str(body)}
            headers["Content-Type"] = operation.media_type
        async with self.slots:
            if path == STREAM:
                async with self.client.stream("GET", path, headers=headers) as answer:
                    return answer.status_code
            answer = await self.client.request(operation.method, path, headers=headers, **content)
            return answer.status_code


@pytest.fixture
async def asker(gateway: Running) -> AsyncIterator[Asker]:
    """Somebody who asks this gateway."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=30, verify=NO_TLS) as client:
        yield Asker(client, asyncio.Semaphore(AT_ONCE))


def agrees(outcome: Outcome, status: int) -> bool:
    """Tell whether a status is what was expected; what is let in may still be no good."""
    return status not in REFUSED and status != 500 if outcome == "ok" else str(status) == outcome


async def prepared(gateway: Running, blobs: JetStreamBlobs, scene: Scene) -> None:
    """Feed the scene and wait until it is shown."""
    await blobs.put([RAW])
    wanted: dict[str, int] = {}
    for batch in scene.batches():
        stored = await gateway.feeder.store.append(batch)
        wanted[stored.stream] = stored.sequence

    async def is_shown() -> bool:
        seen = await positions.seen(gateway.pool)
        return all(seen.get(stream, 0) >= sequence for stream, sequence in wanted.items())

    await eventually(is_shown)
    await keep(gateway.pool, scene)


TURNS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def turn_of(operation: Operation) -> int:
    """Return when an operation is tried; what ends all sessions comes after what ends one."""
    is_of_all = operation.method == "DELETE" and "{" not in operation.path
    return len(TURNS) if is_of_all else TURNS.index(operation.method)


async def test_everybody_may_what_the_model_says(
    gateway: Running, blobs: JetStreamBlobs, asker: Asker
) -> None:
    """Operation by person by relation; reads first, so that nobody removes what others look at."""
    scene = Scene()
    scene.people()
    every = list(cases(scene))
    await prepared(gateway, blobs, scene)

    async def wrong(case: Case) -> str | None:
        token = token_of(case.persona.name)
        status = await asker.status(case.operation, case.path, token)
        told = f"{case.name}: {status}, expected {case.outcome}"
        return None if agrees(case.outcome, status) else told

    for turn in range(len(TURNS) + 1):
        some = [case for case in every if turn_of(case.operation) == turn]
        found = await asyncio.gather(*map(wrong, some))
        wrong_ones = [each for each in found if each]
        assert not wrong_ones, "\n".join(wrong_ones)


async def test_strangers_and_narrow_tokens_are_turned_away(
    gateway: Running, blobs: JetStreamBlobs, asker: Asker
) -> None:
    """Nobody gets in without a token, nor by one that is not for this."""
    scene = Scene()
    scene.people()
    await prepared(gateway, blobs, scene)

    async def wrong(operation: Operation) -> list[str]:
        path = operation.path.replace("{record_type}", "contact").replace("{number}", "0")
        path = path.replace("{", "").replace("}", "")
        narrow = "stream" if operation.method == "GET" and operation.path != STREAMED else "read"
        tried = {
            "nobody": (None, 401),
            "a token that is none": ("courrier_" + "0" * 64, 401),
            f"scope {narrow}": (token_of("admin", narrow), 403),
        }
        found = []
        for who, (token, status) in tried.items():
            seen = await asker.status(operation, path, token)
            if seen != status:
                found.append(f"{operation.name} by {who}: {seen}")
        return found

    asked = [each for each in OPERATIONS.values() if TABLE.get(each.name) != Rule("open")]
    found = await asyncio.gather(*map(wrong, asked))
    wrong_ones = [each for some in found for each in some]
    assert not wrong_ones, "\n".join(wrong_ones)


async def test_an_administrators_token_administers_only_if_it_says_so(
    gateway: Running, blobs: JetStreamBlobs, asker: Asker
) -> None:
    """A token for reading and writing is no key to people, roles and settings."""
    scene = Scene()
    scene.people()
    await prepared(gateway, blobs, scene)
    for name, rule in TABLE.items():
        if rule.kind == "admin":
            operation = OPERATIONS[name]
            path = filled(operation, rule, PERSONAS[-1], "own", scene)
            scope = "read" if operation.method == "GET" else "write"
            assert 403 == await asker.status(operation, path, token_of("admin", scope)), name


OWNED = ("contact", "template", "folder", "filter")
VIEWS: dict[str, tuple[str, tuple[Relation, ...]]] = {
    "/api/v1/records/contact": ("contact", ("own", "team", "foreign")),
    "/api/v1/emails": ("email", ("own",)),
    "/api/v1/emails?thread={thread}": ("email", ("own", "team", "foreign", "private")),
    "/api/v1/templates": ("template", ("own", "team", "foreign")),
    "/api/v1/folders": ("folder", ("own",)),
    "/api/v1/filters": ("filter", ("own",)),
}
"""Lists, and which of somebody's objects they may show to those who read so far."""


async def test_lists_show_what_single_reads_show(gateway: Running, blobs: JetStreamBlobs) -> None:
    """Nothing more and nothing less, in any list, for anybody."""
    scene = Scene()
    scene.people()
    ids: dict[tuple[str, str, Relation], str] = {}
    for persona in PERSONAS:
        for relation in ALL_RELATIONS:
            ids["email", persona.name, relation] = scene.email_id(persona.name, relation)
            for kind in (
                ("contact", "template", "folder", "filter") if relation != "private" else ()
            ):
                found = scene.object_id(kind, persona.name, relation)
                ids[kind, persona.name, relation] = found
    await prepared(gateway, blobs, scene)

    for persona in PERSONAS:
        client = httpx.AsyncClient(
            base_url=gateway.url,
            headers={"Authorization": f"Bearer {token_of(persona.name)}"},
            timeout=30,
            verify=NO_TLS,
        )
        for path, (kind, relations) in VIEWS.items():
            address = path.replace("{thread}", id_of("thread", persona.name))
            answer = await client.get(address)
            listed = {each["id"] for each in answer.json().get("items", [])}
            for relation in ALL_RELATIONS:
                wanted = ids.get((kind, persona.name, relation))
                is_own = kind in {"folder", "filter"} and relation == "own"
                may = relation in relations and (relation in persona.reads or is_own)
                if kind == "folder" and not persona.reads:
                    may = False
                assert wanted is None or may == (wanted in listed), (persona.name, path, relation)
        await client.aclose()
