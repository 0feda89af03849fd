import re
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import Message
from urllib.parse import unquote

import pytest

from courrier.mail.message import Mailbox
from courrier.mail.parse import attachment_bytes, parse
from courrier.mail.writing.compose import compose, needs_smtputf8
from courrier.mail.writing.outgoing import (
    InvalidAddress,
    InvalidContentType,
    InvalidField,
    InvalidMessageId,
    NaiveDate,
    OutgoingAttachment,
    OutgoingCalendar,
    TooLarge,
    TooManyMailboxes,
    Unwritable,
)
from support.outgoing_mail import outgoing


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"from_": Mailbox(None, "a@b.example\r\nBcc: c@d")}, InvalidAddress),
        ({"from_": Mailbox(None, "no address")}, InvalidAddress),
        ({"to": (Mailbox(None, "a b@c.example"),)}, InvalidAddress),
        ({"message_id": "a@b>\r\nX: y"}, InvalidMessageId),
        ({"references": ("a b@c",)}, InvalidMessageId),
        ({"in_reply_to": "jürgen@example.org"}, InvalidMessageId),
        ({"to": (Mailbox(None, "\ud800@b.example"),)}, InvalidAddress),
        ({"to": (Mailbox(None, "a@b..example"),)}, InvalidAddress),
        ({"cc": (Mailbox(None, '"a\r\nBcc: x"@b.example'),)}, InvalidAddress),
        ({"reply_to": (Mailbox(None, "a@b.example, c@d.example"),)}, InvalidAddress),
        ({"sender": Mailbox(None, "<a@b.example>")}, InvalidAddress),
        ({"to": (Mailbox(None, "a@b.example"),) * 1_001}, TooManyMailboxes),
        ({"fields": (("X-A", "b"),) * 101}, InvalidField),
        ({"fields": (("Return-Path", "<a@b.example>"),)}, InvalidField),
        ({"fields": (("dkim-signature", "v=1"),)}, InvalidField),
        ({"fields": (("Resent-To", "a@b.example"),)}, InvalidField),
        ({"fields": (("X A", "b"),)}, InvalidField),
        ({"fields": (("", "b"),)}, InvalidField),
        ({"fields": (("X-A", "b\x00c"),)}, InvalidField),
        ({"fields": (("X-A", "b\u2028c"),)}, InvalidField),
        ({"calendar": OutgoingCalendar("BEGIN:VCALENDAR", "a\r\nb")}, InvalidContentType),
        ({"attachments": (OutgoingAttachment("a", "a/b", b"", "x>\r\ny"),)}, InvalidMessageId),
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


def test_ids_of_others_are_repeated_as_they_are() -> None:
    """Some systems write none with an `@`; an answer to them belongs to a thread all the same."""
    raw = compose(outgoing(in_reply_to="0123456789", references=("a@b@c", "0123456789")))

    assert b"\r\nIn-Reply-To: <0123456789>\r\nReferences: <a@b@c>\r\n <0123456789>\r\n" in raw
    with pytest.raises(InvalidMessageId):
        compose(outgoing(message_id="0123456789"))


def test_a_refusal_names_the_field() -> None:
    """Who filled a form can see which line of it to mend."""
    with pytest.raises(InvalidAddress, match=r"^Reply-To: 'nobody'"):
        compose(outgoing(reply_to=(Mailbox(None, "nobody"),)))


def test_a_message_that_no_server_takes_is_refused() -> None:
    """Before it is stored and tried for days."""
    huge = OutgoingAttachment("a", "a/b", bytes(50 * 1024 * 1024))

    with pytest.raises(TooLarge):
        compose(outgoing(attachments=(huge,)))


def structure(part: Message, depth: int = 0) -> list[str]:
    """The types of a message's parts, indented."""
    children = part.get_payload() if part.is_multipart() else []
    lines = ["  " * depth + part.get_content_type()]
    for child in children:
        assert isinstance(child, Message)
        lines += structure(child, depth + 1)
    return lines


def test_each_form_and_file_has_its_place() -> None:
    """The richest form last, images beside the HTML that shows them, files behind all."""
    shown = OutgoingAttachment("a.png", "image/png", b"1", "1@x", inline=True)
    forgotten = OutgoingAttachment("b.png", "image/png", b"2", "2@x", inline=True)
    file = OutgoingAttachment("c.pdf", "application/pdf", b"3")
    raw = compose(
        outgoing(
            html='<img src="cid:1@x">',
            calendar=OutgoingCalendar("BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
            attachments=(file, shown, forgotten),
        )
    )

    assert structure(message_from_bytes(raw)) == [
        "multipart/mixed",
        "  multipart/alternative",
        "    text/plain",
        "    multipart/related",
        "      text/html",
        "      image/png",
        "    text/calendar",
        "  application/pdf",
        "  image/png",
    ]
    assert b'multipart/related; type="text/html";' in raw
    assert b"text/calendar; method=REQUEST; charset=utf-8\r\n" in raw


def test_a_message_of_html_alone_has_a_text_made_from_it() -> None:
    """Clocks, screen readers and filters read only that one."""
    read = parse(compose(outgoing(text=None, html="<h1>Plan</h1><ul><li>a<li>b</ul>")))

    assert read.text == "Plan\n\n- a\n- b\n"
    assert structure(message_from_bytes(compose(outgoing(text=None)))) == ["text/plain"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Good day\n\tAnn\n", "7bit"),
        ("", "7bit"),
        ("x" * 78, "7bit"),
        ("x" * 79, "quoted-printable"),
        ("-- \nAnn\n", "quoted-printable"),
        ("From here\n", "quoted-printable"),
        ("a\nFrom here\n", "quoted-printable"),
        ("a From here\n", "7bit"),
        ("a\n.\nb\n", "quoted-printable"),
        (".", "quoted-printable"),
        ("..a\n", "7bit"),
        ("a\x0cb\n" + "c" * 20, "quoted-printable"),
        ("Grüße aus Köln, bis bald", "quoted-printable"),
        ("Привет", "base64"),
        ("你好", "base64"),
        ("x" * 5_000, "quoted-printable"),
    ],
)
def test_a_text_has_the_encoding_that_keeps_it(text: str, encoding: str) -> None:
    """Relays cut, quote and break lines; what they might touch is encoded, and reads back."""
    raw = compose(outgoing(text=text))

    assert f"\r\nContent-Transfer-Encoding: {encoding}\r\n".encode() in raw
    assert b"charset=utf-8\r\n" in raw
    assert b"\r\nFrom " not in raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert parse(raw).text.rstrip("\n") == text.rstrip("\n")


def test_line_ends_of_any_kind_are_line_ends() -> None:
    """Texts come from browsers, files and templates."""
    assert parse(compose(outgoing(text="a\r\nb\rc\nd"))).text == "a\nb\nc\nd\n"


def test_several_authors_need_a_sender() -> None:
    """RFC 5322 section 3.6.2; the first of them, if none is named."""
    bob = Mailbox("Bob", "bob@example.org")
    raw = compose(outgoing(co_authors=(bob,)))

    assert b"From: Ann <ann@example.org>, Bob <bob@example.org>\r\n" in raw
    assert b"Sender: Ann <ann@example.org>\r\n" in raw
    assert parse(compose(outgoing(co_authors=(bob,), sender=bob))).sender == bob


@pytest.mark.parametrize("word", ["auto-generated", "auto-replied", "auto-notified"])
def test_robots_ask_other_robots_not_to_answer(word: str) -> None:
    """RFC 3834 section 5; Exchange knows its own field only, and is still to send bounces."""
    raw = compose(outgoing(auto_submitted=word))

    assert f"\r\nAuto-Submitted: {word}\r\n".encode() in raw
    assert b"\r\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n" in raw
    assert (word == "auto-replied") == (b"\r\nPrecedence: bulk\r\n" in raw)


def test_a_person_lets_robots_answer() -> None:
    """One wants to know that somebody is on holiday."""
    raw = compose(outgoing())

    assert b"Suppress" not in raw
    assert b"Precedence" not in raw


def test_a_name_beyond_ascii_is_written_for_old_and_new_readers() -> None:
    """RFC 2231 for those that know it, RFC 2047 in `name` for the others, no third one."""
    raw = compose(outgoing(attachments=(OutgoingAttachment("Übersicht 1.pdf", "a/b", b""),)))

    assert b'Content-Type: a/b;\r\n name="=?utf-8?Q?=C3=9Cbersicht_1=2Epdf?="\r\n' in raw
    assert b"attachment;\r\n filename*=utf-8''%C3%9Cbersicht%201.pdf\r\n" in raw


def test_no_section_of_a_name_cuts_a_character() -> None:
    """Some readers decode each by itself."""
    raw = compose(outgoing(attachments=(OutgoingAttachment("ü日" * 40, "a/b", b""),)))
    sections = re.findall(rb"filename\*\d+\*=(?:utf-8'')?([^;\r]+)", raw)

    assert len(sections) > 3
    assert "".join(unquote(each.decode(), errors="strict") for each in sections) == "ü日" * 40


def test_a_message_that_is_not_seven_bit_is_enclosed_as_a_file() -> None:
    """RFC 2046 section 5.2.1 allows message/rfc822 no encoding; the name lets it open."""
    raw = compose(
        outgoing(attachments=(OutgoingAttachment("Plan", "message/rfc822", "ü\r\n".encode()),))
    )
    read = parse(raw).attachments[0]

    assert (read.filename, read.content_type) == ("Plan.eml", "application/octet-stream")


def test_a_boundary_that_a_part_holds_is_not_taken() -> None:
    """An enclosed message of ours may have come from the same seed."""
    html = outgoing(html="<p>x</p>")
    enclosed = compose(outgoing(attachments=(OutgoingAttachment("a", "a/b", b""),)))
    twice = compose(
        outgoing(attachments=(OutgoingAttachment("a.eml", "message/rfc822", enclosed),))
    )

    assert attachment_bytes(twice, 0) == enclosed
    assert parse(compose(html)).warnings == ()
