import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courrier.mail.limits import MAX_PARTS
from courrier.mail.parse import attachment_bytes, parse, summarise
from courrier.mail.to_json import to_json

HOSTILE_BYTES = 2_000_000
HOSTILE_SECONDS = 5.0

FRAGMENTS = [
    b"From: ", b"To: ", b"Subject: ", b"Date: ", b"References: ", b"Content-Type: ", b"text/html",
    b"multipart/mixed; boundary=b", b"multipart/report", b"message/delivery-status", b"--b\r\n",
    b"--b--\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"=?utf-8?b?", b"?=", b"=?x?q?=41?=",
    b"<a@b>",
    b'"', b"(", b")", b"<", b">", b"\\", b",", b";", b":", b"\x00", b"\xff", b"\xed\xa0\x80", b" ",
    b"charset=utf-7", b"charset=utf-16", b"+2AA-", b"Content-Transfer-Encoding: base64", b"YQ==",
    b"=C3", b"&#xD800;", b"<p style='color:red'>", b"<blockquote type=cite>", b"filename*0*=x'y'%",
    b"MAILER-DAEMON", b"5.1.1", b"On 1 Jan 2025 a@b wrote:", b"> x", b"-- \n", b"begin 644 a\n",
]  # fmt: skip


@given(st.binary(max_size=400) | st.lists(st.sampled_from(FRAGMENTS), max_size=60).map(b"".join))
@settings(max_examples=250, deadline=None)
def test_any_bytes_give_a_value_that_json_and_unicode_can_carry(raw: bytes) -> None:
    """Whatever came off the wire, the answer is plain valid Unicode."""
    written = json.dumps(to_json(parse(raw)), ensure_ascii=False)

    assert "\x00" not in written
    assert written.encode("utf-8")


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=60).map(b"".join))
@settings(max_examples=120, deadline=None)
def test_a_summary_says_the_same_as_the_whole(raw: bytes) -> None:
    """The fetcher and the HTTP interface never disagree about a message."""
    summary, whole = summarise(raw), parse(raw)

    names = set(type(summary).__slots__) - {"text"}
    assert {name: getattr(whole, name) for name in names} == {
        name: getattr(summary, name) for name in names
    }


HOSTILE = {
    "header of one character": b"To: " + b"(" * HOSTILE_BYTES,
    "unclosed quotes": b"To: " + b'"\\' * (HOSTILE_BYTES // 2),
    "unclosed words": b"Subject: " + b"=?a?q?" * (HOSTILE_BYTES // 6),
    "comments in references": b"References: " + b'("\\' * (HOSTILE_BYTES // 3),
    "fields": b"abc: def\r\n" * (HOSTILE_BYTES // 10),
    "carriage returns": b"\r" * HOSTILE_BYTES,
    "parts": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * (HOSTILE_BYTES // 5),
    "dashes": b'Content-Type: multipart/mixed; boundary="-"\n\n' + b"-" * HOSTILE_BYTES,
    "nesting": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each)
        for each in range(HOSTILE_BYTES // 60)
    ),
    "open elements": b"Content-Type: text/html\n\n" + b"<div>" * (HOSTILE_BYTES // 5),
    "misnested elements": b"Content-Type: text/html\n\n"
    + b"".join(b"<p><b id=%d>" % each for each in range(350))
    + b"<p>x" * 110_000,
    "ampersands": b"Content-Type: text/html\n\n" + b"&" * 500_000,
    "attributes": b"Content-Type: text/html\n\n<p "
    + b" ".join(b"a%d=b" % each for each in range(60_000)),
    "flowed lines": b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * (HOSTILE_BYTES // 3),
    "quotes": b"\n" + b"> a\n" * (HOSTILE_BYTES // 4),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_takes_a_bounded_time(name: str) -> None:
    """Two megabytes made to be slow are read within the five seconds that the interface grants."""
    started = time.process_time()
    parse(HOSTILE[name])

    assert time.process_time() - started < HOSTILE_SECONDS


@pytest.mark.parametrize(
    "charset", ["utf-7", "utf-16", "punycode", "unicode_escape", "hex", "none"]
)
def test_no_charset_smuggles_in_half_a_character(charset: str) -> None:
    """A lone surrogate would stop JSON, PostgreSQL and the sanitiser."""
    text = b"+2AA- \\ud800"
    raw = b"Content-Type: text/html; charset=" + charset.encode() + b"\n\n" + text

    assert json.dumps(to_json(parse(raw)), ensure_ascii=False).encode("utf-8")


def test_more_parts_than_the_limit_are_left_out_and_said() -> None:
    """What is dropped is named."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: a/b\n\nc\n" * 2_000
    )

    message = parse(raw)

    assert len(message.attachments) <= MAX_PARTS
    assert "too many parts" in message.warnings


def test_an_attachment_is_read_by_its_place_in_the_list() -> None:
    """The bytes given out are those whose hash was given."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x\r\n"
        b"Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--x--\r\n"
    )

    assert attachment_bytes(raw, 0) == b"\x00\x01\x02"
    assert attachment_bytes(raw, 1) is None
    assert attachment_bytes(raw, -1) is None
