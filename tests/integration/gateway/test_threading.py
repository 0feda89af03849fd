"""``POST /emails/thread`` at a running gateway."""

from typing import Any

from integration.gateway.conftest import Running

MESSAGES: list[dict[str, Any]] = [
    {"id": "q", "message_id": "1@x", "subject": "Offer", "date": "2026-01-12T10:11:12Z"},
    {"id": "n", "message_id": "2@x", "subject": "News", "in_reply_to": "ada@x", "references": []},
    {"id": "a", "message_id": None, "references": ["0@x", "1@x"], "from": {"address": "ada@x"}},
    {"id": "b", "in_reply_to": "0@x", "subject": None},
]


async def test_threads_are_told_and_mistakes_named(gateway: Running) -> None:
    """Every id once; a body that is no such request is the client's mistake, at its place."""
    told = await gateway.admin.post("/emails/thread", json={"messages": MESSAGES})
    empty = await gateway.admin.post("/emails/thread", json={"messages": []})
    wrong = await gateway.admin.post("/emails/thread", json={"messages": [{"id": 1}]})
    rubbish = await gateway.admin.post(
        "/emails/thread", content=b"{", headers={"Content-Type": "application/json"}
    )
    text = await gateway.admin.post("/emails/thread", content=b"{}")

    assert (told.status_code, told.json()) == (200, {"threads": [["q", "a", "b"], ["n"]]})
    assert (empty.status_code, empty.json()) == (200, {"threads": []})
    assert wrong.status_code == 422
    assert "/messages/0/id" == wrong.json()["errors"][0]["pointer"]
    assert [rubbish.status_code, text.status_code] == [422, 415]


async def test_many_messages_at_once(gateway: Running) -> None:
    """An archive of some size is one request."""
    many = [
        {"id": str(n), "message_id": f"{n}@x", "references": [f"{n % 100}@x"], "subject": "S"}
        for n in range(8_000)
    ]

    told = await gateway.admin.post("/emails/thread", json={"messages": many})

    assert [80] * 100 == [len(thread) for thread in told.json()["threads"]]
