"""What was written reads as it was meant, by our own reader and by the standard library's."""

import email
import email.message
import email.policy
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from courrier.mail.message import Mailbox
from courrier.mail.parse import attachment_bytes, parse
from courrier.mail.structure.attachments import safe_filename
from courrier.mail.writing.compose import compose, needs_smtputf8
from courrier.mail.writing.outgoing import (
    MailingList,
    OutgoingAttachment,
    OutgoingCalendar,
    OutgoingMessage,
    Unwritable,
)
from support.outgoing_mail import ANN, anything, as_name, messages, on_one_line, outgoing

HTML = "<p>Grüße</p>"


def ended(text: str) -> str:
    """A body ends in a line end, and begins with no byte order mark."""
    text = text.lstrip("\ufeff")
    return text if text.endswith("\n") else text + "\n"


def wild(usual: str) -> st.SearchStrategy[str]:
    """Mostly what may stand there, and now and then anything."""
    return st.integers(0, 9).flatmap(lambda each: st.just(usual) if each else anything)


def library_message(raw: bytes) -> email.message.EmailMessage:
    """As the standard library reads it."""
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(read, email.message.EmailMessage)
    return read


@given(messages, st.none() | st.just(HTML))
@settings(max_examples=60, deadline=None)
def test_reading_what_was_written_gives_the_same(
    message: OutgoingMessage, html: str | None
) -> None:
    """Nothing that a person wrote is lost or changed on the way through the wire format."""
    assume(html is None or (message.text and message.text.strip()))
    message = replace(message, html=html)
    raw = compose(message)
    read = parse(raw)

    assert read.message_id == message.message_id
    assert read.date == message.date
    assert read.from_ == message.from_
    assert read.sender == message.sender
    assert read.reply_to == message.reply_to
    assert read.to == message.to
    assert read.cc == message.cc
    assert (read.subject or "") == message.subject
    assert read.in_reply_to == message.in_reply_to
    assert read.references == message.references
    assert read.text == ended(message.text or "")
    assert (read.html is not None) == (html is not None)
    assert not read.warnings


@given(messages)
@settings(max_examples=50, deadline=None)
def test_files_come_back_as_they_were(message: OutgoingMessage) -> None:
    """Names, types, ids and every byte."""
    raw = compose(message)
    read = parse(raw)

    assert [
        (each.filename, each.content_type, each.content_id, each.inline)
        for each in read.attachments
    ] == [
        (safe_filename(each.filename), each.content_type.lower(), each.content_id, each.inline)
        for each in message.attachments
    ]
    assert [attachment_bytes(raw, n) for n in range(len(message.attachments))] == [
        each.content for each in message.attachments
    ]


@given(messages, st.none() | st.just(HTML))
@settings(max_examples=60, deadline=None)
def test_the_bytes_survive_any_server(message: OutgoingMessage, html: str | None) -> None:
    """7-bit, CRLF only, short lines, nothing that a relay or mailbox would alter."""
    raw = compose(replace(message, html=html))
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = raw.split(b"\r\n")

    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert not [line for line in body.split(b"\r\n") if line.startswith(b"From ")]
    assert not [line for line in head.split(b"\r\n") if not line.strip()]


@given(anything, anything, anything, anything)
@settings(max_examples=60, deadline=None)
def test_no_text_begins_a_field_of_its_own(
    subject: str, name: str, filename: str, text: str
) -> None:
    """Whatever stands in a value, the fields are the ones that were meant."""
    inject = "\r\nBcc: eve@example.org\r\n\r\n"
    raw = compose(
        outgoing(
            subject=subject + inject + subject,
            from_=Mailbox(name + inject + name, "a@b.example"),
            text=text + inject,
            attachments=(OutgoingAttachment(filename + inject + filename, "a/b", b""),),
        )
    )

    assert library_message(raw).keys() == [
        "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert parse(raw).bcc == ()


@given(anything, anything)
@settings(max_examples=50, deadline=None)
def test_any_text_is_written_as_well_as_a_field_can(subject: str, name: str) -> None:
    """Controls become blanks, half characters the mark of a damaged one; the rest stays."""
    read = parse(compose(outgoing(subject=subject, from_=Mailbox(name, "a@b.example"))))

    assert (read.subject or "") == on_one_line(subject)
    assert read.from_ == Mailbox(as_name(name), "a@b.example")


@given(messages, st.none() | st.just(HTML))
@settings(max_examples=60, deadline=None)
def test_the_standard_library_reads_the_same(message: OutgoingMessage, html: str | None) -> None:
    """An independent reader agrees on people, subject, body and files."""
    read = library_message(compose(replace(message, html=html)))
    plain = read.get_body(("plain",))
    assert plain is not None

    assert [each.addr_spec for each in read["From"].addresses] == [message.from_.address]
    assert str(read["Message-ID"]) == f"<{message.message_id}>"
    assert read["Date"].datetime == message.date
    assert plain.get_content().replace("\r\n", "\n") == ended(message.text or "")
    assert [each.get_payload(decode=True) for each in read.iter_attachments()] == [
        each.content for each in message.attachments
    ]
    assert [each.get_filename() for each in read.iter_attachments()] == [
        each.filename for each in message.attachments
    ]
    assert (read["Subject"] or "") == message.subject


def test_equal_messages_are_equal_bytes() -> None:
    """A retried send puts the same bytes on the wire."""
    message = outgoing(html=HTML, attachments=(OutgoingAttachment("a", "a/b", b"c"),))

    assert compose(message) == compose(replace(message, from_=replace(ANN)))


@given(
    st.builds(
        outgoing,
        message_id=wild("1@example.org"),
        from_=st.builds(Mailbox, anything, wild("ü@b.example")),
        to=st.lists(st.builds(Mailbox, anything, wild("a@b.example")), max_size=2).map(tuple),
        subject=anything,
        text=st.none() | anything,
        html=st.none() | anything,
        in_reply_to=st.none() | wild("2@example.org"),
        references=st.lists(wild("3@example.org"), max_size=2).map(tuple),
        auto_submitted=st.none() | wild("auto-replied"),
        attachments=st.lists(
            st.builds(
                OutgoingAttachment,
                filename=anything,
                content_type=wild("a/b") | st.just("message/rfc822"),
                content=st.binary(max_size=9),
                content_id=st.none() | wild("4@example.org"),
                inline=st.booleans(),
            ),
            max_size=2,
        ).map(tuple),
        fields=st.lists(st.tuples(wild("X-A"), anything), max_size=2).map(tuple),
        calendar=st.none() | st.builds(OutgoingCalendar, anything, wild("REPLY")),
        mailing_list=st.none()
        | st.builds(
            MailingList,
            id=st.none() | wild("a.example"),
            name=anything,
            unsubscribe=st.tuples(wild("https://b.example/")),
            one_click=st.booleans(),
        ),
    )
)
@settings(max_examples=80, deadline=None)
def test_anything_is_written_or_refused(message: OutgoingMessage) -> None:
    """There is no third: no other error, and no bytes that a server would not take."""
    try:
        raw = compose(message)
    except Unwritable:
        return

    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert not parse(raw).bcc


@given(anything, st.sampled_from(["jürgen", "用户", "δοκιμή", '"a ü"']), anything)
@settings(max_examples=60, deadline=None)
def test_a_local_part_beyond_ascii_stays_as_it_is(name: str, local: str, subject: str) -> None:
    """RFC 6532; it alone makes the message need SMTPUTF8, all else remains 7-bit."""
    message = outgoing(
        to=(Mailbox(as_name(name), f"{local}@bücher.example"),), subject=on_one_line(subject)
    )
    raw = compose(message)
    read = parse(raw)

    assert needs_smtputf8(message)
    assert raw.decode("utf-8").replace(local, "").isascii()
    assert read.to == (Mailbox(as_name(name), f"{local}@xn--bcher-kva.example"),)
    assert (read.subject or "") == on_one_line(subject)
