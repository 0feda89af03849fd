"""The demo's records come to be once, whatever is cut short in between."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from courrier.local.demo.people import COMPANY
from courrier.local.demo.seeding import EMAIL_ACCOUNT, Front, seed_once
from courrier.local.view import DemoMail

pytestmark = pytest.mark.integration

AFFAIRS = (*COMPANY.opportunity, *COMPANY.case, *COMPANY.task)
ALL = len(COMPANY.account) + len(AFFAIRS) + 1
ALL += sum(person.type is not None for person in COMPANY.person)


@dataclass(slots=True)
class FakeGateway:
    """Keeps what was posted; refuses once ``patience`` requests have been answered."""

    port: int = 0
    patience: int = 1000
    created: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)

    async def token(self) -> str:
        """The administrator's."""
        return "secret"

    @property
    def front(self) -> Front:
        """Its front door."""
        return Front(self.port, self.token, patience_s=0.5)

    def answer(self, method: str, path: str, key: str, body: dict[str, Any]) -> tuple[int, bytes]:
        """Create or change."""
        self.requests.append((method, path))
        if self.patience <= 0:
            return 503, b'{"title": "not now"}'
        self.patience -= 1
        name = key.removeprefix("demo-").rpartition("-")[0]
        if method == "POST" and name in self.created and name != EMAIL_ACCOUNT:
            return 409, json.dumps({"existing_id": f"id-of-{name}"}).encode()
        if method == "POST":
            self.created[name] = {**body, "path": path}
        return 201, json.dumps({"id": f"id-of-{name}"}).encode()


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    """A gateway as far as the demo can tell."""
    fake = FakeGateway()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            assert self.headers["Authorization"] == "Bearer secret"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            status, text = fake.answer(self.command, self.path, key, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_DELETE = _serve  # noqa: N815 - the names are http.server's

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


def mail(imap_port: int = 993) -> DemoMail:
    """Return where the demo's mail server is."""
    return DemoMail(
        address="a@x.example", password="p", imap_port=imap_port, smtp_port=465, ca_file="ca.pem"
    )


async def test_everything_is_created_with_its_relations(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    """A contact knows its account by the id that the gateway gave it."""
    assert await seed_once(gateway.front, mail(), tmp_path) is None

    assert len(gateway.created) == ALL
    contact = gateway.created["ines"]
    assert contact["account_id"] == "id-of-account-northlight"
    assert contact["first_name"] == "Inès"
    assert gateway.created[EMAIL_ACCOUNT]["imap"]["port"] == 993


async def test_the_second_start_asks_for_nothing(gateway: FakeGateway, tmp_path: Path) -> None:
    """It costs no time."""
    await seed_once(gateway.front, mail(), tmp_path)
    gateway.requests.clear()

    assert await seed_once(gateway.front, mail(), tmp_path) is None
    assert gateway.requests == []


async def test_what_was_cut_short_is_continued(gateway: FakeGateway, tmp_path: Path) -> None:
    """Nothing is there twice, and the reason was given in words."""
    gateway.patience = 7
    problem = await seed_once(gateway.front, mail(), tmp_path)
    gateway.patience = 1000

    assert problem is not None
    assert problem.endswith("503 not now")
    assert await seed_once(gateway.front, mail(), tmp_path) is None
    assert len(gateway.created) == ALL


async def test_what_is_there_already_is_found_again(gateway: FakeGateway, tmp_path: Path) -> None:
    """Its id was not noted before the crash, and the idempotency key has been forgotten."""
    await seed_once(gateway.front, mail(), tmp_path)
    (tmp_path / "seeded.json").unlink()

    assert await seed_once(gateway.front, mail(), tmp_path) is None
    assert len(gateway.created) == ALL


async def test_the_account_follows_the_server_to_another_port(
    gateway: FakeGateway, tmp_path: Path
) -> None:
    """Its port was taken by another program between two starts."""
    await seed_once(gateway.front, mail(), tmp_path)
    gateway.requests.clear()

    assert await seed_once(gateway.front, mail(imap_port=1993), tmp_path) is None

    path = "/api/v1/email-accounts"
    assert gateway.requests == [("DELETE", f"{path}/id-of-{EMAIL_ACCOUNT}"), ("POST", path)]
    assert gateway.created[EMAIL_ACCOUNT]["imap"]["port"] == 1993


async def test_a_gateway_that_is_gone_is_a_problem_in_words(tmp_path: Path) -> None:
    """Never a traceback: the system itself runs."""
    nobody = Front(9, FakeGateway().token)

    assert await seed_once(nobody, mail(), tmp_path) is not None
