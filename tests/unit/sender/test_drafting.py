"""Drafts: begun, saved, sent, taken back and thrown away, on a log in memory."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from courrier.events import subjects
from courrier.events.base import Mailbox, RecordRef
from courrier.events.blobs import MemoryBlobs
from courrier.events.bus import Answer
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.drafts import DiscardDraft, SaveDraft, SendDraft
from courrier.events.families.drafts import DraftFields, DraftSaved, WrittenFile
from courrier.events.families.mailbox import BlobRef
from courrier.events.families.outbound import OutboundCancelled, SendRequested
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.identity import Identity
from courrier.events.memory import MemoryEventStore
from courrier.mail.parse import parse, summarise
from courrier.mail.to_json import to_json
from courrier.sender.domain.account import Account, account_of
from courrier.sender.handlers.drafts import Drafts
from courrier.sender.handlers.requests import Requests
from support.builders import ACCOUNT, EMAIL, USER, example, new_event

from .orders import ADA, GRACE

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CASE = RecordRef(type="case", id="c1")
PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


class OneAccount:
    """Grace's account and no other."""

    async def get(self, account_id: str) -> Account | None:
        """Return it if it is asked for."""
        return account_of([example(EmailAccountAdded)]) if account_id == ACCOUNT else None

    async def has_address(self, address: str) -> bool:
        """Tell whether it is Grace's."""
        return address == example(EmailAccountAdded).address


@dataclass
class Desk:
    """Somebody who writes, and what the log says of it."""

    store: MemoryEventStore
    blobs: MemoryBlobs
    drafts: Drafts

    async def save(self, expected: int | None = None, **fields: Any) -> Answer:
        """Save these fields."""
        return await self.drafts.save(
            SaveDraft(
                command_id=fields.pop("command_id", None) or uuid4(),
                email_id=EMAIL,
                author_id=USER,
                fields=DraftFields(**fields),
                given=tuple("sent_from" if name == "from" else name for name in fields),
                begin=expected == 0,
                expected=expected or None,
                actor=f"user:{USER}",
            )
        )

    async def send(self, **changes: Any) -> Answer:
        """Send what stands there."""
        usual: dict[str, Any] = {"author_id": USER, "account_id": ACCOUNT, "sent_from": GRACE}
        usual |= {"command_id": uuid4(), "email_id": EMAIL, "actor": f"user:{USER}"}
        return await self.drafts.send(SendDraft(**(usual | changes)))

    async def discard(self) -> Answer:
        """Throw it away."""
        return await self.drafts.discard(
            DiscardDraft(command_id=uuid4(), email_id=EMAIL, actor=f"user:{USER}")
        )

    async def types(self) -> list[str]:
        """Return the names of the draft's facts, oldest first."""
        history = await self.store.load(subjects.draft(EMAIL))
        return [type(each.event).__name__ for each in history]

    async def last(self) -> DraftFields:
        """Return how the draft reads."""
        event = (await self.store.load(subjects.draft(EMAIL)))[-1].event
        assert isinstance(event, DraftSaved)
        return event.fields

    async def requested(self) -> SendRequested:
        """Return what is to be sent."""
        event = (await self.store.load(subjects.outbound(EMAIL)))[-1].event
        assert isinstance(event, SendRequested)
        return event

    async def take_back(self) -> None:
        """Cancel the message."""
        event, subject = OutboundCancelled(email_id=EMAIL), subjects.outbound(EMAIL)
        last = (await self.store.load(subject))[-1].sequence
        await self.store.append([new_event(event, subject, version=2, expected=last)])


@pytest.fixture
def desk() -> Desk:
    """A desk with nothing on it."""
    store, blobs = MemoryEventStore(), MemoryBlobs()
    requests = Requests(
        store,
        blobs,
        accounts=OneAccount(),
        identity=Identity(b"k" * 32),
        clock=lambda: NOON,
    )
    return Desk(store, blobs, Drafts(store, blobs, requests, lambda: NOON))


def version_in(answer: Answer) -> int:
    """Return the version that an order led to."""
    assert isinstance(answer, Done), answer
    return answer.counts["version"]


def reason_of(answer: Answer) -> str:
    """Return why an order was declined."""
    assert isinstance(answer, Refused), answer
    return answer.reason


async def test_a_save_changes_what_it_gives_and_nothing_else(desk: Desk) -> None:
    """Fields that are not given stay; what changes nothing is no fact."""
    begun = await desk.save(0, subject="Offer", to=(ADA,))
    saved = await desk.save(1, subject="Our offer")
    same = await desk.save(None, subject="Our offer")

    assert [1, 2, 2] == [version_in(each) for each in (begun, saved, same)]
    assert DraftFields(subject="Our offer", to=(ADA,)) == await desk.last()
    assert ["DraftSaved", "DraftSaved"] == await desk.types()


async def test_whoever_saves_over_an_older_reading_is_told(desk: Desk) -> None:
    """The version read has to be the last one; a repeat of the same order is none of that."""
    await desk.save(0, subject="Offer")
    once = UUID(int=1)

    first = await desk.save(1, subject="A", command_id=once)
    again = await desk.save(1, subject="A", command_id=once)
    late = await desk.save(1, subject="B")

    assert [2, 2] == [version_in(first), version_in(again)]
    assert "version-changed" == reason_of(late)
    assert "A" == (await desk.last()).subject


async def test_an_id_is_taken_once(desk: Desk) -> None:
    """Nobody begins a draft under another's id, nor saves one that was never begun."""
    assert "not-found" == reason_of(await desk.save(None, subject="x"))
    await desk.save(0, subject="Offer")
    assert "id-taken" == reason_of(await desk.save(0, subject="Other"))


async def test_a_discarded_draft_is_gone(desk: Desk) -> None:
    """It is neither saved nor sent any more, and discarding it again is no fault."""
    await desk.save(0, subject="Offer", to=(ADA,))
    assert 2 == version_in(await desk.discard())

    assert 2 == version_in(await desk.discard())
    assert "not-found" == reason_of(await desk.save(None, subject="x"))
    assert "not-found" == reason_of(await desk.send())
    assert "id-taken" == reason_of(await desk.save(0, subject="x"))


async def write_richly(desk: Desk) -> None:
    """Save a draft in which everything is."""
    html = b'<p>Look: <img src="cid:dot@x"></p>'
    body, image, paper = await desk.blobs.put([html, PIXEL, b"%PDF"])
    dot = WrittenFile(
        id="f1",
        filename="dot.gif",
        content_type="image/gif",
        content=image,
        content_id="dot@x",
        inline=True,
    )
    file = WrittenFile(id="f2", filename="Grüße.pdf", content_type="application/pdf", content=paper)
    await desk.save(
        0,
        to=(ADA,),
        subject="Offer",
        html=body,
        files=(file, dot),
        references=("0@x", "1@x"),
        in_reply_to="1@x",
        replies_to="d" * 32,
        parent=CASE,
    )


async def test_a_draft_is_sent_as_it_reads(desk: Desk) -> None:
    """Texts, files, inline images, Reply-To, what it is about and answers: all of it is there."""
    await write_richly(desk)
    team = Mailbox(name="Team", address="team@example.test")
    answer = await desk.send(reply_to=(team,), remind_at=NOON)

    assert 2 == version_in(answer)
    said = await desk.requested()
    assert [(0, "dot.gif", True), (1, "Grüße.pdf", False)] == [
        (each.position, each.filename, each.inline) for each in said.attachments
    ]
    assert (CASE, "d" * 32, NOON, 2) == (
        said.parent,
        said.replies_to,
        said.remind_at,
        said.attachment_count,
    )
    raw = await desk.blobs.get(said.raw.digest)
    read: Any = to_json(parse(raw))
    assert [each["filename"] for each in read["attachments"]] == ["dot.gif", "Grüße.pdf"]
    assert ["team@example.test"] == [box["address"] for box in read["reply_to"]]
    assert ("1@x", ["0@x", "1@x"]) == (read["in_reply_to"], read["references"])
    assert "cid:dot@x" in str(read["html"])
    assert "Look:" in read["text"]
    assert ["DraftSaved", "DraftSubmitted"] == await desk.types()


async def test_what_was_sent_is_a_draft_no_more(desk: Desk) -> None:
    """Saving says so; sending again sends nothing again."""
    await desk.save(0, to=(ADA,), subject="Offer")
    await desk.send()

    assert "already-sent" == reason_of(await desk.save(None, subject="x"))
    assert "already-sent" == reason_of(await desk.discard())
    assert 2 == version_in(await desk.send())
    assert 1 == len(await desk.store.load(subjects.outbound(EMAIL)))


async def test_what_was_taken_back_is_a_draft_again(desk: Desk) -> None:
    """As it was given to be sent."""
    await desk.save(0, to=(ADA,), subject="Offer")
    await desk.send(not_before=datetime(2026, 3, 3, tzinfo=UTC))
    await desk.take_back()

    assert 3 == version_in(await desk.save(2, subject="Better offer"))
    assert DraftFields(to=(ADA,), subject="Better offer") == await desk.last()


async def test_a_refused_message_stays_a_draft(desk: Desk) -> None:
    """Half an address, no recipient, another's account, too many bytes: nothing is recorded."""
    await desk.save(0, subject="Offer")
    none = await desk.send()
    await desk.save(1, to=(Mailbox(address="ada@"),))
    half = await desk.send()
    await desk.save(2, to=(ADA,))
    foreign = await desk.send(account_id="9" * 32)
    big = await desk.send(max_bytes=100)
    old = await desk.send(expected=1)

    found = [reason_of(each) for each in (none, half, foreign, big, old)]
    assert ["no-recipient", "bad-address", "account-unknown", "too-large", "version-changed"] == (
        found
    )
    assert isinstance(half, Refused)
    assert half.pointer == "/to/0/address"
    assert [] == await desk.store.load(subjects.outbound(EMAIL))


async def test_a_message_for_later_is_dated_then(desk: Desk) -> None:
    """Readers sort by the date that it says."""
    later = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
    await desk.save(0, to=(ADA,), subject="Offer")
    await desk.send(not_before=later)

    said = await desk.requested()
    assert (later, later) == (said.not_before, said.date)
    assert later == summarise(await desk.blobs.get(said.raw.digest)).date


async def test_a_lost_file_is_told(desk: Desk) -> None:
    """The draft stays; the file has to be added again."""
    lost = WrittenFile(
        id="f", filename="a", content_type="text/plain", content=BlobRef(digest="9" * 64, size=1)
    )
    await desk.save(0, to=(ADA,), files=(lost,))

    answer = await desk.send()

    assert isinstance(answer, Refused)
    assert ("blob-missing", "/attachments") == (answer.reason, answer.pointer)
