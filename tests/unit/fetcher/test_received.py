"""Any message becomes an event that fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.envelope import EVENT_LIMIT, body_of
from courrier.events.families.mailbox import BlobRef, MessageReceived
from courrier.fetcher.domain.received import (
    Fetched,
    Origin,
    event_bytes,
    message_event_id,
    message_received,
    written,
)
from courrier.mail.parse import summarise
from support.builders import ACCOUNT, DIGEST, NOON, raw_message
from support.delivery_notices import report

ORIGIN = Origin(ACCOUNT, "INBOX", uidvalidity=1)
REF = BlobRef(digest=DIGEST, size=1)
MANY_FIELDS = b"\r\n".join(
    [
        b"Received: from a.example ([192.0.2.1]) by mx.example; Mon, 2 Mar 2026 12:00:00 +0100",
        b"Authentication-Results: mx.example; dkim=pass header.d=b.example",
        b"From: Ada <ada@b.example>",
        b"Sender: bob@b.example",
        b"Reply-To: eve@b.example",
        b"To: x@c.example, y@c.example",
        b"Cc: z@c.example",
        b"List-Id: <l.b.example>",
        b"Auto-Submitted: auto-replied",
        b"Date: Mon, 2 Mar 2026 12:00:00 +0100",
        b"References: <1@b.example> <2@b.example>",
        b"Content-Type: multipart/mixed; boundary=x",
        b"",
        b"--x",
        b"Content-Type: application/pdf; name=a.pdf",
        b"Content-ID: <c@b.example>",
        b"",
        b"PDF",
        b"--x--",
        b"",
    ]
)


@given(st.binary(max_size=600))
def test_any_bytes_are_reported(raw: bytes) -> None:
    """A message that makes no sense is an event all the same."""
    body = written(ORIGIN, Fetched(1, raw, ("\\Seen",), NOON), REF, summarise(raw))

    event = MessageReceived.model_validate_json(body)
    assert 1 == event.uid
    assert len(body) <= EVENT_LIMIT
    assert body_of(event) == body


@pytest.mark.parametrize("origin", [ORIGIN, Origin(ACCOUNT, "Sent", 2, "sent", "user", "x")])
def test_an_event_is_written_as_its_model_would_write_it(origin: Origin) -> None:
    """Every field is there, in its place: readers see no difference, and nor do digests."""
    full = raw_message("Hello\n", subject="Größe", in_reply_to="<0@example.test>")
    for raw, read in ((full, summarise), (MANY_FIELDS, summarise), (full, lambda _: None)):
        body = written(origin, Fetched(1, raw, ("\\Seen",), NOON), REF, read(raw))

        assert body_of(MessageReceived.model_validate_json(body)) == body


def test_a_message_that_cannot_be_read_is_reported() -> None:
    """Should the reader break, the bytes are stored and the log says so."""
    event = message_received(ORIGIN, Fetched(7, b"x"), REF, None)

    assert (7, ("the message could not be read",)) == (event.uid, event.warnings)


def test_a_message_made_to_burst_an_event_is_cut() -> None:
    """Thousands of addresses, ids and control characters: the start of each is kept."""
    ids = " ".join(f"<{'i' * 900}{n}@example.test>" for n in range(300))
    addresses = ", ".join(f"{'n' * 500} <a{n}@example.test>" for n in range(500))
    lines = [f"To: {addresses}", f"References: {ids}", "Subject: " + "s" * 9000]
    raw = "\r\n".join([*lines, "", "\x01" * 40_000]).encode()

    event = message_received(ORIGIN, Fetched(1, raw), REF, summarise(raw))

    assert event_bytes(event) <= EVENT_LIMIT
    assert event.text_cut
    assert 500 == event.recipient_count
    assert "i" * 900 + "0@example.test" == event.references[0]


def test_what_a_message_says_is_in_the_event() -> None:
    """The linker reads the event, not the blob."""
    raw = raw_message("Hello Grace\n", subject="Größe", in_reply_to="<0@example.test>")

    event = message_received(ORIGIN, Fetched(1, raw, ("\\Seen",)), REF, summarise(raw))

    assert ("Größe", "1@example.test", "0@example.test") == (
        event.subject,
        event.message_id,
        event.in_reply_to,
    )
    assert ("\\Seen",) == event.flags
    assert "Hello Grace" == event.text.strip()


def test_ids_tell_folders_and_validities_apart() -> None:
    """The same UID elsewhere is another message."""
    ids = {
        message_event_id(Origin(ACCOUNT, folder, validity), 1)
        for folder in ("INBOX", "Sent")
        for validity in (1, 2)
    }

    assert 4 == len(ids)


def test_a_bounce_names_the_message_that_it_is_about() -> None:
    """Other mail reports on nothing."""
    raw = report("1@x.test", "failed")
    bounce = message_received(ORIGIN, Fetched(1, raw), REF, summarise(raw))
    plain = raw_message()
    other = message_received(ORIGIN, Fetched(2, plain), REF, summarise(plain))

    assert ("1@x.test", None) == (bounce.reports_on, other.reports_on)
