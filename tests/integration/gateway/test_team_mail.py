"""Mail that a team holds, over HTTP: seen by its members, read by each for themselves."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from support.builders import NOON

from .conftest import Running
from .linking import INBOX, linker_of, receive

pytestmark = pytest.mark.integration

ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


async def team_of(gateway: Running, name: str) -> dict[str, Any]:
    """Make a team with a folder; return a holding of mail in it."""
    team = (await gateway.admin.post("/teams", json={"name": name})).json()
    made = await gateway.admin.post("/group-folders", json={"name": name, "team_ids": [team["id"]]})
    after = {"Courrier-After": made.headers["Courrier-Position"]}
    await gateway.admin.get("/folders", headers=after)
    folder = made.json()["id"]
    return INBOX | {"holder_type": "group", "holder_id": team["id"], "folder": folder}


async def move_into(gateway: Running, user_id: str, *team_ids: str) -> None:
    """Let somebody be in these teams and no others."""
    changed = await gateway.admin.patch(f"/users/{user_id}", json={"team_ids": list(team_ids)})
    after = {"Courrier-After": changed.headers["Courrier-Position"]}
    assert 200 == (await gateway.admin.get("/users", headers=after)).status_code


async def seen(person: httpx.AsyncClient, folder: str) -> tuple[list[str], int, int]:
    """Return the e-mails of a folder, and its counters; -1 where it is not theirs."""
    items = (await person.get("/emails", params={"folder": folder})).json()["items"]
    folders = {each["id"]: each for each in (await person.get("/folders")).json()["items"]}
    counted = folders.get(folder, {"total": -1, "unread": -1})
    return [each["id"] for each in items], counted["total"], counted["unread"]


async def test_members_see_it_and_read_it_each_for_themselves(linked: Running) -> None:
    """Old mail is a new member's, too; a leaver sees none of it, whatever they did with it."""
    held = await team_of(linked, "Support")
    team, folder = held["holder_id"], held["folder"]
    await receive(linked, email_id=ONE, holdings=[held], date=NOON)
    await receive(linked, email_id=TWO, holdings=[held], date=NOON - timedelta(hours=1))
    grace, grace_id = await linked.add_user("grace", team_ids=[team])
    linus, _ = await linked.add_user("linus", team_ids=[team])
    eve, eve_id = await linked.add_user("eve")
    async with aclosing(grace), aclosing(linus), aclosing(eve):
        told = (await grace.get("/notifications")).json()["items"]
        read = await grace.patch(f"/emails/{ONE}", json={"is_read": True, "is_important": True})
        put = await linus.patch(f"/emails/{ONE}", json={"folder": "archive"})
        strange = await eve.patch(f"/emails/{ONE}", json={"is_read": True})
        shelves = [await seen(person, folder) for person in (grace, linus, eve)]
        elsewhere = [await seen(grace, "important"), await seen(linus, "archive")]
        await move_into(linked, grace_id)
        await move_into(linked, eve_id, team)
        after = [await seen(grace, folder), await seen(grace, "important"), await seen(eve, folder)]
        gone = [await grace.get(f"/emails/{ONE}"), await grace.get("/emails")]
        undone = await linus.post(f"/emails/{ONE}:undo")
        back = await seen(linus, folder)

    assert {("mail", ONE), ("mail", TWO)} == {(n["kind"], n["email_id"]) for n in told}
    assert (folder, True) == (read.json()["folder"], read.json()["is_read"])
    assert [("group", team, "Support")] == [tuple(h.values()) for h in read.json()["holders"]]
    assert ("archive", False) == (put.json()["folder"], put.json()["is_read"])
    assert [([ONE, TWO], 2, 1), ([TWO], 1, 1), ([], -1, -1)] == shelves
    assert [([ONE], 1, 0), ([ONE], 1, 1)] == elsewhere
    assert [([], -1, -1), ([], 0, 0), ([ONE, TWO], 2, 2)] == after
    assert (404, 404, []) == (strange.status_code, gone[0].status_code, gone[1].json()["items"])
    assert (200, ([ONE, TWO], 2, 2)) == (undone.status_code, back)


async def asked(person: httpx.AsyncClient, words: str) -> list[str]:
    """Return the e-mails that somebody asks for in words."""
    answer = await person.get("/emails", params={"q": words})
    return [each["id"] for each in answer.json()["items"]]


async def test_work_is_mine_or_nobody_s(linked: Running) -> None:
    """By assignee, status and tag of the conversation, within the folders of one's teams."""
    held = await team_of(linked, "Support")
    team, folder = held["holder_id"], held["folder"]
    talks = {ONE: "a1" * 16, TWO: "b2" * 16}
    for email_id, thread_id in talks.items():
        await receive(linked, email_id=email_id, thread_id=thread_id, holdings=[held])
    grace, grace_id = await linked.add_user("grace", team_ids=[team])
    eve, _ = await linked.add_user("eve")
    async with aclosing(grace), aclosing(eve):
        state = {"assigned_user": grace_id, "status": "waiting", "tags": ["urgent"]}
        await grace.patch(f"/threads/{talks[ONE]}", json=state)
        found = [
            await asked(grace, words)
            for words in (
                "assigned:me",
                f"in:{folder} assigned:none",
                f"assigned:{grace_id} status:waiting",
                "status:open",
                "tag:urgent is:unread",
                "tag:other",
            )
        ]
        strange = await asked(eve, f"assigned:{grace_id}")
        refused = await grace.get("/emails", params={"q": "colour:red"})

    assert [[ONE], [TWO], [ONE], [TWO], [ONE], []] == found
    assert ([], 422) == (strange, refused.status_code)
