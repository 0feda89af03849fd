"""Conversations over HTTP: shared state, notes, who is there; and what people are told."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from support.builders import NOON, THREAD

from .conftest import Running
from .linking import INBOX, linker_of, receive

pytestmark = pytest.mark.integration

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


async def told(person: httpx.AsyncClient) -> list[tuple[str, str | None, bool]]:
    """Return kind, e-mail and newness of what a person is told."""
    items = (await person.get("/notifications")).json()["items"]
    return [(each["kind"], each["email_id"], each["is_new"]) for each in items]


async def test_status_assignee_and_tags_are_shared(linked: Running) -> None:
    """Who holds an e-mail of it sets and sees them; a stranger sees nothing."""
    grace, grace_id = await linked.add_user("grace")
    eve, _ = await linked.add_user("eve")
    await receive(linked, linked.admin_id, grace_id, email_id=ONE)
    path = f"/threads/{THREAD}"
    before = await linked.admin.get(path)
    change = {"status": "waiting", "assigned_user": grace_id, "tags": ["urgent", "offer"]}
    changed = await linked.admin.patch(path, json=change)
    nobody = await linked.admin.patch(path, json={"assigned_user": "0" * 32})
    async with aclosing(grace), aclosing(eve):
        await grace.post("/presence", json={"thread_id": THREAD, "doing": "answering"})
        seen = (await linked.admin.get(path)).json()
        mine = (await grace.get("/threads", params={"status": "waiting"})).json()["items"]
        news = await told(grace)
        dropped = await grace.patch(path, json={"assigned_user": None})
        hidden = [
            await eve.get(path),
            await eve.patch(path, json=change),
            await eve.get(f"/emails/{ONE}/notes"),
            await eve.post("/presence", json={"thread_id": THREAD, "doing": "reading"}),
        ]
    tags = [each["id"] for each in (await linked.admin.get("/tags")).json()["items"]]

    assert ("open", None, []) == tuple(
        before.json()[name] for name in ("status", "assigned_user", "tags")
    )
    assert ("waiting", grace_id) == (changed.json()["status"], seen["assigned_user"]["id"])
    assert (422, "/assigned_user") == (nobody.status_code, nobody.json()["errors"][0]["pointer"])
    assert [("Grace", "answering")] == [(each["name"], each["doing"]) for each in seen["presence"]]
    assert ([THREAD], ["offer", "urgent"]) == ([each["id"] for each in mine], tags)
    assert ("assignment", None, True) in news
    assert dropped.json()["assigned_user"] is None
    assert [404] * 4 == [answer.status_code for answer in hidden]


async def test_notes_name_colleagues_who_are_told(linked: Running) -> None:
    """@login names somebody; an address or an unknown name does not; a repeat is one note."""
    grace, grace_id = await linked.add_user("grace")
    await receive(linked, linked.admin_id, grace_id, email_id=ONE)
    text = "She called, @grace (ada@grace, @nobody): send the offer."
    key = {"Idempotency-Key": "one"}
    written = await linked.admin.post(f"/emails/{ONE}/notes", json={"text": text}, headers=key)
    await linked.admin.post(f"/emails/{ONE}/notes", json={"text": text}, headers=key)
    empty = await linked.admin.post(f"/emails/{ONE}/notes", json={"text": " \n"})
    async with aclosing(grace):
        notes = (await grace.get(f"/emails/{ONE}/notes")).json()["items"]
        news = await told(grace)

    assert (201, 422) == (written.status_code, empty.status_code)
    assert [(text, [grace_id], "Administrator")] == [
        (each["text"], each["mentions"], each["author"]["name"]) for each in notes
    ]
    assert 1 == sum(kind == "mention" for kind, _, _ in news)


async def test_new_mail_is_told_but_not_what_is_silent_old_or_a_robot_s(linked: Running) -> None:
    """Robots only to whoever wants them; read mail and seen mail are no news."""
    now = datetime.now(UTC)
    admin = linked.admin
    mine: dict[str, Any] = {**INBOX, "holder_id": linked.admin_id}
    await receive(linked, linked.admin_id, email_id=ONE, date=now)
    await receive(linked, linked.admin_id, email_id=TWO, date=now, auto_reply=True)
    quiet: list[dict[str, Any]] = [{"is_quiet": True}, {"folder": "junk"}, {"is_read": True}]
    for number, change in enumerate(quiet):
        email_id = f"{number + 10:032x}"
        await receive(linked, email_id=email_id, date=now, holdings=[{**mine, **change}])
    await receive(linked, linked.admin_id, email_id=THREE, date=NOON - timedelta(days=9))
    usual = await told(admin)
    wish = await admin.patch("/preferences", json={"notify_robots": True})
    after = {"Courrier-After": wish.headers["Courrier-Position"]}
    await admin.get("/notifications", headers=after)
    wanted = await told(admin)
    await admin.post("/notifications:seen", json={})
    seen = await told(admin)
    await admin.patch(f"/emails/{ONE}", json={"is_read": True})
    read = await told(admin)

    assert [("mail", ONE, True)] == usual
    assert {("mail", ONE, True), ("mail", TWO, True)} == set(wanted)
    assert {("mail", ONE, False), ("mail", TWO, False)} == set(seen)
    assert [("mail", TWO, False)] == read
