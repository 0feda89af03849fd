"""What the linker decides anew is what people read; and who vouches for a sender is shown."""

from typing import Any

from courrier.events.base import Event
from courrier.events.families.email import EmailLinked, ThreadsJoined
from integration.gateway.conftest import Running
from integration.gateway.test_mail import receive
from support.builders import EMAIL, NOON, REASON, THREAD, example


async def told(gateway: Running, *events: Event) -> dict[str, Any]:
    """The e-mail as its holder reads it after these facts."""
    position = ""
    for event in events:
        position = await gateway.feeder.feed(event)
    after = {"Courrier-After": position} if position else {}
    answer = await gateway.admin.get(f"/emails/{EMAIL}", headers=after)
    found: dict[str, Any] = answer.json()
    return found


async def test_links_and_threads_are_those_of_the_last_decision(gateway: Running) -> None:
    """An e-mail that was linked to nothing is found at its record, in the thread it belongs to."""
    created = await gateway.admin.post("/records/account", json={"name": "Firm"})
    account_id = created.json()["id"]
    await receive(gateway, gateway.admin_id, thread_id=THREAD)
    before = await told(gateway)
    link = {"record": {"type": "account", "id": account_id}, "parent": True, "reason": REASON}

    after = await told(
        gateway,
        example(EmailLinked, links=[link]),
        example(ThreadsJoined, joined=THREAD, thread_id="8" * 32),
    )
    history = await gateway.admin.get(f"/records/account/{account_id}/history")
    thread = await gateway.admin.get("/emails", params={"thread": "8" * 32})

    assert (before["parent"], before["thread_id"]) == (None, THREAD)
    assert (after["parent"]["id"], after["parent"]["reason"]["rule"]) == (account_id, "address")
    assert after["thread_id"] == "8" * 32
    assert [EMAIL] == [each["id"] for each in history.json()["items"]]
    assert [EMAIL] == [each["id"] for each in thread.json()["items"]]


async def test_who_vouches_for_the_sender_is_shown(gateway: Running) -> None:
    """The receiving server's verdict, with its name; nothing where it says nothing."""
    await receive(
        gateway, gateway.admin_id, authentication="fail", authenticated_by="mx.example.test"
    )
    silent = await receive(gateway, gateway.admin_id, email_id="1" * 32, date=NOON)

    shown = await told(gateway)
    other = await gateway.admin.get(f"/emails/{silent}")

    assert shown["authentication"] == {"verdict": "fail", "server": "mx.example.test"}
    assert other.json()["authentication"] is None
