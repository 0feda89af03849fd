"""Subjects in every encoding, right and wrong."""

import pytest

from courrier.mail.parse import parse
from courrier.mail.to_json import to_json


@pytest.mark.parametrize(
    ("header", "name", "expected"),
    [
        (b"Subject: Hello", "subject", "Hello"),
        (b"Subject:Hello", "subject", "Hello"),
        (b"SUBJECT:   Hello   ", "subject", "Hello"),
        (b"Subject: a\r\n b", "subject", "a b"),
        (b"Subject: =?iso-8859-1?Q?a?=", "subject", "a"),
        (b"Subject: =?ISO-8859-1?Q?a?= b", "subject", "a b"),
        (b"Subject: =?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "subject", "ab"),
        (b"Subject: =?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "subject", "ab"),
        (b"Subject: =?ISO-8859-1?Q?a_b?=", "subject", "a b"),
        (b"Subject: =?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "subject", "a b"),
        (
            (
                b"Subject: =?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
                b" =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?="
            ),
            "subject",
            "If you can read this you understand the example.",
        ),
        (b"Subject: Re: =?utf-8?Q?caf=C3=A9?= ole", "subject", "Re: café ole"),
        (b"Subject: [list] =?utf-8?q?caf=c3=a9?=", "subject", "[list] café"),
        (b"Subject: =?utf-8?Q?caf=C3=A9?=: more", "subject", "café: more"),
        (b"Subject: x=?utf-8?Q?caf=C3=A9?=y", "subject", "xcaféy"),
        (b"Subject: =?utf-8?Q?a b c=C3=A9?=", "subject", "a b cé"),
        (b"Subject: =?utf-8?B?Y2Fmw6k?=", "subject", "café"),
        (b"Subject: =?UTF8?Q?caf=C3=A9?=", "subject", "café"),
        (b"Subject: =?utf-8*en?Q?caf=C3=A9?=", "subject", "café"),
        (b"Subject: =?cp1252?Q?=93caf=E9=94?=", "subject", "“café”"),
        (b"Subject: =?iso-8859-1?Q?=93caf=E9=94?=", "subject", "“café”"),
        (b"Subject: =?x-unknown?Q?caf=C3=A9?=", "subject", "café"),
        (b"Subject: =?unknown-8bit?Q?caf=E9?=", "subject", "café"),
        (b"Subject: =?gb2312?B?1tDOxA==?=", "subject", "中文"),
        (b"Subject: =?utf-8?B?8J+Yig==?= hi", "subject", "😊 hi"),
        (b"Subject: caf\xc3\xa9", "subject", "café"),
        (b"Subject: caf\xe9 cr\xe8me", "subject", "café crème"),
        (
            b"Subject: \xf0\xd2\xc9\xd7\xc5\xd4, \xcb\xc1\xcb \xc4\xc5\xcc\xc1?",
            "subject",
            "Привет, как дела?",
        ),
        (
            b"Subject: \xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0?",
            "subject",
            "Привет, как дела?",
        ),
        (
            b"Subject: \xbb\xe1\xd2\xe9\xcd\xa8\xd6\xaa\xc7\xeb\xb2\xe9\xca\xd5",
            "subject",
            "会议通知请查收",
        ),
        (b"Subject: \x1b$B2q5D$N$*CN$i$;\x1b(B", "subject", "会議のお知らせ"),
        (
            b"Subject: \x89\xef\x8bc\x82\xcc\x82\xa8\x92m\x82\xe7\x82\xb9",
            "subject",
            "会議のお知らせ",
        ),
        (b"Subject: =?utf-8?Q?a=20?= =?utf-8?Q?b?=", "subject", "a b"),
        (b"Subject: =?utf-8?Q?50% off=21?=", "subject", "50% off!"),
        (b"Subject: =?utf-8?Q?bad=ZZ?=", "subject", "bad=ZZ"),
        (b"Subject: =?broken", "subject", "=?broken"),
        (b"Subject: 2 + 2 =?= 4", "subject", "2 + 2 =?= 4"),
        (b"Subject: =?utf-8?Q?a?==?utf-8?Q?b?=", "subject", "ab"),
        (b"Subject: first\r\nSubject: second", "subject", "first"),
        (b"Subject : spaced", "subject", "spaced"),
        (b"Subject: nul\x00led", "subject", "nulled"),
        (b"Subject: =?utf-7?Q?+AOk-t+AOk-?=", "subject", "été"),
        (b'Subject: "=?utf-8?Q?caf=C3=A9?="', "subject", '"café"'),
        (b"Subject: (=?utf-8?Q?caf=C3=A9?=)", "subject", "(café)"),
        (
            (
                b"From joe@example.com Mon Jan 12 10:11:12 1998\r\n"
                b"From: joe@example.com (Joe)\r\nSubject: mbox"
            ),
            "subject",
            "mbox",
        ),
        (
            (
                b">From joe@example.com Mon Jan 12 10:11:12 1998\r\n"
                b"From: joe@example.com (Joe)\r\nSubject: mbox"
            ),
            "subject",
            "mbox",
        ),
        (b"\xef\xbb\xbfFrom: joe@example.com\r\nSubject: bom", "subject", "bom"),
        (b"Subject: caf\xc3\xa9 \xf0\x9f\x98", "subject", "caf\xe9 \ufffd"),
        (b"Subject: caf\xe9", "subject", "caf\xe9"),
    ],
)
def test_subjects_are_decoded_as_they_were_meant(
    header: bytes, name: str, expected: str | None
) -> None:
    """Written down from the standards before our reading of them was looked at."""
    read = to_json(parse(header + b"\r\n\r\nbody\r\n", with_html=False))

    assert expected == read[name]
