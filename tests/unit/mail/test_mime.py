# ruff: noqa: E501 (a message stands on one line, as its form is what matters)
import base64
import hashlib

import pytest

from courrier.mail.parse import attachment_bytes, parse

HEAD = b"From: ann@b.example\nSubject: Hi\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\n'
PDF = b"Content-Type: application/pdf; name=a.pdf\n\npdf\n"


def outline(raw: bytes) -> tuple[str, list[str | None]]:
    """The text, and the name, else the type, of each attachment."""
    message = parse(raw)
    return message.text, [each.filename or each.content_type for each in message.attachments]


@pytest.mark.parametrize(
    ("raw", "text", "names"),
    [
        # RFC 2046 section 5.1.1
        (MIXED + b"--b\n\nhi\n--b\n" + PDF + b"--b--\n", "hi", ["a.pdf"]),
        (MIXED + b"preamble\n--b\n\nhi\n--b--\nepilogue\n", "hi", []),
        (MIXED + b"\n--b  \t\n\nhi\n--b--  \nepilogue", "hi", []),
        (MIXED + b"--b\n\nhi\n\n--b--\n", "hi\n", []),
        (MIXED + b"--b\r\n\r\nhi\r\n--b--", "hi", []),
        (MIXED + b"--b\nContent-Type: text/plain\n--b--", "", []),
        # boundaries that are no good
        (MIXED + b"--b\n\nhi\n--b\n" + PDF, "hi", ["a.pdf"]),
        (MIXED.replace(b'"b"', b"b") + b"--b\n\nhi\n--b--\n", "hi", []),
        (MIXED.replace(b'"b"', b'"b') + b"--b\n\nhi\n--b--\n", "hi", []),
        (MIXED.replace(b'"b"', b'"b "') + b"--b\n\nhi\n--b--\n", "hi", []),
        (MIXED.replace(b'"b"', b'"b" ; ; charset=x') + b"--b\n\nhi\n--b--\n", "hi", []),
        (MIXED.replace(b'"b"', b'"c"') + b"--b\nContent-Type: text/plain\n\nhi\n--b--\n", "hi", []),
        (MIXED.replace(b'; boundary="b"', b"") + b"--b\n\nhi\n--b\n" + PDF + b"--b--\n", "hi",
         ["a.pdf"]),
        (MIXED.replace(b'"b"', b'""') + b"--b\n\nhi\n--b--\n", "hi", []),
        (MIXED.replace(b'"b"', b'"--b"') + b"--b\nContent-Type: text/plain\n\nhi\n--b--\n", "hi", []),
        (MIXED + b"no parts at all\n", "no parts at all\n", []),
        (MIXED + b"--b--\n", "--b--\n", []),
        (HEAD + b"\n--b\nContent-Type: text/plain\n\nhi\n--b\n" + PDF + b"--b--\n", "hi",
         ["a.pdf"]),
        # one boundary begins as another does
        (MIXED + b"--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nhi\n--bb--\n--b\n"
         + PDF + b"--b--\n", "hi", ["a.pdf"]),
        (MIXED + b'--b\nContent-Type: multipart/mixed; boundary="b--1"\n\n--b--1\n\nhi\n--b--1--\n'
         b"--b\n" + PDF + b"--b--\n", "hi", ["a.pdf"]),
        (MIXED + b"--b\n\nhi\n--bc\nmore\n--b--\n", "hi\n--bc\nmore", []),
        # two multiparts have one
        (MIXED + b'--b\nContent-Type: multipart/alternative; boundary="b"\n\n--b\n\nhi\n--b\n'
         b"Content-Type: text/html\n\n<p>hi</p>\n--b--\n--b\n" + PDF + b"--b--\n", "hi", ["a.pdf"]),
        # an inner one does not end
        (MIXED + b"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nhi\n--b\n" + PDF
         + b"--b--\n", "hi", ["a.pdf"]),
        # parts behind the end
        (MIXED + b"--b\n\nhi\n--b--\n\n--b\n" + PDF + b"--b--\n", "hi", ["a.pdf"]),
        # a whole multipart is encoded
        (MIXED.replace(b"\n\n", b"\nContent-Transfer-Encoding: base64\n\n")
         + base64.encodebytes(b"--b\n\nhi\n--b\n" + PDF + b"--b--\n"), "hi", ["a.pdf"]),
        (MIXED.replace(b"\n\n", b"\nContent-Transfer-Encoding: quoted-printable\n\n")
         + b"--b\n\nh=\ni\n--b\n" + PDF + b"--b--\n", "h=\ni", ["a.pdf"]),
        # types that are none
        (HEAD + b"Content-Type: text\n\nhi", "hi", []),
        (HEAD + b"Content-Type: text/\n\nhi", "hi", []),
        (HEAD + b"Content-Type: TEXT/Plain ; Charset=UTF-8\n\nhi", "hi", []),
        (HEAD + b'Content-Type: "text/plain"; charset=utf-8\n\nhi', "hi", []),
        (HEAD + b"Content-Type: text/plain charset=iso-8859-1\n\ncaf\xe9", "café", []),
        (HEAD + b"Content-Type: text/plain; charset=iso-8859-1; charset=utf-8\n\ncaf\xe9", "café", []),
        (HEAD + b"Content-Type: text/plain;; charset=iso-8859-1;\n\ncaf\xe9", "café", []),
        (HEAD + b"Content-Type: text/plain, charset=koi8-r\n\n\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", []),
        (HEAD + b"Content-Type: text/plain; charset = 'koi8-r'\n\n\xf0\xd2\xc9\xd7\xc5\xd4", "Привет",
         []),
        (HEAD + b"Content-Type: ; charset=koi8-r\n\n\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", []),
        (HEAD + b"Content-Type: (a) text/plain (b); charset=utf-8 (c)\n\nhi", "hi", []),
        (HEAD + b"Content-Type:\n\nhi", "hi", []),
        (HEAD + b"Content-Type: @@@\n\nhi", "hi", []),
        (HEAD + b"Content-Type: text/plain; charset=\n\nhi", "hi", []),
        (HEAD + b"Content-Type:\nContent-Type: text/plain; charset=koi8-r\n\n\xf0\xd2\xc9\xd7\xc5\xd4",
         "Привет", []),
        (HEAD + b"Content-Type: mul'tipart/mixed; boundary=b\n\n--b\n\nhi\n--b--", "hi", []),
        (HEAD + b"Content-Type: image\n\nhi", "", ["application/octet-stream"]),
        (HEAD + b"Content-Type: multipart; boundary=b\n\n--b\n\nhi\n--b--", "hi", []),
        # a message inside is one file
        (MIXED + b"--b\n\nhi\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n--c\nin\n--b--\n", "hi",
         ["message/rfc822"]),
        (HEAD + b'Content-Type: multipart/digest; boundary="b"\n\n--b\n\nSubject: x\n\n1\n--b\n\n'
         b"Subject: y\n\n2\n--b--\n", "", ["message/rfc822", "message/rfc822"]),
        (MIXED + b"--b\n\nhi\n--b\nContent-Type: message/partial; id=x; number=1\n\nx\n--b--", "hi",
         ["message/partial"]),
        (MIXED + b"--b\n\nhi\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
         b"--b--", "hi", ["text/calendar"]),
        # headers of parts
        (MIXED + b"--b\n\nNote: this is text\n--b--\n", "Note: this is text", []),
        (MIXED + b"--b\n\nContent-Type: text/html\n\n<p>hi</p>\n--b--\n", "hi", []),
        (MIXED + b"--b\nhi\nthere\n--b--\n", "hi\nthere", []),
    ],
)  # fmt: skip
def test_a_message_is_cut_into_its_parts(raw: bytes, text: str, names: list[str | None]) -> None:
    """RFC 2045 and 2046, kept, bent and broken."""
    assert (text.strip("\n"), names) == (outline(raw)[0].strip("\n"), outline(raw)[1])


FORWARDED = b"Subject: caf\xe9\r\nTo: x\r\n\r\n--b \r\n trailing \r\n"


@pytest.mark.parametrize("encoding", [b"7bit", b"8bit", b"binary", b"", b"base64"])
def test_an_enclosed_message_is_kept_to_the_byte(encoding: bytes) -> None:
    """Its size and hash are those of what was sent, whatever is wrong with it."""
    body = base64.encodebytes(FORWARDED) if encoding == b"base64" else FORWARDED + b"\r\n"
    raw = (
        b"Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: message/rfc822\r\n"
        b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body + b"--xx--\r\n"
    )

    (enclosed,) = parse(raw).attachments
    assert (len(FORWARDED), hashlib.sha256(FORWARDED).hexdigest()) == (
        enclosed.size,
        enclosed.sha256,
    )
    assert FORWARDED == attachment_bytes(raw, 0)


def test_signed_mail_is_listed_part_by_part() -> None:
    """The signature is a file; what is signed is read like any mail, and can be fetched as it is."""
    raw = (
        HEAD + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=s'
        b"\n\n--s\nContent-Type: text/plain\n\nsigned \n--s\nContent-Type: application/pkcs7-signature;"
        b" name=smime.p7s\nContent-Transfer-Encoding: base64\n\nAAEC\n--s--\n"
    )

    message = parse(raw)
    assert "signed " == message.text
    assert ["smime.p7s"] == [each.filename for each in message.attachments]
    assert b"\x00\x01\x02" == attachment_bytes(raw, 0)


def test_an_encrypted_message_is_one_file() -> None:
    """Nothing can be read of it, and nothing is lost."""
    raw = (
        HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n"
        b"Content-Transfer-Encoding: base64\n\nAAEC\n"
    )

    assert ("", ["smime.p7m"]) == outline(raw)


@pytest.mark.parametrize(
    ("header", "subject", "text"),
    [
        (b"Subject: a\n\n", "a", "hi"),
        (b"\xef\xbb\xbfSubject: a\n\n", "a", "hi"),
        (b"\r\n\r\nSubject: a\r\n\r\n", "a", "hi"),
        (b"From ann Mon Jan 12 10:11:12 2026\nSubject: a\n\n", "a", "hi"),
        (b">From ann Mon Jan 12 10:11:12 2026\nSubject: a\n\n", "a", "hi"),
        (b"Received: x\n>From ann Mon Jan 12 10:11:12 2026\nSubject: a\n\n", "a", "hi"),
        (b"Subject : a\n\n", "a", "hi"),
        (b"Subject\t: a\n\n", "a", "hi"),
        (b"Subject:a\n\n", "a", "hi"),
        (b"SUBJECT: a\n\n", "a", "hi"),
        (b"Subject:\n a\n\n", "a", "hi"),
        (b"Subject:\n\n", "", "hi"),
        (b"Subject: a\n b\n\n", "a b", "hi"),
        (b"Subject: a\n\tb\n\n", "a b", "hi"),
        (b"Subject: a\n \n b\n\n", "a  b", "hi"),
        (b"Subject: a\r\n b\r\n\r\n", "a b", "hi"),
        (b"Subject: a\r b\r\r", "a b", "hi"),
        (b"Subject: a\r\r\nTo: x\r\r\n\r\r\n", "a", "hi"),
        (b"Subject: a\x00b\n\n", "ab", "hi"),
        (b"Subject: a\nSubject: b\n\n", "a", "hi"),
        (b"Subject:\nSubject: b\n\n", "b", "hi"),
        (b"X\nSubject: a\n\n", "a", "hi"),
        (b"X-A: 1\nno field\nSubject: a\n\n", "a", "hi"),
        (b"Subject: a\nX-B: b\n", "a", "hi"),
        (b"X-\xe9: b\nSubject: a\n\n", "a", "hi"),
        (b": x\nSubject: a\n\n", "a", "hi"),
        (b"", None, "hi"),
        (b"\n", None, "hi"),
        (b"hello\n", None, "hello\nhi"),
        (b"http://b.example/\n", None, "http://b.example/\nhi"),
    ],
)
def test_a_header_is_read_where_it_is_one(header: bytes, subject: str | None, text: str) -> None:
    """RFC 5322 sections 2.2 and 4, and what transport makes of them."""
    message = parse(header + b"hi")

    assert (subject, text) == (message.subject, message.text)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Časopis pro čtenáře", "cp1250"), ("Отчет", "koi8_r"), ("Ответ", "cp1251"),
        ("発注", "cp932"), ("発注", "euc_jp"), ("订单", "gb18030"), ("訂單", "big5"),
        ("주문", "cp949"), ("Ödeme günü", "iso8859_9"), ("Πρόταση", "iso8859_7"),
    ],
)  # fmt: skip
def test_raw_headers_are_in_the_charset_of_the_text(text: str, codec: str) -> None:
    """One word is too short for a guess, but the message says what its text is in."""
    raw = (
        f"From: {text} <a@b.example>\nSubject: {text}\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        f"Content-Type: text/plain; charset={codec}\n\n{text}\n--b\n"
        f'Content-Disposition: attachment; filename="{text}.pdf"\n\nx\n--b--\n'
    ).encode(codec)

    message = parse(raw)
    assert message.from_ is not None
    assert (text, text, text) == (message.subject, message.from_.name, message.text)
    assert [f"{text}.pdf"] == [each.filename for each in message.attachments]


def test_lists_that_are_cut_short_are_named() -> None:
    """Nobody need guess whether all recipients are there."""
    raw = b"To: " + b"a@b," * 10_001 + b"\nReferences: " + b"<%d@b>" * 1_001 % tuple(range(1_001))

    message = parse(raw + b"\n\nx")
    assert (10_000, 1_000) == (len(message.to), len(message.references))
    assert ("too many addresses", "too many references") == message.warnings


def test_the_first_date_that_is_one_counts() -> None:
    """A gateway may add its own beside a broken one."""
    message = parse(b"Date: soon\nDate: 12 Jan 2026 10:11:12 +0000\n\nx")

    assert message.date is not None
    assert ("2026-01-12T10:11:12+00:00", ()) == (message.date.isoformat(), message.warnings)
