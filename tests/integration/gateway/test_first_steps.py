"""From an empty system to a readable mailbox, through HTTP alone."""

import pytest

from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import MessageReceived
from support.builders import example, new_event, subject_of

from .conftest import Running

pytestmark = pytest.mark.integration


async def test_the_administrator_finds_everything_described(gateway: Running) -> None:
    """OpenAPI, docs, catalogue and probes answer."""
    for path in ("/openapi.json", "/docs", "/asyncapi.json", "/schemas", "/me", "/folders"):
        answer = await gateway.admin.get(path)
        assert answer.status_code == 200, (path, answer.text)


async def test_a_contact_gets_its_mail(gateway: Running) -> None:
    """An e-mail linked to a contact is in the holder's inbox, in its history, and names her."""
    contact = await gateway.admin.post(
        "/records/contact",
        json={"first_name": "Ada", "last_name": "L", "email_addresses": ["ada@example.test"]},
    )
    assert contact.status_code == 201, contact.text
    ref = {"type": "contact", "id": contact.json()["id"]}
    received = example(MessageReceived)
    source = new_event(received, subject_of(received), expected=0)
    await gateway.feeder.store.append([source])
    position = await gateway.feeder.feed(
        example(
            EmailImported,
            source_id=str(source.id),
            links=[{"record": ref, "parent": True, "reason": {"rule": "address"}}],
            holdings=[
                {"holder_id": gateway.admin_id, "folder": "inbox", "reason": {"rule": "inbox"}}
            ],
        )
    )
    after = {"Courrier-After": f"{contact.headers['Courrier-Position']},{position}"}

    inbox = await gateway.admin.get("/emails?folder=inbox", headers=after)
    history = await gateway.admin.get(f"/records/contact/{ref['id']}/history")
    folders = await gateway.admin.get("/folders")

    assert inbox.status_code == 200, inbox.text
    (email,) = inbox.json()["items"]
    assert email["from"]["person"] == {**ref, "name": "Ada L"}
    assert email["parent"]["name"] == "Ada L"
    assert [email["id"]] == [item["id"] for item in history.json()["items"]]
    assert {"total": 1, "unread": 1}.items() <= folders.json()["items"][0].items()
