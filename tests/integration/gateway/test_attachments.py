"""Files to write with: uploaded whole or in pieces, enclosed, and nobody else's."""

from contextlib import aclosing
from typing import Any

import httpx
import pytest

from courrier.events.blobs import Blobs
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.mail.parse import parse
from courrier.mail.to_json import to_json

from .conftest import Running
from .writers import begin, requested

pytestmark = pytest.mark.integration


async def upload(client: httpx.AsyncClient, name: str, content: bytes, kind: str) -> dict[str, Any]:
    """Upload a file whole and return it."""
    answer = await client.post("/attachments", files={"file": (name, content, kind)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_files_go_with_a_draft(
    writing: Running, store: JetStreamEventStore, blobs: Blobs
) -> None:
    """Uploaded whole or in pieces, listed in the draft, and in the message as they were."""
    admin = writing.admin
    whole = await upload(admin, "Grüße.txt", b"Hello", "text/plain")
    begun = await admin.post("/attachments", json={"filename": "film.bin", "size": 6})
    path = f"/attachments/{begun.json()['id']}"
    pieces = [
        await admin.patch(path, content=piece, headers={"Upload-Offset": offset})
        for piece, offset in ((b"abc", "0"), (b"abc", "0"), (b"def", "3"))
    ]
    progress = await admin.get(path)
    files = [whole["id"], begun.json()["id"]]
    draft = await begin(writing.admin, to=["a@x.test"], text="T", attachments=files)
    content = await admin.get(f"/emails/{draft['id']}/attachments/1")
    await admin.post(f"/emails/{draft['id']}:send", json={"undo_seconds": 0})
    raw = await blobs.get((await requested(store, draft["id"])).raw.digest)
    read: Any = to_json(parse(raw))

    assert [200, 409, 200] == [each.status_code for each in pieces]
    assert ("3", True) == (pieces[1].headers["Upload-Offset"], progress.json()["complete"])
    assert ["Grüße.txt", "film.bin"] == [each["filename"] for each in draft["attachments"]]
    assert b"abcdef" == content.content
    assert [("Grüße.txt", 5), ("film.bin", 6)] == [
        (each["filename"], each["size"]) for each in read["attachments"]
    ]


async def test_uploads_are_their_owners(writing: Running) -> None:
    """Nobody reads or encloses another's; too large and shapeless ones are refused."""
    mine = await upload(writing.admin, "a.txt", b"x", "text/plain")
    other, _ = await writing.add_user("hal", email_addresses=["hal@example.test"])
    async with aclosing(other):
        read = await other.get(f"/attachments/{mine['id']}")
        named = await other.post("/emails", json={"attachments": [mine["id"]]})
    set_ = await writing.admin.patch("/settings", json={"max_attachment_bytes": 1024})
    after = {"Courrier-After": set_.headers["Courrier-Position"]}
    await writing.admin.get("/settings", headers=after)
    large = await writing.admin.post("/attachments", json={"filename": "a", "size": 2000})
    shapeless = await writing.admin.post("/attachments", content=b"x")

    assert 404 == read.status_code
    assert (422, "/attachments/0") == (
        named.status_code,
        named.json()["errors"][0]["pointer"],
    )
    assert [413, 415] == [large.status_code, shapeless.status_code]
