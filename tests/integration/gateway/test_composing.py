"""Answers, answers to everybody and forwards over HTTP: recipients, citations, files, crossings."""

from contextlib import aclosing
from typing import Any

import pytest

from courrier.events.blobs import Blobs
from courrier.events.families.email import EmailImported
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.mail.parse import parse
from courrier.mail.to_json import to_json
from support.builders import example

from .conftest import Running
from .writers import requested

pytestmark = pytest.mark.integration

INBOX = {"folder": "inbox", "reason": {"rule": "inbox"}}
AT_ONCE = {"send": True, "options": {"undo_seconds": 0}}
RICH = b"""From: Ada Lovelace <ada@example.test>\r
To: grace@example.test, hal@example.test\r
Subject: Picture\r
Message-ID: <rich@example.test>\r
Date: Mon, 02 Mar 2026 12:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=m\r
\r
--m\r
Content-Type: multipart/related; boundary=r\r
\r
--r\r
Content-Type: text/html\r
\r
<p onclick="x()">Look <img src="cid:dot@x"></p>\r
--r\r
Content-Type: image/gif\r
Content-ID: <dot@x>\r
Content-Disposition: inline; filename="dot.gif"\r
Content-Transfer-Encoding: base64\r
\r
R0lGODlhAQABAAAAADs=\r
--r--\r
--m\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename="paper.pdf"\r
Content-Transfer-Encoding: base64\r
\r
JVBERg==\r
--m--\r
"""


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


async def rich_email(gateway: Running, blobs: Blobs) -> str:
    """Let a message with an image and a file come in for the administrator."""
    (raw,) = await blobs.put([RICH])
    to = [{"address": "grace@example.test"}, {"address": "hal@example.test"}]
    named = {"raw": raw, "subject": "Picture", "message_id": "rich@example.test", "to": to}
    return await receive(gateway, gateway.admin_id, **named)


def addresses(boxes: list[dict[str, Any]]) -> list[str]:
    """Return the addresses only."""
    return [box["address"] for box in boxes]


async def test_a_reply_goes_from_the_account_that_received(
    gateway: Running, writing: Running, store: JetStreamEventStore
) -> None:
    """To whoever wrote, in the same conversation; it can be read before it is sent."""
    await give_account(gateway, gateway.admin_id, account_id="1" * 32, address="other@x.test")
    holding = INBOX | {"holder_id": gateway.admin_id, "account_id": "1" * 32}
    email_id = await receive(gateway, gateway.admin_id, holdings=[holding])

    body = {"text": "Yes", "bcc": ["boss@example.test"], "quote": False} | AT_ONCE
    key = {"Idempotency-Key": "once"}
    sent = await gateway.admin.post(f"/emails/{email_id}:reply", json=body, headers=key)
    again = await gateway.admin.post(f"/emails/{email_id}:reply", json=body, headers=key)

    assert sent.status_code == 202, sent.text
    assert again.json() == sent.json()
    said = await requested(store, sent.json()["id"])
    assert ("1" * 32, "other@x.test") == (said.account_id, said.sent_from.address)
    assert (["ada@example.test"], "Re: Question") == (
        [box.address for box in said.to],
        said.subject,
    )
    assert ("1@example.test", email_id, "Yes") == (said.in_reply_to, said.replies_to, said.text)
    shown = (await gateway.admin.get(f"/emails/{said.email_id}")).json()
    assert ("sending", "queued") == (shown["status"], shown["delivery"]["state"])
    assert ["boss@example.test"] == addresses(shown["bcc"])


async def test_an_answer_cites_in_the_writers_language(writing: Running, blobs: Blobs) -> None:
    """Marked in the text, as a citation in the HTML, safe, with the images that it shows."""
    email_id = await rich_email(writing, blobs)
    zone = await writing.admin.patch("/me", json={"language": "fr", "time_zone": "Europe/Paris"})
    after = {"Courrier-After": zone.headers["Courrier-Position"]}
    await writing.admin.get("/folders", headers=after)

    draft = (await writing.admin.post(f"/emails/{email_id}:reply-all", json={})).json()

    assert (["ada@example.test"], ["hal@example.test"]) == (
        addresses(draft["to"]),
        addresses(draft["cc"]),
    )
    assert "> Look" in draft["text"]
    assert "Ada Lovelace <ada@example.test> a écrit" in draft["text"]
    assert '<blockquote type="cite"' in draft["html"]
    assert "onclick" not in draft["html"]
    assert [("dot.gif", "dot@x", True)] == [
        (each["filename"], each["content_id"], each["inline"]) for each in draft["attachments"]
    ]


async def test_a_forward_carries_its_files(
    writing: Running, store: JetStreamEventStore, blobs: Blobs
) -> None:
    """With the head of the original; what is passed on arrives as it was."""
    email_id = await rich_email(writing, blobs)
    made = await writing.admin.post(f"/emails/{email_id}:forward", json={"text": "See below"})
    draft = made.json()
    more = {"to": ["zoe@example.test"]}
    await writing.admin.patch(f"/emails/{draft['id']}", json=more)
    await writing.admin.post(f"/emails/{draft['id']}:send", json={"undo_seconds": 0})
    said = await requested(store, draft["id"])
    read: Any = to_json(parse(await blobs.get(said.raw.digest)))

    assert ("Fwd: Picture", []) == (draft["subject"], draft["to"])
    assert draft["text"].startswith("See below\n")
    assert "Forwarded message" in draft["text"]
    assert ["dot.gif", "paper.pdf"] == [each["filename"] for each in read["attachments"]]
    assert None is said.in_reply_to
    assert 'src="cid:dot@x"' in read["html"]


async def test_signatures_stand_under_what_is_written(writing: Running) -> None:
    """That of the account before that of the preferences; above what is cited."""
    mine = await writing.admin.patch("/preferences", json={"signature_html": "<p>Grace, CEO</p>"})
    after = {"Courrier-After": mine.headers["Courrier-Position"]}
    await writing.admin.get("/preferences", headers=after)
    email_id = await receive(writing, writing.admin_id)

    blank = (await writing.admin.post("/emails", json={})).json()
    plain = (await writing.admin.post("/emails", json={"text": "Hello"})).json()
    answer = (await writing.admin.post(f"/emails/{email_id}:reply", json={"text": "Yes"})).json()

    assert ("Grace, CEO", "<p>Grace, CEO</p>") == (
        blank["text"].strip(),
        blank["html"].strip().removeprefix("<p></p>").strip(),
    )
    assert ("Hello", None) == (plain["text"], plain["html"])
    lines = [line for line in answer["text"].split("\n") if line]
    assert ["Yes", "Grace, CEO"] == lines[:2]


async def test_a_reply_that_crosses_a_newer_message_is_stopped(writing: Running) -> None:
    """409 shows what came meanwhile; with force it leaves all the same."""
    email_id = await receive(writing, writing.admin_id)
    draft = (await writing.admin.post(f"/emails/{email_id}:reply", json={"text": "Yes"})).json()
    newer = await receive(
        writing,
        writing.admin_id,
        email_id="9" * 32,
        message_id="2@example.test",
        date="2026-03-02T13:00:00Z",
        snippet="Never mind",
    )
    await writing.pool.execute("UPDATE gateway.emails SET imported_at = now()")
    path = f"/emails/{draft['id']}:send"

    stopped = await writing.admin.post(path, json={})
    forced = await writing.admin.post(path, json={"force": True})

    assert (409, newer) == (stopped.status_code, stopped.json()["existing_id"])
    assert ("Never mind", newer) == (
        stopped.json()["newer"]["snippet"],
        stopped.json()["newer"]["id"],
    )
    assert stopped.json()["type"].endswith("crossed-a-newer-message")
    assert 202 == forced.status_code


async def test_a_message_about_a_record_goes_to_it(writing: Running) -> None:
    """From a record: its address, else its contact's; what it is about is said."""
    made = {"name": "Ada Lovelace", "email_addresses": ["ada@x.test"]}
    created = await writing.admin.post("/records/lead", json=made)
    after = {"Courrier-After": created.headers["Courrier-Position"]}
    await writing.admin.get("/records/lead", headers=after)
    lead = created.json()
    about = {"type": "lead", "id": lead["id"]}
    begun = await writing.admin.post("/emails", json={"parent": about})
    assert begun.status_code == 201, begun.text
    draft = begun.json()
    nobody = {"type": "lead", "id": "9" * 32}
    refused = await writing.admin.post("/emails", json={"parent": nobody})

    assert ["ada@x.test"] == addresses(draft["to"])
    assert (lead["id"], "Ada Lovelace") == (draft["parent"]["id"], draft["parent"]["name"])
    assert (422, "/parent") == (refused.status_code, refused.json()["errors"][0]["pointer"])


async def test_blind_recipients_stay_blind(writing: Running) -> None:
    """Who holds a sent e-mail without having written it does not see them."""
    grace, grace_id = await writing.add_user("grace", email_addresses=["grace@example.test"])
    await give_account(writing, grace_id, account_id="2" * 32)
    body = {"to": ["a@x.test"], "bcc": ["b@x.test"], "subject": "S", "text": "T"} | AT_ONCE
    async with aclosing(grace):
        sent = await grace.post("/emails", json=body)
        assert sent.status_code == 202, sent.text
        email_id = sent.json()["id"]
        holders = [INBOX | {"holder_id": holder} for holder in (grace_id, writing.admin_id)]
        event = example(EmailImported, email_id=email_id, status="sent", holdings=holders, links=[])
        after = {"Courrier-After": await writing.feeder.feed(event)}
        authors = (await grace.get(f"/emails/{email_id}", headers=after)).json()
    holders_view = await writing.admin.get(f"/emails/{email_id}")

    assert ["b@x.test"] == addresses(authors["bcc"])
    assert [] == holders_view.json()["bcc"]
    assert "b@x.test" not in holders_view.text


async def test_without_a_way_to_send_a_draft_is_only_kept(writing: Running) -> None:
    """409 says what to do; the draft stays."""
    other, _ = await writing.add_user("hal")
    async with aclosing(other):
        draft = (await other.post("/emails", json={"to": ["a@x.test"], "text": "T"})).json()
        refused = await other.post(f"/emails/{draft['id']}:send", json={})
        kept = await other.get(f"/emails/{draft['id']}")

    assert (None, 409, 200) == (draft["from"], refused.status_code, kept.status_code)


async def test_a_sender_that_is_down_is_not_now(gateway: Running) -> None:
    """503 within the limit, and the request may be repeated."""
    answer = await gateway.admin.post("/emails", json={"to": ["a@x.test"], "text": "T"})

    assert 503 == answer.status_code
    assert "retry-after" in answer.headers


async def test_recipients_are_completed(writing: Running) -> None:
    """Records with their marks, colleagues, and whoever one has written with: each address once."""
    fields = {"name": "Ann Ames", "email_addresses": ["ann@x.test"], "opted_out": ["ann@x.test"]}
    created = await writing.admin.post("/records/lead", json=fields)
    assert created.status_code == 201, created.text
    to = [{"name": "Anton", "address": "anton@x.test"}, {"address": "ann@x.test"}]
    await receive(writing, writing.admin_id, to=to, **{"from": {"address": "me@x.test"}})
    after = {"Courrier-After": created.headers["Courrier-Position"]}
    items = (await writing.admin.get("/people?q=an", headers=after)).json()["items"]
    split = await writing.admin.post("/people:split", json={"text": "Ann <ann@x.test>; half@"})

    found = {each["address"]: each for each in items}
    assert ("lead", True) == (found["ann@x.test"]["type"], found["ann@x.test"]["opted_out"])
    assert ("address", "Anton", None) == tuple(
        found["anton@x.test"][name] for name in ("type", "name", "id")
    )
    assert 1 == [each["address"] for each in items].count("ann@x.test")
    assert [("ann@x.test", True, "Ann Ames"), ("half@", False, None)] == [
        (each["address"], each["valid"], (each["person"] or {}).get("name"))
        for each in split.json()["items"]
    ]


async def test_a_template_is_filled_in_or_holds_the_message_back(writing: Running) -> None:
    """Its texts and files for the recipient; what nothing filled in is not sent."""
    lead = {"name": "Ada Lovelace", "email_addresses": ["ada@x.test"]}
    await writing.admin.post("/records/lead", json=lead)
    file = await writing.admin.post("/attachments", files={"file": ("p.txt", b"x", "text/plain")})
    body = {
        "name": "Offer",
        "subject": "For {Person.name}",
        "text": "Dear {Person.name} of {Account.name}",
        "attachments": [file.json()["id"]],
    }
    template = await writing.admin.post("/templates", json=body)
    after = {"Courrier-After": template.headers["Courrier-Position"]}
    await writing.admin.get("/templates", headers=after)
    chosen = {"template_id": template.json()["id"], "to": ["ada@x.test"]}

    begun = (await writing.admin.post("/emails", json=chosen)).json()
    later = (await writing.admin.post("/emails", json={"to": ["ada@x.test"], "text": "x"})).json()
    path = f"/emails/{later['id']}"
    changed = (await writing.admin.patch(path, json={"template_id": chosen["template_id"]})).json()
    stopped = await writing.admin.post(f"{path}:send", json={})
    await writing.admin.patch(path, json={"text": "Dear Ada"})
    sent = await writing.admin.post(f"{path}:send", json={})

    assert ("For Ada Lovelace", ["p.txt"]) == (
        begun["subject"],
        [each["filename"] for each in begun["attachments"]],
    )
    assert changed["text"].startswith("Dear Ada Lovelace of {Account.name}")
    assert (409, "/text") == (stopped.status_code, stopped.json()["errors"][0]["pointer"])
    assert 202 == sent.status_code, sent.text
