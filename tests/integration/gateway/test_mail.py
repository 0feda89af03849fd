"""E-mails over HTTP: read, marked, answered, handed in; with the other services played here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.base import Command
from courrier.events.blobs import Blobs
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done
from courrier.events.commands.fetcher import ImportMessage
from courrier.events.commands.linker import ChangeEmails
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.identity import Identity
from courrier.events.jetstream.bus import NatsCommandServer
from courrier.linker.handlers.changing import Changing
from courrier.mail.parse import summarise
from support.builders import NOON, example, new_event, raw_message
from support.waiting import eventually

from .conftest import Running

pytestmark = pytest.mark.integration

INBOX = {"folder": "inbox", "reason": {"rule": "inbox"}}
PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
HTML_MESSAGE = b"""From: Ada <ada@example.test>\r
To: grace@example.test\r
Subject: Picture\r
Message-ID: <html@example.test>\r
MIME-Version: 1.0\r
Content-Type: multipart/related; boundary=b\r
\r
--b\r
Content-Type: text/html\r
\r
<p onclick="x()">Hi<script>x()</script><img src="cid:one">\r
<img src="https://e.example/a b.png"></p>\r
--b\r
Content-Type: image/gif\r
Content-ID: <one>\r
Content-Disposition: attachment; filename="p\xc3\xafxel.gif"\r
Content-Transfer-Encoding: base64\r
\r
R0lGODlhAQABAAAAADs=\r
--b--\r
"""


@dataclass
class Others:
    """Fetcher, linker and sender, as far as these tests need them; ``orders`` are what came."""

    gateway: Running
    blobs: Blobs
    identity: Identity
    orders: list[Command] = field(default_factory=list)
    links_mail: bool = True

    async def import_message(self, order: ImportMessage) -> Answer:
        """Record what was handed in, then link it."""
        self.orders.append(order)
        subject = subjects.imported_message(order.holder_id, order.raw.digest)
        event = example(MessageReceived, raw=order.raw, holder_id=order.holder_id, text="Hi")
        new = new_event(event, subject, expected=0)
        appended = await self.gateway.feeder.store.append([new])
        if self.links_mail:
            await self._link(order, str(new.id))
        return Done(position=appended.position, created=not appended.repeated)

    async def _link(self, order: ImportMessage, source_id: str) -> None:
        message_id = summarise(await self.blobs.get(order.raw.digest)).message_id or ""
        holding = INBOX | {"holder_id": order.holder_id, "folder": order.folder}
        email_id = self.identity.email_of(message_id)
        named = {"email_id": email_id, "source_id": source_id, "raw": order.raw}
        event = example(EmailImported, links=[], holdings=[holding], **named)
        await self.gateway.feeder.store.append([new_event(event, expected=0)])

    async def change(self, order: ChangeEmails) -> Answer:
        """Decide as the linker does."""
        self.orders.append(order)
        return await Changing(self.gateway.feeder.store, lambda: NOON).change(order)


@pytest.fixture
async def others(
    gateway: Running, client: Client, blobs: Blobs, identity: Identity
) -> AsyncIterator[Others]:
    """The other services, answering."""
    played = Others(gateway, blobs, identity)
    async with asyncio.TaskGroup() as tasks:
        server = NatsCommandServer(client, tasks)
        await server.serve(ImportMessage, played.import_message)
        await server.serve(ChangeEmails, played.change)
        yield played


async def receive(gateway: Running, holder_id: str, **changes: Any) -> str:
    """Let an e-mail come in for somebody and return its id, once it can be read."""
    usual: dict[str, Any] = {"holdings": [INBOX | {"holder_id": holder_id}], "links": []}
    event = example(EmailImported, **(usual | changes))
    position = await gateway.feeder.feed(event)
    await gateway.admin.get("/folders", headers={"Courrier-After": position})
    return event.email_id


async def give_account(gateway: Running, owner_id: str, **changes: Any) -> str:
    """Set up an account that can send and return its id."""
    event = example(EmailAccountAdded, owner_id=owner_id, **changes)
    position = await gateway.feeder.feed(event)
    await gateway.admin.get("/folders", headers={"Courrier-After": position})
    return event.account_id


async def test_mail_of_nobodys_record_is_its_holders_alone(gateway: Running) -> None:
    """Not even an administrator reads it; every part of it is a 404."""
    grace, grace_id = await gateway.add_user("grace")
    email_id = await receive(gateway, grace_id)
    async with aclosing(grace):
        mine = await grace.get(f"/emails/{email_id}")
        explained = await grace.get(f"/emails/{email_id}/explanation")
    foreign = [
        await gateway.admin.get(f"/emails/{email_id}{part}")
        for part in ("", "/html", "/raw", "/attachments/0", "/explanation", "/holders")
    ]
    thread = await gateway.admin.get(f"/emails?thread={mine.json()['thread_id']}")

    assert mine.status_code == 200
    assert {404} == {answer.status_code for answer in foreign}
    assert thread.json()["items"] == []
    assert ["threaded", "filed"] == [each["decision"] for each in explained.json()]


async def test_readers_of_the_record_read_its_mail(gateway: Running) -> None:
    """Through the record, with the reason; they hold nothing and mark nothing."""
    _, grace_id = await gateway.add_user("grace")
    lead = (await gateway.admin.post("/records/lead", json={"name": "Ada"})).json()
    record = {"type": "lead", "id": lead["id"]}
    link = {"record": record, "parent": True, "reason": {"rule": "address", "field": "from"}}
    email_id = await receive(gateway, grace_id, links=[link])

    history = await gateway.admin.get(f"/records/lead/{lead['id']}/history")
    marked = await gateway.admin.patch(f"/emails/{email_id}", json={"is_read": True})

    (item,) = history.json()["items"]
    assert (item["id"], item["folder"]) == (email_id, None)
    assert item["link"]["reason"]["field"] == "from"
    assert marked.status_code == 403


async def test_reading_marks_only_my_copy(gateway: Running, others: Others) -> None:
    """The answer shows it, the counter follows, the order carries my name."""
    email_id = await receive(gateway, gateway.admin_id)
    answer = await gateway.admin.patch(f"/emails/{email_id}", json={"is_read": True})
    folders = (await gateway.admin.get("/folders")).json()["items"]

    assert answer.json()["is_read"] is True
    assert folders[0] == {
        "id": "inbox",
        "name": "inbox",
        "type": "system",
        "total": 1,
        "unread": 0,
    }
    (order,) = others.orders
    assert isinstance(order, ChangeEmails)
    assert order.actor == f"user:{gateway.admin_id}"
    unread = await gateway.admin.get("/emails?folder=inbox&unread=true")
    assert unread.json()["items"] == []


async def test_a_message_is_handed_in(gateway: Running, others: Others) -> None:
    """201 with the e-mail, 200 when it is held already; its bytes come back as they went."""
    raw = raw_message(message_id="<new@example.test>")
    first = await gateway.admin.post("/emails/import?folder=archive", content=raw)
    again = await gateway.admin.post("/emails/import?folder=archive", content=raw)

    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["folder"] == "archive"
    back = await gateway.admin.get(f"/emails/{first.json()['id']}/raw")
    assert back.content == raw
    assert len(others.orders) == 2


async def test_a_slow_import_becomes_a_job(gateway: Running, others: Others) -> None:
    """202 with a job of the caller's own, which says when the e-mail is there."""
    others.links_mail = False
    started = await gateway.admin.post("/emails/import", content=raw_message())
    assert started.status_code == 202
    path = started.headers["Location"].removeprefix("/api/v1")
    assert (await gateway.admin.get(path)).json()["state"] in {"queued", "running"}
    email_id = others.identity.email_of("1@example.test")

    await receive(gateway, gateway.admin_id, email_id=email_id)

    async def is_done() -> bool:
        return bool((await gateway.admin.get(path)).json()["state"] == "done")

    await eventually(is_done)
    done = (await gateway.admin.get(path)).json()
    assert (done["done"], done["result"]) == (1, {"email_id": email_id})
    grace, _ = await gateway.add_user("grace")
    async with aclosing(grace):
        assert (await grace.get(path)).status_code == 404


async def test_a_page_runs_nothing_and_shows_its_images(gateway: Running, others: Others) -> None:
    """Scripts are gone, images of the message are inside, the browser is told to run nothing."""
    imported = await gateway.admin.post("/emails/import", content=HTML_MESSAGE)
    page = await gateway.admin.get(f"/emails/{imported.json()['id']}/html")
    asked = await gateway.admin.get(f"/emails/{imported.json()['id']}/html?remote_images=true")
    file = await gateway.admin.get(f"/emails/{imported.json()['id']}/attachments/0")

    assert ' src="https:' not in page.text
    assert "img-src data:;" in page.headers["content-security-policy"]
    assert '<img src="https://e.example/a%20b.png">' in asked.text
    assert "img-src data: https: http:;" in asked.headers["content-security-policy"]
    assert "script" not in page.text
    assert "onclick" not in page.text
    assert 'src="data:image/gif;base64,R0lGOD' in page.text
    assert "sandbox" in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert file.content == PIXEL
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    "raw", [b"\0", b"\r\n\r\n", b"x" * 2_000_000, b"a: b\r\n" * 50_000, bytes(range(256)) * 40]
)
async def test_any_bytes_are_read(gateway: Running, raw: bytes) -> None:
    """200 and an object for whatever is not empty; empty is a 400."""
    parsed = await gateway.admin.post("/emails/parse", content=raw)
    empty = await gateway.admin.post("/emails/parse", content=b"")

    assert parsed.status_code == 200
    assert {"message_id", "text", "warnings", "attachments"} <= parsed.json().keys()
    assert empty.status_code == 400
