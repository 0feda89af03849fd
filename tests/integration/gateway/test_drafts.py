"""Drafts over HTTP: begun, saved again and again, listed, sent, taken back and thrown away."""

from contextlib import aclosing
from typing import Any

import pytest

from courrier.events import subjects
from courrier.events.families.email import EmailImported
from courrier.events.families.outbound import MessageSent, OutboundCancelled
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.jetstream.store import JetStreamEventStore
from support.builders import example
from support.waiting import eventually

from .conftest import Running
from .writers import begin, requested

pytestmark = pytest.mark.integration

ME = "grace@example.test"


async def ids_in(gateway: Running, folder: str) -> list[str]:
    """Return what stands in a folder."""
    listed = await gateway.admin.get(f"/emails?folder={folder}")
    return [each["id"] for each in listed.json()["items"]]


async def counted(gateway: Running, folder: str) -> int:
    """Return how many a folder says it holds."""
    items = (await gateway.admin.get("/folders")).json()["items"]
    return int(next(each["total"] for each in items if each["id"] == folder))


async def test_a_draft_is_kept_as_it_is_written(writing: Running) -> None:
    """Half an address, blind recipients, text: what was saved is what is read, at once."""
    made = await writing.admin.post(
        "/emails",
        json={"to": ["Ada <ada@example.test>", "hal@"], "bcc": ["boss@x.test"], "subject": "Offer"},
    )
    draft = made.json()
    path = f"/emails/{draft['id']}"

    saved = await writing.admin.patch(
        path, json={"text": "Hello"}, headers={"If-Match": made.headers["ETag"]}
    )
    read = (await writing.admin.get(path)).json()

    assert (201, f"/api/v1{path}") == (made.status_code, made.headers["Location"])
    assert saved.json() == read
    assert ("draft", "drafts", ME) == (read["status"], read["folder"], read["from"]["address"])
    assert ("draft", []) == (read["delivery"]["state"], read["delivery"]["recipients"])
    assert [("Ada", "ada@example.test"), (None, "hal@")] == [
        (box["name"], box["address"]) for box in read["to"]
    ]
    assert (["boss@x.test"], "Hello") == ([box["address"] for box in read["bcc"]], read["text"])
    assert ([draft["id"]], 1) == (await ids_in(writing, "drafts"), await counted(writing, "drafts"))


async def test_whoever_saves_over_what_they_have_not_read_is_told(writing: Running) -> None:
    """412 with the version they read; without one the last save wins."""
    draft = await begin(writing.admin, subject="Offer")
    path, first = f"/emails/{draft['id']}", {"If-Match": f'"{draft["version"]}"'}

    tries = [
        await writing.admin.patch(path, json={"subject": "A"}, headers=first),
        await writing.admin.patch(path, json={"subject": "B"}, headers=first),
        await writing.admin.patch(path, json={"subject": "C"}),
        await writing.admin.patch(path, json={"subject": "D"}, headers={"If-Match": '"x"'}),
        await writing.admin.patch(path, json={"is_read": True}),
        await writing.admin.patch(path, json={"subject": "line\nbreak"}),
    ]

    assert [200, 412, 200, 412, 422, 422] == [each.status_code for each in tries]
    assert "C" == (await writing.admin.get(path)).json()["subject"]


async def test_the_form_written_last_is_the_text(writing: Running) -> None:
    """A new text leaves no old HTML under it, nor the other way round."""
    draft = await begin(writing.admin, text="one", html="<p>one</p>")
    path = f"/emails/{draft['id']}"

    as_html = (await writing.admin.patch(path, json={"html": "<p>two</p>"})).json()
    page = await writing.admin.get(f"{path}/html")
    as_text = (await writing.admin.patch(path, json={"text": "three"})).json()

    assert ("<p>two</p>", "two") == (as_html["html"], as_html["text"].strip())
    assert "<p>two</p>" in page.text
    assert (None, "three") == (as_text["html"], as_text["text"])


async def test_a_draft_is_its_authors(writing: Running) -> None:
    """Others neither read nor change nor send it."""
    draft = await begin(writing.admin, subject="Secret")
    other, _ = await writing.add_user("hal")
    path = f"/emails/{draft['id']}"
    async with aclosing(other):
        tries = [
            await other.get(path),
            await other.patch(path, json={"subject": "x"}),
            await other.delete(path),
            await other.post(f"{path}:send", json={}),
            await other.post(f"{path}:cancel", json={}),
        ]
        listed = (await other.get("/emails?folder=drafts")).json()["items"]

    assert {404} == {each.status_code for each in tries}
    assert [] == listed


async def test_every_part_of_a_draft_can_be_asked_for(writing: Running) -> None:
    """What it does not have yet is a 404, and what only received mail takes is refused."""
    draft = await begin(writing.admin, text="Hello")
    path = f"/emails/{draft['id']}"
    parts = ("html", "raw", "attachments/0", "explanation", "events", "holders")
    asked = {each: (await writing.admin.get(f"{path}/{each}")).status_code for each in parts}
    orders = [f"{path}:{each}" for each in ("reply", "forward", "snooze", "link", "cancel", "undo")]
    told = [(await writing.admin.post(each, json={})).status_code for each in orders]

    assert {"html": 200, "raw": 404, "attachments/0": 404} == {
        name: asked[name] for name in ("html", "raw", "attachments/0")
    }
    assert not [each for each in (*asked.values(), *told) if each >= 500]
    assert [409, 409] == told[:2]


async def test_a_draft_is_thrown_away(writing: Running) -> None:
    """It is gone, from the list and the counter too."""
    draft = await begin(writing.admin, subject="No")
    gone = await writing.admin.delete(f"/emails/{draft['id']}")

    assert 204 == gone.status_code
    assert 404 == (await writing.admin.get(f"/emails/{draft['id']}")).status_code
    assert ([], 0) == (await ids_in(writing, "drafts"), await counted(writing, "drafts"))


async def test_a_draft_is_sent_and_taken_back(writing: Running, store: JetStreamEventStore) -> None:
    """Scheduled it stands in the outbox; cancelled it is a draft again, and can be sent anew."""
    draft = await begin(writing.admin, to=["ada@example.test"], subject="Offer", text="Hello")
    path = f"/emails/{draft['id']}"
    later = {"at": "2031-01-02T09:30:00", "undo_seconds": 0}
    zone = await writing.admin.patch("/me", json={"time_zone": "Europe/Paris"})
    after = {"Courrier-After": zone.headers["Courrier-Position"]}
    await writing.admin.get("/folders", headers=after)

    sent = await writing.admin.post(f"{path}:send", json=later)
    waiting = (await writing.admin.get(path)).json()
    listed = (await ids_in(writing, "drafts"), await ids_in(writing, "outbox"))
    edited = await writing.admin.patch(path, json={"subject": "x"})
    back = await writing.admin.post(f"{path}:cancel")
    again = (await ids_in(writing, "drafts"), await counted(writing, "outbox"))
    anew = await writing.admin.post(f"{path}:send", json={"undo_seconds": 0})

    assert (202, "scheduled") == (sent.status_code, sent.json()["status"]), sent.text
    assert "2031-01-02T08:30:00Z" == sent.json()["send_at"]
    assert waiting["status"] in {"scheduled", "sending"}
    assert ([], [draft["id"]]) == listed
    assert edited.status_code in {409, 422, 403}
    assert (200, "draft", "Hello") == (
        back.status_code,
        back.json()["status"],
        back.json()["text"],
    ), back.text
    assert ([draft["id"]], 0) == again
    assert 202 == anew.status_code, anew.text
    assert (await requested(store, draft["id"])).not_before is None


async def test_sending_twice_is_sending_once(writing: Running, store: JetStreamEventStore) -> None:
    """The second time says what became of it; what left is no draft any more."""
    draft = await begin(writing.admin, to=["ada@example.test"], subject="Offer", text="Hello")
    path = f"/emails/{draft['id']}"
    first = await writing.admin.post(f"{path}:send", json={"undo_seconds": 0})
    second = await writing.admin.post(f"{path}:send", json={})
    said = await requested(store, draft["id"])
    subject = subjects.outbound(draft["id"])
    writing.feeder.last[subject] = (await store.load(subject))[-1].sequence
    event = example(MessageSent, email_id=draft["id"], author_id=writing.admin_id, raw=said.raw)
    after = {"Courrier-After": await writing.feeder.feed(event)}
    gone = (await writing.admin.get("/folders", headers=after)).json()["items"]

    assert [202, 202] == [first.status_code, second.status_code]
    assert "sending" == first.json()["status"]
    assert 0 == next(each["total"] for each in gone if each["id"] == "outbox")


async def refused(gateway: Running, **body: Any) -> tuple[int, str | None]:
    """Try to send a draft of this and return the status and the field at fault."""
    draft = await begin(gateway.admin, **body)
    answer = await gateway.admin.post(f"/emails/{draft['id']}:send", json={})
    errors = answer.json().get("errors", [])
    return answer.status_code, errors[0]["pointer"] if errors else None


async def test_what_cannot_be_sent_is_refused_before_anything_leaves(writing: Running) -> None:
    """Each with the field at fault; the draft stays."""
    found = [
        await refused(writing, subject="x"),
        await refused(writing, to=["ada@"]),
        await refused(writing, to=["a@x.test"] * 60, cc=["b@x.test"] * 60),
    ]
    foreign = await writing.admin.post("/emails", json={"from": "eve@example.test"})
    stranger = await writing.admin.post("/emails", json={"account_id": "9" * 32})
    injected = await writing.admin.post("/emails", json={"subject": "x\r\nBcc: eve@x.test"})
    past = await begin(writing.admin, to=["a@x.test"])
    late = await writing.admin.post(f"/emails/{past['id']}:send", json={"at": "2001-01-01"})

    assert [(422, "/to"), (422, "/to/0/address"), (422, "/to")] == found
    assert [(422, "/from"), (422, "/account_id"), (422, "/subject"), (422, "/at")] == [
        (each.status_code, each.json()["errors"][0]["pointer"])
        for each in (foreign, stranger, injected, late)
    ]


async def test_pasted_recipients_are_split(writing: Running) -> None:
    """A text with a list is a list."""
    pasted = "Ada <ada@x.test>; hal@x.test\nLovelace, Ann <ann@x.test>"
    draft = await begin(writing.admin, to=pasted)

    assert [("Ada", "ada@x.test"), (None, "hal@x.test"), ("Lovelace, Ann", "ann@x.test")] == [
        (box["name"], box["address"]) for box in draft["to"]
    ]


async def test_a_teams_draft_is_the_teams(writing: Running) -> None:
    """An answer in a team's conversation is seen and gone on with by its other members."""
    team = (await writing.admin.post("/teams", json={"name": "Support"})).json()["id"]
    colleague, _ = await writing.add_user("hal", team_ids=[team])
    author, _ = await writing.add_user("ann", team_ids=[team])
    holding = {"holder_id": team, "holder_type": "group", "folder": "inbox"}
    event = example(EmailImported, holdings=[holding | {"reason": {"rule": "inbox"}}], links=[])
    after = {"Courrier-After": await writing.feeder.feed(event)}
    async with aclosing(colleague), aclosing(author):
        await author.get("/folders", headers=after)
        made = await author.post(f"/emails/{event.email_id}:reply", json={"text": "Dear Ada"})
        path = f"/emails/{made.json()['id']}"
        seen = await colleague.patch(path, json={"subject": "Better"})
        listed = [
            (await each.get("/emails?folder=drafts")).json()["items"]
            for each in (colleague, author)
        ]

    assert 201 == made.status_code, made.text
    assert (200, "Better") == (seen.status_code, seen.json()["subject"])
    assert ["Better", "Better"] == [items[0]["subject"] for items in listed]
    assert "Dear Ada" in seen.json()["text"]
    assert 404 == (await writing.admin.get(path)).status_code


async def test_who_is_deactivated_sends_nothing_later(
    writing: Running, store: JetStreamEventStore
) -> None:
    """What they had scheduled is a draft again, on the log too; it waits for them."""
    ann, ann_id = await writing.add_user("ann", email_addresses=["ann@x.test"])
    account = example(EmailAccountAdded, account_id="2" * 32, owner_id=ann_id, address="ann@x.test")
    after = {"Courrier-After": await writing.feeder.feed(account)}
    async with aclosing(ann):
        await ann.get("/folders", headers=after)
        body = {"to": ["ada@x.test"], "text": "T", "send": True, "options": {"at": "2031-01-01"}}
        sent = await ann.post("/emails", json=body)
        assert sent.status_code == 202, sent.text
    gone = await writing.admin.patch(f"/users/{ann_id}", json={"is_active": False})
    assert gone.status_code == 200, gone.text
    subject = subjects.outbound(sent.json()["id"])

    async def is_taken_back() -> bool:
        return isinstance((await store.load(subject))[-1].event, OutboundCancelled)

    await eventually(is_taken_back)
