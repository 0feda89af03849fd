"""Bodies in the charsets and encodings of all decades, labelled rightly, wrongly or not at all."""

import time

import pytest

from courrier.mail.parse import parse


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\ncaf\xe9", "café"),
        (b'Content-Type: text/plain; charset="utf-8"\r\n\r\ncaf\xc3\xa9', "café"),
        (b"Content-Type: text/plain; charset=utf-8\r\n\r\ncaf\xe9", "café"),
        (b"Content-Type: text/plain; charset=us-ascii\r\n\r\ncaf\xc3\xa9", "café"),
        (b"Content-Type: text/plain; charset=us-ascii\r\n\r\ncaf\xe9", "café"),
        (
            (b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\x93quoted\x94 \x80 5"),
            "“quoted” € 5",
        ),
        (b"Content-Type: text/plain; charset=nonsense\r\n\r\ncaf\xc3\xa9", "café"),
        (b"Content-Type: text\r\n\r\nhi", "hi"),
        (b"Content-Type: TEXT\r\n\r\nhi", "hi"),
        (b"Content-Type: text/plain; charset=\r\n\r\nhi", "hi"),
        (b"Content-Type: \r\n\r\nhi", "hi"),
        (b"Content-Type: plain\r\n\r\nhi", "hi"),
        (b"Content-Type: text/plain charset=utf-8\r\n\r\ncaf\xc3\xa9", "café"),
        (
            (b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B2q5D$G$9\x1b(B"),
            "会議です",
        ),
        (
            (b"Content-Type: text/plain; charset=shift_jis\r\n\r\n\x89\xef\x8bc\x82\xc5\x82\xb7"),
            "会議です",
        ),
        ((b"Content-Type: text/plain; charset=gb2312\r\n\r\n\xbb\xe1\xd2\xe9\xef\xdf"), "会议镞"),
        (b"Content-Type: text/plain; charset=big5\r\n\r\n\xb7|\xc4\xb3", "會議"),
        (
            (b"Content-Type: text/plain; charset=ks_c_5601-1987\r\n\r\n\xc8\xb8\xc0\xc7\x8cc"),
            "회의똠",
        ),
        ((b"Content-Type: text/plain; charset=koi8-r\r\n\r\n\xf0\xd2\xc9\xd7\xc5\xd4"), "Привет"),
        (
            (b"Content-Type: text/plain; charset=windows-1251\r\n\r\n\xcf\xf0\xe8\xe2\xe5\xf2"),
            "Привет",
        ),
        ((b"Content-Type: text/plain; charset=iso-8859-8-i\r\n\r\n\xf9\xec\xe5\xed"), "שלום"),
        (
            (b"Content-Type: text/plain; charset=utf-16\r\n\r\n\xff\xfec\x00a\x00f\x00\xe9\x00"),
            "café",
        ),
        (b"Content-Type: text/plain; charset=utf-7\r\n\r\n+AOk-t+AOk-", "été"),
        (b"Content-Type: text/plain; charset=macintosh\r\n\r\ncaf\x8e", "café"),
        (b"Content-Type: text/plain; charset=x-mac-roman\r\n\r\ncaf\x8e", "café"),
        (b"Content-Type: text/plain; charset=cp-850\r\n\r\ncaf\x82", "café"),
        (b"Content-Type: text/plain; charset=utf8mb4\r\n\r\ncaf\xc3\xa9", "café"),
        ((b"Content-Type: text/plain; charset=_iso-2022-jp$ESC\r\n\r\n\x1b$B2q\x1b(B"), "会"),
        ((b"Content-Type: text/plain; charset=unicode-1-1-utf-7\r\n\r\n+AOk-t+AOk-"), "été"),
        ((b"Content-Type: text/plain; charset=tis-620\r\n\r\n\xca\xc7\xd1\xca\xb4\xd5"), "สวัสดี"),
        (
            (
                b"X-Foo: 1\r\n\r\n"
                b"\xf0\xd2\xc9\xd7\xc5\xd4 \xd7\xd3\xc5\xcd, \xcb\xc1\xcb \xc4\xc5\xcc\xc1?"
            ),
            "Привет всем, как дела?",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: Quoted-Printable \r\n\r\ncaf=c3=a9"
            ),
            "café",
        ),
        (
            (
                b"Content-Type: text/plain\r\n"
                b"Content-Transfer-Encoding: quoted-printable\r\n\r\na=ZZb 2=2 end="
            ),
            "a=ZZb 2=2 end",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\nY2Fmw6k="
            ),
            "café",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: BASE64\r\n\r\nY2Fm w6k"
            ),
            "café",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: base64 (x)\r\n\r\nY2Fmw6k="
            ),
            "café",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: 8 bit\r\n\r\ncaf\xc3\xa9"
            ),
            "café",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: utf-8\r\n\r\ncaf\xc3\xa9"
            ),
            "café",
        ),
        (
            (
                b"Content-Type: text/plain; charset=utf-8\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\n"
                b"This is not base64 at all, sorry."
            ),
            "This is not base64 at all, sorry.",
        ),
        (
            (
                b"Content-Type: text/plain; format=flowed\r\n\r\nThis is \r\nflowed.\r\n"
                b" >space stuffed"
            ),
            "This is flowed.\n>space stuffed",
        ),
        ((b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\nabc \r\ndef"), "abcdef"),
        (b"Content-Type: text/html\r\n\r\n", ""),
        (
            (
                b"Content-Type: multipart/mixed\r\n\r\n--XX\r\nContent-Type: text/plain\r\n"
                b"\r\nHello\r\n--XX--\r\n"
            ),
            "Hello",
        ),
        (
            (
                b"MIME-Version: 1.0\r\nContent-Type: Multipart/Mixed; BOUNDARY=BB\r\n\r\n"
                b"--BB\r\nContent-Type: text/plain\r\n\r\nHello\r\n--BB--\r\n"
            ),
            "Hello",
        ),
        (
            (b"X-Mailer: ELM [version 2.4 PL24]\r\nContent-Type: text\r\n\r\nHello from elm\r\n"),
            "Hello from elm",
        ),
        (
            (
                b"X-Mailer: Windows Eudora Version 1.4.4\r\n"
                b'Content-Type: text/plain; charset="us-ascii"\r\n\r\nHello eudora'
            ),
            "Hello eudora",
        ),
    ],
)
def test_bodies_of_every_charset_read_as_written(message: bytes, expected: str) -> None:
    """Written down from the standards before our reading of them was looked at."""
    read = parse(b"From: a@x.example\r\n" + message, with_html=False)

    assert expected == read.text.rstrip("\n")


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (b"See http://x.example/page.html", "See http://x.example/page.html"),
        (b"Two files: index.html and html/a", "Two files: index.html and html/a"),
        (b"This mail needs a viewer of HTML.", "Rich"),
        (b"Your mail program shows no HTML-mail", "Rich"),
    ],
)
def test_a_plain_form_counts_unless_it_only_says_that_there_is_html(
    plain: bytes, expected: str
) -> None:
    """The address of a page is no excuse for an empty plain form."""
    around = b"Content-Type: multipart/alternative; boundary=BB\r\n\r\n--BB\r\n\r\n%b\r\n--BB\r\n"
    html = b"Content-Type: text/html\r\n\r\n<p>Rich</p>\r\n--BB--\r\n"

    assert expected == parse(around % plain + html, with_html=False).text


@pytest.mark.parametrize(
    "word", [b"=?x%d?Q?=e9?= ", b"=?x%d?Q?=e9?= a ", b"=?utf-8?Q?=e9=%02x?= a "]
)
def test_a_subject_of_words_with_wrong_labels_is_not_slow(word: bytes) -> None:
    """Every label unknown, or every word in another charset than it says."""
    subject = b"".join(word % (128 + number % 9_000) for number in range(9_000))
    started = time.process_time()

    parse(b"Subject: " + subject + b"\r\n\r\nx", with_html=False)

    assert time.process_time() - started < 2
