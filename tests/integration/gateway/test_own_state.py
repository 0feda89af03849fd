"""A person's copy over HTTP: marked, filed, put away, given up; the others' copies stay."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from nats.aio.client import Client

from .conftest import Running
from .linking import linker_of, receive

pytestmark = pytest.mark.integration

ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
async def linked(gateway: Running, client: Client) -> AsyncIterator[Running]:
    """A gateway with a linker behind it."""
    async with linker_of(gateway, client):
        yield gateway


async def counted(person: httpx.AsyncClient) -> dict[str, tuple[int, int]]:
    """Return total and unread of those of a person's folders that hold mail."""
    items = (await person.get("/folders")).json()["items"]
    return {each["id"]: (each["total"], each["unread"]) for each in items if each["total"]}


async def listed(person: httpx.AsyncClient, folder: str, **more: str) -> list[str]:
    """Return the ids in a folder."""
    answer = await person.get("/emails", params={"folder": folder} | more)
    return [each["id"] for each in answer.json()["items"]]


async def patched(person: httpx.AsyncClient, email_id: str, **change: Any) -> dict[str, Any]:
    """Change one's copy and return it."""
    answer = await person.patch(f"/emails/{email_id}", json=change)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_marks_and_places_are_each_ones_own(linked: Running) -> None:
    """Read, important, a folder of mine: lists and counters follow for me, for nobody else."""
    grace, grace_id = await linked.add_user("grace")
    await receive(linked, linked.admin_id, grace_id, email_id=ONE)
    await receive(linked, linked.admin_id, email_id=TWO)
    async with aclosing(grace):
        made = await grace.post("/folders", json={"name": "Orders"})
        await grace.get("/folders", headers={"Courrier-After": made.headers["Courrier-Position"]})
        mine = made.json()["id"]
        shown = await patched(grace, ONE, is_read=True, is_important=True, folder=mine)
        hers = await counted(grace)
        filed, important = await listed(grace, mine), await listed(grace, "important")
        unread = await listed(grace, "important", unread="true")
    foreign = await linked.admin.patch(f"/emails/{ONE}", json={"folder": mine})
    nothing = await linked.admin.patch(f"/emails/{ONE}", json={})

    assert (True, True, mine) == (shown["is_read"], shown["is_important"], shown["folder"])
    assert {mine: (1, 0), "important": (1, 0), "all": (1, 0)} == hers
    assert ([ONE], [ONE], []) == (filed, important, unread)
    assert {"inbox": (2, 2), "all": (2, 2)} == await counted(linked.admin)
    assert [422, 422] == [foreign.status_code, nothing.status_code]
    assert "/folder" == foreign.json()["errors"][0]["pointer"]


async def test_what_is_put_away_is_in_its_place_only(linked: Running) -> None:
    """Archived and in use; in the Trash or in Junk and out of all mail; back again by a move."""
    await receive(linked, linked.admin_id, email_id=ONE)
    seen = {}
    for folder in ("archive", "trash", "junk", "inbox"):
        shown = await patched(linked.admin, ONE, is_important=True, folder=folder)
        seen[folder] = (shown["in_trash"], shown["is_archived"], await counted(linked.admin))

    marked = {"important": (1, 1), "all": (1, 1)}
    assert {
        "archive": (False, True, {"archive": (1, 1)} | marked),
        "trash": (True, False, {"trash": (1, 1)}),
        "junk": (False, False, {"junk": (1, 1)}),
        "inbox": (False, False, {"inbox": (1, 1)} | marked),
    } == seen
    assert [ONE] == await listed(linked.admin, "all")
    assert [] == await listed(linked.admin, "trash")


async def test_deleting_twice_gives_my_copy_up(linked: Running) -> None:
    """First to my Trash, then I have it no more; who else holds it still does."""
    grace, grace_id = await linked.add_user("grace")
    await receive(linked, linked.admin_id, grace_id, email_id=ONE)
    async with aclosing(grace):
        first = await grace.delete(f"/emails/{ONE}")
        trashed = await listed(grace, "trash")
        second = await grace.delete(f"/emails/{ONE}")
        third = await grace.delete(f"/emails/{ONE}")
        left = await counted(grace)
    holders = (await linked.admin.get(f"/emails/{ONE}/holders")).json()["items"]

    assert [204, 204, 404] == [first.status_code, second.status_code, third.status_code]
    assert ([ONE], {}) == (trashed, left)
    assert [linked.admin_id] == [each["id"] for each in holders]
    assert {"inbox": (1, 1), "all": (1, 1)} == await counted(linked.admin)


async def test_spam_goes_to_junk_and_back_and_its_sender_is_blocked(linked: Running) -> None:
    """For oneself by a filter into Junk, removed to undo it; for everybody by administrators."""
    grace, grace_id = await linked.add_user("grace")
    await receive(linked, linked.admin_id, grace_id, email_id=ONE)
    path = f"/emails/{ONE}"
    async with aclosing(grace):
        spam = await grace.post(f"{path}:spam")
        back = await grace.post(f"{path}:not-spam")
        twice = await grace.post(f"{path}:not-spam")
        blocked = await grace.post(f"{path}:block", json={"what": "domain"})
        everybody = await grace.post(f"{path}:block", json={"for": "everybody"})
        after = {"Courrier-After": blocked.headers["Courrier-Position"]}
        filter_id = blocked.json()["filter_id"]
        rule = (await grace.get(f"/filters/{filter_id}", headers=after)).json()
        undone = await grace.delete(f"/filters/{filter_id}")
    for_all = await linked.admin.post(f"{path}:block", json={"for": "everybody"})

    assert ("junk", "inbox") == (spam.json()["folder"], back.json()["folder"])
    assert twice.status_code == 409
    assert ("*@example.test", "move", "junk") == (rule["from"], rule["action"], rule["folder_id"])
    assert [201, 403, 204, 201] == [
        answer.status_code for answer in (blocked, everybody, undone, for_all)
    ]
    assert {"inbox": (1, 1), "all": (1, 1)} == await counted(linked.admin)
