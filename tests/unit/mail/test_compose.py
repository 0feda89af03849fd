from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from courrier.mail.compose import compose, needs_smtputf8
from courrier.mail.message import Mailbox
from courrier.mail.outgoing import (
    InvalidAddress,
    InvalidContentType,
    InvalidField,
    InvalidMessageId,
    NaiveDate,
    OutgoingAttachment,
    OutgoingMessage,
    Unwritable,
)
from courrier.mail.parse import attachment_bytes, parse

ANN = Mailbox("Ann", "ann@example.org")


def outgoing(**changes: object) -> OutgoingMessage:
    """A message that differs from a plain one in the values named."""
    values: dict[str, object] = {
        "message_id": "1@example.org",
        "date": datetime(2026, 1, 12, 10, 11, 12, tzinfo=UTC),
        "boundary_seed": "seed",
        "from_": ANN,
        "to": (Mailbox(None, "bob@example.org"),),
        "subject": "Hello",
        "text": "Good day\n",
    }
    return OutgoingMessage(**(values | changes))  # type: ignore[arg-type]  # values by name


line = st.text(
    st.characters(categories=("L", "M", "N", "P", "S"), include_characters=" "),
    max_size=200,
).map(lambda text: " ".join(text.split()))
body = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=500)
atom = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=30)
address = st.builds("{}@{}.example".format, atom, atom)
mailbox = st.builds(Mailbox, line.map(lambda name: name or None), address)
files = st.builds(
    OutgoingAttachment,
    filename=line.map(lambda name: name.replace("/", "").replace("\\", "").strip() or "x"),
    content_type=st.sampled_from(("application/pdf", "image/png", "text/csv")),
    content=st.binary(max_size=300),
)


@given(
    st.builds(
        outgoing,
        from_=mailbox,
        to=st.lists(mailbox, min_size=1, max_size=20).map(tuple),
        subject=line,
        text=body,
        html=st.none() | st.just("<p>Grüße</p>"),
        attachments=st.lists(files, max_size=3).map(tuple),
        references=st.lists(address, max_size=10, unique=True).map(tuple),
    )
)
@settings(max_examples=300, deadline=None)
def test_reading_what_was_written_gives_the_same(message: OutgoingMessage) -> None:
    """Nothing that a person wrote is lost or changed on the way through the wire format."""
    assume(message.html is None or message.text.strip())
    raw = compose(message)
    read = parse(raw)

    assert read.from_ == message.from_
    assert read.to == message.to
    assert (read.subject or "") == message.subject
    assert read.text == message.text + ("" if message.text.endswith("\n") else "\n")
    assert read.date == message.date
    assert read.message_id == message.message_id
    assert read.references == message.references
    assert [each.filename for each in read.attachments] == [
        each.filename for each in message.attachments
    ]
    assert [attachment_bytes(raw, n) for n in range(len(message.attachments))] == [
        each.content for each in message.attachments
    ]
    assert not read.warnings
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_begins_a_field_of_its_own(subject: str, name: str, filename: str) -> None:
    """A line break in a field never becomes a header, a body or a part."""
    inject = "\r\nBcc: eve@example.org\r\n\r\n"
    raw = compose(
        outgoing(
            subject=subject + inject,
            from_=Mailbox(name + inject, "a@b.example"),
            attachments=(OutgoingAttachment(filename + inject, "a/b", b""),),
        )
    )

    assert parse(raw).bcc == ()
    assert b"\r\nBcc:" not in raw


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"from_": Mailbox(None, "a@b.example\r\nBcc: c@d")}, InvalidAddress),
        ({"from_": Mailbox(None, "no address")}, InvalidAddress),
        ({"to": (Mailbox(None, "a b@c.example"),)}, InvalidAddress),
        ({"message_id": "a@b>\r\nX: y"}, InvalidMessageId),
        ({"references": ("a b@c",)}, InvalidMessageId),
        ({"fields": (("X-A\r\nB", "c"),)}, InvalidField),
        ({"fields": (("X-A", "b\nc"),)}, InvalidField),
        ({"fields": (("Bcc", "a@b.example"),)}, InvalidField),
        ({"auto_submitted": "yes\r\n"}, InvalidField),
        ({"date": datetime(2026, 1, 1)}, NaiveDate),  # noqa: DTZ001 (the point of the test)
        ({"attachments": (OutgoingAttachment("a", "b\r\nc/d", b""),)}, InvalidContentType),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(
    changes: dict[str, object], refusal: type[Unwritable]
) -> None:
    """A value with a grammar is never mended in silence."""
    with pytest.raises(refusal):
        compose(outgoing(**changes))


def test_equal_messages_are_equal_bytes() -> None:
    """A retried send puts the same bytes on the wire."""
    message = outgoing(html="<p>x</p>", attachments=(OutgoingAttachment("a", "a/b", b"c"),))

    assert compose(message) == compose(message)


def test_a_text_cannot_close_the_part_it_is_in() -> None:
    """Not even one who knows the boundary can."""
    first = compose(outgoing(html="<p>x</p>"))
    boundary = first.split(b'boundary="')[1].split(b'"')[0].decode()
    text = f"a\n--{boundary}--\nb\n"

    assert parse(compose(outgoing(html="<p>x</p>", text=text))).text == text


def test_a_date_is_written_in_its_own_offset() -> None:
    """The reader sees the writer's clock."""
    zone = timezone(-timedelta(hours=3, minutes=30))
    raw = compose(outgoing(date=datetime(2026, 3, 1, 9, 5, 0, tzinfo=zone)))

    assert b"Date: Sun, 01 Mar 2026 09:05:00 -0330\r\n" in raw


def test_only_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    """A domain has A-labels to fall back on; a local part has not."""
    domain = outgoing(to=(Mailbox(None, "a@bücher.example"),))

    assert not needs_smtputf8(domain)
    assert b"a@xn--bcher-kva.example" in compose(domain)
    assert needs_smtputf8(outgoing(to=(Mailbox(None, "jürgen@example.org"),)))


def test_an_enclosed_message_is_not_encoded() -> None:
    """RFC 2046 section 5.2.1 forbids it, and some readers then show nothing."""
    enclosed = compose(outgoing())
    raw = compose(outgoing(attachments=(OutgoingAttachment("m", "message/rfc822", enclosed),)))

    assert enclosed in raw
    assert attachment_bytes(raw, 0) == enclosed
