"""Decisions over HTTP: listed with who and when, undone for oneself, many at once by a job."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nats.aio.client import Client

from courrier.events import subjects
from courrier.events.families.email import EmailImported
from courrier.events.families.email_state import EmailFiled
from support.builders import context, example, new_event
from support.waiting import eventually

from .conftest import Running
from .linking import INBOX, linker_of, receive

pytestmark = pytest.mark.integration

ONE = "1" * 32
MANY = 230


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


async def where(person: httpx.AsyncClient, email_id: str = ONE) -> tuple[str, bool]:
    """Return in which folder an e-mail is, and whether it is read."""
    shown = (await person.get(f"/emails/{email_id}")).json()
    return shown["folder"], shown["is_read"]


async def undo(person: httpx.AsyncClient, email_id: str = ONE) -> httpx.Response:
    """Undo one's last decision on an e-mail."""
    return await person.post(f"/emails/{email_id}:undo")


async def finished(person: httpx.AsyncClient, started: httpx.Response) -> dict[str, Any]:
    """Return a job once it has ended."""
    assert started.status_code == 202, started.text
    path = f"/jobs/{started.json()['id']}"

    async def ended() -> bool:
        return (await person.get(path)).json()["state"] not in {"queued", "running"}

    await eventually(ended)
    return dict((await person.get(path)).json())


async def counted(person: httpx.AsyncClient) -> dict[str, tuple[int, int]]:
    """Return total and unread of those of a person's folders that hold mail."""
    items = (await person.get("/folders")).json()["items"]
    return {each["id"]: (each["total"], each["unread"]) for each in items if each["total"]}


async def test_my_last_decisions_are_undone_one_by_one(linked: Running) -> None:
    """Back through archived, read, given up; a fourth time there is nothing."""
    grace, grace_id = await linked.add_user("grace")
    admin = linked.admin
    await receive(linked, linked.admin_id, grace_id, email_id=ONE)
    await admin.patch(f"/emails/{ONE}", json={"is_read": True})
    await admin.patch(f"/emails/{ONE}", json={"folder": "archive"})
    async with aclosing(grace):
        for _ in range(2):
            await grace.delete(f"/emails/{ONE}")
        gone = await grace.get(f"/emails/{ONE}")
        taken_back = await undo(grace)
        hers = await where(grace)
    steps = []
    for _ in range(2):
        steps.append((await undo(admin)).json()["undone"])
        steps.append(await where(admin))
    nothing = await undo(admin)

    assert (404, 200, ("trash", False)) == (gone.status_code, taken_back.status_code, hers)
    assert [1, ("inbox", True), 1, ("inbox", False)] == steps
    assert nothing.status_code == 409


async def test_decisions_are_listed_and_undone_by_their_id(linked: Running) -> None:
    """What, who, when, undone or not; what was changed since stays and is counted."""
    admin = linked.admin
    await receive(linked, linked.admin_id, email_id=ONE)
    await admin.patch(f"/emails/{ONE}", json={"is_read": True, "folder": "archive"})
    await admin.patch(f"/emails/{ONE}", json={"folder": "trash"})
    trashed, first = (await admin.get("/decisions", params={"email": ONE})).json()["items"]
    undone = await admin.post("/decisions:undo", json={"decision_id": first["id"]})
    again = await admin.post("/decisions:undo", json={"decision_id": first["id"]})
    undoing, _, listed = (await admin.get("/decisions")).json()["items"]
    back = await admin.post("/decisions:undo", json={"decision_id": undoing["id"]})
    unknown = await admin.post("/decisions:undo", json={"decision_id": "0" * 32})

    assert (["archived", "read"], ["trashed"]) == (first["what"], trashed["what"])
    assert (1, linked.admin_id, None) == (first["emails"], first["actor"]["id"], first["rule"])
    assert (1, 1) == (undone.json()["undone"], undone.json()["changed_since"])
    assert (0, 1) == (again.json()["undone"], again.json()["changed_since"])
    assert (1, "undo") == (listed["undone"], undoing["rule"]["rule"])
    assert (1, 404) == (back.json()["undone"], unknown.status_code)
    assert ("trash", True) == await where(admin)


async def test_a_bulk_change_is_one_decision(linked: Running) -> None:
    """A whole folder by a query, in one job; undone as one, but for what was changed since."""
    admin = linked.admin
    holding = INBOX | {"holder_id": linked.admin_id}
    events = [
        example(EmailImported, email_id=f"{n:032x}", links=[], holdings=[holding])
        for n in range(MANY)
    ]
    position = await linked.feeder.feed_batch(events)
    await admin.get("/folders", headers={"Courrier-After": position})
    action = {"is_read": True, "folder": "archive"}
    asked = await admin.post("/emails:bulk", json={"q": "in:inbox is:unread", "action": action})
    done = await finished(admin, asked)
    moved = await counted(admin)
    await admin.patch(f"/emails/{0:032x}", json={"folder": "junk"})
    undoing = {"decision_id": done["result"]["decision_id"]}
    undone = await finished(admin, await admin.post("/decisions:undo", json=undoing))
    ids = [f"{n:032x}" for n in range(3)]
    few = await admin.post("/emails:bulk", json={"ids": [*ids, ONE], "action": {"folder": "trash"}})
    trashed = await finished(admin, few)
    misspelt = await admin.post("/emails:bulk", json={"q": "from:ada", "action": action})

    assert ("done", MANY, MANY) == (done["state"], done["done"], done["result"]["changed"])
    assert {"archive": (MANY, 0), "all": (MANY, 0)} == moved
    assert (MANY, 1) == (undone["result"]["undone"], undone["result"]["changed_since"])
    assert (3, 1) == (trashed["result"]["changed"], trashed["result"]["not-a-holder"])
    assert {"inbox": (MANY - 3, MANY - 3), "trash": (3, 3), "all": (MANY - 3, MANY - 3)} == (
        await counted(admin)
    )
    assert (422, "/q") == (misspelt.status_code, misspelt.json()["errors"][0]["pointer"])


async def brought_out(linked: Running, email_id: str, box: str) -> dict[str, str]:
    """Let the linker bring an e-mail out of a folder that the administrator removed."""
    reason = {"rule": "folder-removed", "rule_id": box, "field": "folder", "value": box}
    person = {"email_id": email_id, "person_id": linked.admin_id, "reason": reason}
    now, actor = datetime.now(UTC), f"user:{linked.admin_id}"
    store, subject = linked.feeder.store, subjects.email(email_id)
    last = (await store.last([subject]))[subject]
    fact = new_event(
        example(EmailFiled, **person, folder="inbox"),
        expected=last.sequence,
        version=last.version + 1,
        context=context(actor=actor, time=now, correlation_id=str(uuid4())),
    )
    return {"Courrier-After": f"1.{(await store.append([fact])).position}"}


async def test_undoing_the_removal_of_a_folder_brings_folder_and_mail_back(
    linked: Running,
) -> None:
    """By whoever removed it; the filters that rested go on resting until somebody looks."""
    admin = linked.admin
    made = await admin.post("/folders", json={"name": "Orders"})
    box = made.json()["id"]
    email_id = await receive(linked, linked.admin_id)
    await admin.patch(f"/emails/{email_id}", json={"folder": box})
    removed = await admin.delete(f"/folders/{box}")
    after = await brought_out(linked, email_id, box)
    listed = (await admin.get("/decisions", headers=after)).json()["items"][0]

    undone = await admin.post("/decisions:undo", json={"decision_id": listed["id"]})
    shown = {"Courrier-After": undone.headers["Courrier-Position"]}
    folder = await admin.get(f"/folders/{box}", headers=shown)

    assert 204 == removed.status_code
    assert ("folder-removed", box) == (listed["rule"]["rule"], listed["rule"]["rule_id"])
    assert (200, 1) == (undone.status_code, undone.json()["undone"])
    assert (200, "Orders") == (folder.status_code, folder.json()["name"])
    assert (box, False) == await where(admin, email_id)
