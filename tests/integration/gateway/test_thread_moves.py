"""Conversations split and merged over HTTP, undone as one, and by whom."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
import pytest
from nats.aio.client import Client

from .conftest import Running
from .linking import linker_of, receive

pytestmark = pytest.mark.integration

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
OLD, OTHER = "a1" * 16, "b2" * 16


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


async def emails_in(person: httpx.AsyncClient, thread_id: str) -> set[str]:
    """Return the e-mails of a conversation that somebody reads."""
    answer = await person.get("/emails", params={"thread": thread_id})
    return {each["id"] for each in answer.json()["items"]}


async def test_a_conversation_is_split_and_the_split_undone(linked: Running) -> None:
    """The new one has assignee and tags of the old one; nobody splits what they do not share."""
    admin = linked.admin
    for email_id in (ONE, TWO, THREE):
        await receive(linked, linked.admin_id, email_id=email_id, thread_id=OLD)
    eve, _ = await linked.add_user("eve")
    shared = {"assigned_user": linked.admin_id, "tags": ["urgent"], "status": "waiting"}
    tag = (await admin.patch(f"/threads/{OLD}", json=shared)).headers["ETag"]
    path, body = f"/threads/{OLD}:split", {"email_ids": [TWO, THREE]}
    async with aclosing(eve):
        refused = [
            await eve.post(path, json=body),
            await admin.post(path, json=body, headers={"If-Match": '"other"'}),
            await admin.post(path, json={"email_ids": [ONE, TWO, THREE]}),
            await admin.post(path, json={"email_ids": ["none"]}),
        ]
    split = await admin.post(path, json=body, headers={"If-Match": tag})
    new = split.json()
    late = await admin.patch(f"/threads/{OLD}", json={"tags": []}, headers={"If-Match": tag})
    apart = [await emails_in(admin, OLD), await emails_in(admin, new["id"])]
    told = (await admin.get(f"/emails/{TWO}/explanation")).json()[-1]
    undone = await admin.post("/decisions:undo", json={"decision_id": new["decision_id"]})
    together = await emails_in(admin, OLD)

    assert [404, 412, 422, 404] == [answer.status_code for answer in refused]
    assert (200, "open", ["urgent"]) == (split.status_code, new["status"], new["tags"])
    assert linked.admin_id == new["assigned_user"]["id"]
    assert 412 == late.status_code
    assert [{ONE}, {TWO, THREE}] == apart
    assert ("split", "Administrator took it out of the conversation.") == (
        told["decision"],
        told["text"].partition(". ")[2],
    )
    assert (2, 0) == (undone.json()["undone"], undone.json()["changed_since"])
    assert {ONE, TWO, THREE} == together


async def test_two_conversations_become_one_and_are_two_again(linked: Running) -> None:
    """The one that goes on keeps its state, the notes of both are there, the old id leads on."""
    admin = linked.admin
    await receive(linked, linked.admin_id, email_id=ONE, thread_id=OLD)
    await receive(linked, linked.admin_id, email_id=TWO, thread_id=OTHER)
    await admin.patch(f"/threads/{OLD}", json={"tags": ["offer"]})
    await admin.patch(f"/threads/{OTHER}", json={"status": "closed", "tags": ["lamp"]})
    await admin.post(f"/emails/{TWO}/notes", json={"text": "She called."})
    path = f"/threads/{OLD}:merge"
    itself = await admin.post(path, json={"thread_id": OLD})
    merged = await admin.post(path, json={"thread_id": OTHER})
    one = merged.json()
    notes = (await admin.get(f"/emails/{ONE}/notes")).json()["items"]
    by_old_id = (await admin.get(f"/threads/{OTHER}")).json()
    whole = await emails_in(admin, OLD)
    undone = await admin.post("/decisions:undo", json={"decision_id": one["decision_id"]})
    after = (await admin.get(f"/threads/{OTHER}")).json()
    left = (await admin.get(f"/emails/{ONE}/notes")).json()["items"]

    assert (422, 200) == (itself.status_code, merged.status_code)
    assert (OLD, "open", ["offer"]) == (one["id"], one["status"], one["tags"])
    assert ["She called."] == [note["text"] for note in notes]
    assert (OLD, {ONE, TWO}) == (by_old_id["id"], whole)
    assert 1 == undone.json()["undone"]
    assert (OTHER, "closed", ["lamp"]) == (after["id"], after["status"], after["tags"])
    assert [] == left
